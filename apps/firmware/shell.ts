/**
 * A shell on the console: every command of a pipeline is a task, joined to its neighbours by pipes of the kernel.
 *
 *     talea run apps/firmware/shell.ts                              on a terminal; help lists the commands
 *     echo 'seq 100 | wc' | talea run apps/firmware/shell.ts --no-prompt
 *
 *     shell/prompt.ts     asks, and has each line done
 *     shell/line.ts       reads a line and takes it to pieces
 *     shell/control.ts    jobs: starts them, waits for them, hands them Ctrl-C and Ctrl-Z
 *     shell/job.ts        the tables of jobs and of their commands
 *     shell/stream.ts     what a command reads and writes
 *     shell/commands.ts   the table of commands, with filters.ts, facts.ts and kill.ts
 */
import { task } from "talea/firmware";
import { SHELL } from "./shell/control";
import { converse } from "./shell/prompt";

task("shell", { priority: SHELL, stack: 2048 }, () => converse());
