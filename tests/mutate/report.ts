/** What became of the faults, as tables and sentences. */
import CliTable from "cli-table3";
import pc from "picocolors";
import { equivalentTo } from "./equivalent.js";
import { KINDS } from "./plant.js";
import type { Verdict } from "./trial.js";

/** A verdict with the source line of its fault, and why that changes nothing, if it is listed so. */
export interface Judged extends Verdict {
  line: string;
  reason?: string;
}

/** `source` is the line with its indentation. */
export function judged(verdict: Verdict, source: string, list?: Parameters<typeof equivalentTo>[2]): Judged {
  const line = source.trim();
  const entry = equivalentTo(verdict.mutant, line, list, source.slice(verdict.mutant.column - 1));
  return { ...verdict, line, ...(entry ? { reason: entry.reason } : {}) };
}

/** Of faults that are not listed as equivalent, how many percent were noticed. */
export function noticedShare(verdicts: readonly Judged[]): number {
  const counted = verdicts.filter(({ reason }) => reason === undefined);
  const noticed = counted.filter(({ outcome }) => outcome !== "survived");
  return counted.length === 0 ? 100 : (100 * noticed.length) / counted.length;
}

function row(name: string, verdicts: readonly Judged[]): (string | number)[] {
  const counted = verdicts.filter(({ reason }) => reason === undefined);
  const count = (outcome: Verdict["outcome"]) => counted.filter((each) => each.outcome === outcome).length;
  const share = (Math.floor(noticedShare(verdicts) * 10) / 10).toFixed(1);
  return [name, verdicts.length, count("noticed"), count("timed out"), count("survived"), verdicts.length - counted.length, share];
}

/** By kind and by file. */
export function tableOf(verdicts: readonly Judged[]): string {
  const table = new CliTable({
    head: ["", "planted", "noticed", "timed out", "survived", "equivalent", "noticed %"],
    colAligns: ["left", "right", "right", "right", "right", "right", "right"],
    style: { head: [], border: [], compact: true },
  });
  const group = (name: string, of: (verdict: Judged) => string) => {
    const own = verdicts.filter((verdict) => of(verdict) === name);
    if (own.length > 0) table.push(row(name, own));
  };
  for (const kind of KINDS) group(kind, ({ mutant }) => mutant.kind);
  const files = [...new Set(verdicts.map(({ mutant }) => mutant.file))].sort();
  for (const file of files) group(file, ({ mutant }) => mutant.file);
  table.push(row("all", verdicts).map((cell) => pc.bold(cell)));
  return table.toString();
}

/** A fault in lines: where, what, what was tried, and its name for another try. */
export function sentences({ mutant, line, by, outcome }: Judged): string {
  const func = mutant.func.slice(mutant.func.lastIndexOf("/") + 1);
  const head = `${mutant.file}:${mutant.line}:${mutant.column} ${func}: ${mutant.change}`;
  return [head, `    ${line}`, `    ${outcome}: ${by.split("\n")[0]}`, `    --mutant '${mutant.id}'`].join("\n");
}

/** Faults that are listed as equivalent, and were noticed all the same. */
export function contradictions(verdicts: readonly Judged[]): Judged[] {
  return verdicts.filter(({ reason, outcome }) => reason !== undefined && outcome !== "survived");
}
