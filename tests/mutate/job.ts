/** What a process of the suite is asked, and what it answers. */

/** Run these tests on this kernel, until one fails. */
export interface Job {
  /** The file of the kernel that stands for the release and the debug kernel, and of the one for the small. */
  kernel: string;
  small: string;
  /** Numbers of tests, in the order in which they are to run; all, in their own order, where it is left out. */
  tests?: number[];
  /** Whether to go on behind a test that fails. */
  all: boolean;
  /** Milliseconds of CPU time after which no further test begins. */
  budget: number;
}

/** Of one test: its name, why it failed if it did, milliseconds of CPU time, what of the kernel's counters it passed. */
export interface Ran {
  number: number;
  name: string;
  failed?: string;
  cost: number;
  passed: number[];
}

export interface Answer {
  ran: Ran[];
  /** Tests that did not begin any more. */
  left: number;
  /** Milliseconds of CPU time of the whole process. */
  spent: number;
  /** The names of all tests, by number; only where none was asked for. */
  names: string[];
}
