/** The schedule oracle is not in the kernel: dispatch leaves the question in the CPU page, and the port its choice. */
import { Happening } from "./abi/constants";
import { cpu, kernel } from "./state";
import { emit } from "./trace";

/** The choice (0 .. choices-1) that the port made for this question, or -1: it must be asked first (Order.CHOOSE). */
export function ask(kind: u32, choices: u32): i32 {
  if (choices < 2) return 0;
  if (kernel.asked != kind) {
    kernel.asked = kind;
    cpu.choices = choices;
    cpu.choice = kind;
    return -1;
  }
  kernel.asked = 0;
  const choice = min(cpu.choice, choices - 1);
  emit(Happening.CHOICE, 0, kind, choice);
  return <i32>choice;
}
