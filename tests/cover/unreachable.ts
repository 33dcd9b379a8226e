/** Outcomes of branches of the kernel that no program can bring about, with the reason. One that a test reaches fails the check. */

export interface Unreachable {
  file: string;
  /** The source line as it stands, without its indentation. */
  line: string;
  /** The line above, where the file has several such lines. */
  above?: string;
  /** The branch is the one that begins with this text; the whole line's where it is left out. */
  at?: string;
  outcome: "true" | "false" | "case" | "default";
  reason: string;
}

const BUG = "the kernel stops itself only where it has a bug";
const LEAVES =
  "a datagram for another machine leaves its ring before a task runs again: dispatch sends it first, so nobody waits to send one";

export const unreachable: readonly Unreachable[] = [
  { file: "kernel/panic.ts", line: "if (cpu.panic == 0) cpu.panic = code;", outcome: "true", reason: BUG },
  { file: "kernel/panic.ts", line: "if (cpu.panic == 0) cpu.panic = code;", outcome: "false", reason: BUG },
  {
    file: "kernel/serve.ts",
    line: "for (let round = 0; round < ROUNDS; round++) {",
    at: "round < ROUNDS",
    outcome: "false",
    reason: BUG,
  },
  {
    file: "kernel/life.ts",
    above: "let next = task;",
    line: "for (let i = 0; i < TASKS; i++) {",
    at: "i < TASKS; i++) {",
    outcome: "false",
    reason: "a join that would close a ring is refused, so a chain of joins ends",
  },
  {
    file: "kernel/object/datagram.ts",
    line: "if (!outranked(senders) && leaves(socket, buffer, length, port, address)) return <i32>length;",
    at: "!outranked(senders)",
    outcome: "false",
    reason: LEAVES,
  },
  {
    file: "kernel/object/datagram.ts",
    above: "if (!outranked(senders) && leaves(socket, buffer, length, port, address)) return <i32>length;",
    line: "if (timeout == 0) return Errno.EAGAIN;",
    outcome: "false",
    reason: LEAVES,
  },
  { file: "kernel/object/datagram.ts", line: "while (linked(senders)) {", at: "linked(senders)", outcome: "true", reason: LEAVES },
  { file: "kernel/object/datagram.ts", line: "if (!waitingLeaves(socket, task)) break;", outcome: "true", reason: LEAVES },
  { file: "kernel/object/datagram.ts", line: "if (!waitingLeaves(socket, task)) break;", outcome: "false", reason: LEAVES },
  {
    file: "kernel/object/datagram.ts",
    line: "if (task.aside == 0) return leaves(socket, task.pointer, task.length, socket.peerPort, socket.peerAddress);",
    outcome: "true",
    reason: LEAVES,
  },
  {
    file: "kernel/object/datagram.ts",
    line: "if (task.aside == 0) return leaves(socket, task.pointer, task.length, socket.peerPort, socket.peerAddress);",
    outcome: "false",
    reason: LEAVES,
  },
  {
    file: "kernel/object/socket.ts",
    line: "if (socket.orphan) return true;",
    outcome: "true",
    reason: "an orphan's handle is stale: nobody can end it",
  },
];
