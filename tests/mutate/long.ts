/**
 * Tests that take so long by themselves that they are not in the suite for faults, nor asked what they pass: the beginnings of their
 * names, with the suite's before them. A test that is long and not listed is found when it is asked.
 */
export const LONG: readonly string[] = [
  "between: SOC-02e bytes between machines come in order and without",
  "between: two machines whose tasks make calls at random, over",
  "clock: ERR-02a a wait of n ticks that begins anywhere in tick",
  "clock: ERR-03h under every oracle a gift is either taken or left,",
  "console: reading and writing at once never gets stuck, wherever",
  "console: a writer or a reader that is terminated, wherever it",
  "console: a run is the same whether its input is known at once",
  "hostile: every call with every odd value answers as its row says,",
  "hostile: tasks, handlers and a callback that call at random,",
  "interruption: ERR-01c SIG-08a TSK-11e ERR-04c SIG-20a a caught",
  "interruption: SIG-08b SIG-20d SIG-20h with RESTART it goes on",
  "life: TSK-12a ending any task at any step of a run, in any wait,",
  "life: SIG-18d SIG-12i a caught signal, or a stop for a while,",
  "machine: TRC-03b TRC-03c stepped, stopped, watched or not: the",
  "network: what a machine sent before it crashed is never taken",
  "network: stopping and stepping never change a run",
  "network: 500 seeds of loss, duplication, re-ordering, a partition",
  "packet: every combination of flags, with and without bytes and",
  "packet: random packets and random calls break no invariant, and",
  "partition: both ends hear of a partition that begins soon, or",
  "poll: MSG-13a MSG-13c MSG-13d MSG-13e MSG-13f MSG-13g MSG-13h",
  "chat: under a hundred seeds nothing is lost in streams, and of",
  "http scenario: more clients than workers: who only keeps a connection",
  "http scenario: under 100 seeds every client is answered, with",
  "tour: a thousand seeds: each finishes, with all invariants at",
  "wordcount: it counts ten megabytes through pipes of 64 bytes",
  "wordcount: TRC-02a the same input has the same hash, one other",
  "together: MBX-11c with RESTART it is sent again, and may be taken",
  "together: MBX-11e once it was taken the handler runs and the",
  "together: MBX-11e once it was taken, the receiver that ends before,",
  "trace: TRC-02a a hundred seeds give at least ninety schedules,",
];

/** Whether a test is one of them. */
export function isLong(name: string): boolean {
  return LONG.some((beginning) => name.startsWith(beginning));
}
