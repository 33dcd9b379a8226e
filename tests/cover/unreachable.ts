/** Outcomes of branches of the kernel that no program can bring about, with the reason. One that a test reaches fails the check. */

export interface Unreachable {
  file: string;
  /** The source line as it stands, without its indentation. */
  line: string;
  /** The branch is the one that begins with this text; the whole line's where it is left out. */
  at?: string;
  outcome: "true" | "false" | "case" | "default";
  reason: string;
}

export const unreachable: readonly Unreachable[] = [];
