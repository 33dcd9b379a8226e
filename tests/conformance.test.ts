/**
 * Which clauses of the behaviour rows hold, and by which test: docs/conformance.md. A clause without a test, a test with an
 * unknown id, and a page that is out of date fail here.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { clk } from "./clauses/clk.js";
import { err } from "./clauses/err.js";
import { irq } from "./clauses/irq.js";
import { mbx } from "./clauses/mbx.js";
import { msg } from "./clauses/msg.js";
import { pip } from "./clauses/pip.js";
import { poll } from "./clauses/poll.js";
import { pool } from "./clauses/pool.js";
import { shm } from "./clauses/shm.js";
import { sig } from "./clauses/sig.js";
import { soc } from "./clauses/soc.js";
import { syn } from "./clauses/syn.js";
import { tfl } from "./clauses/tfl.js";
import { trc } from "./clauses/trc.js";
import { tsk } from "./clauses/tsk.js";
import type { Clauses } from "./support.js";

const test = suite("conformance");
const here = dirname(fileURLToPath(import.meta.url));
const page = join(here, "..", "docs", "conformance.md");

const areas: [title: string, clauses: Clauses][] = [
  ["Errors, timeouts, handles, lifetime", err],
  ["Tasks and the scheduler", tsk],
  ["Thread flags and notification", tfl],
  ["Interrupts", irq],
  ["Time and timers", clk],
  ["Signals", sig],
  ["Pipes", pip],
  ["Message queues", msg],
  ["Mailboxes", mbx],
  ["Block pools", pool],
  ["Shared memory", shm],
  ["Sockets", soc],
  ["Poll", poll],
  ["Synchronisation", syn],
  ["Traces and runs", trc],
];
const known: Clauses = Object.assign({}, ...areas.map(([, clauses]) => clauses));

/** The tests that carry each id, as "file: name". */
function proofs(): Map<string, string[]> {
  const found = new Map<string, string[]>();
  const files = readdirSync(here, { recursive: true, encoding: "utf8" }).filter((f) => f.endsWith(".test.ts"));
  for (const file of files.sort()) {
    const text = readFileSync(join(here, file), "utf8");
    for (const [, quote, name] of text.matchAll(/\btest\(\s*(["'`])((?:(?!\1)[^\\]|\\.)*)\1/g)) {
      void quote;
      const [ids, ...claim] = splitIds(name as string);
      for (const id of ids) found.set(id, [...(found.get(id) ?? []), `${relative(here, join(here, file))}: ${claim.join("")}`]);
    }
  }
  return found;
}

/** "SYN-01a SYN-01b a claim" -> [["SYN-01a", "SYN-01b"], "a claim"]. */
function splitIds(name: string): [string[], string] {
  const ids: string[] = [];
  let rest = name;
  for (let next = /^([A-Z]{3}-\d\d[a-z]?)[,:]?\s+/.exec(rest); next; next = /^([A-Z]{3}-\d\d[a-z]?)[,:]?\s+/.exec(rest)) {
    ids.push(next[1] as string);
    rest = rest.slice(next[0].length);
  }
  return [ids, rest];
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("<", "&lt;");
}

function written(found: Map<string, string[]>): string {
  const proven = Object.entries(known).filter(([id]) => found.has(id)).length;
  const open = Object.values(known).filter((clause) => typeof clause !== "string").length;
  const lines = [
    "# Conformance",
    "",
    "Written by the test run. Each clause of the kernel's behaviour, and the test that proves it; an open one says what must exist first.",
    "",
    `${proven} clauses proven, ${open} open.`,
    "",
  ];
  for (const [title, clauses] of areas) {
    lines.push(`## ${title}`, "", "| clause | claim | proven by |", "| --- | --- | --- |");
    for (const [id, clause] of Object.entries(clauses)) {
      const claim = typeof clause === "string" ? clause : clause.claim;
      const by = found.get(id) ?? [];
      const shown = typeof clause === "string" || by.length > 0 ? by.map(cell).join("<br>") : `open: ${cell(clause.opens)}`;
      lines.push(`| ${id} | ${cell(claim)} | ${shown} |`);
    }
    lines.push("");
  }
  return lines.join("\n");
}

test("every clause that is not open is proven by a test that carries its id", () => {
  const found = proofs();
  const missing = Object.entries(known).filter(([id, clause]) => typeof clause === "string" && !found.has(id));
  assert.equal(
    missing.map(([id]) => id),
    [],
  );
});

test("a clause that is open is proven by no test: who proves it closes it", () => {
  const found = proofs();
  const proven = Object.entries(known).filter(([id, clause]) => typeof clause !== "string" && found.has(id));
  assert.equal(
    proven.map(([id]) => id),
    [],
  );
});

test("every id in a test's name is a clause", () => {
  const unknown = [...proofs().keys()].filter((id) => !(id in known));
  assert.equal(unknown, []);
});

test("docs/conformance.md says what the tests say", () => {
  const text = written(proofs());
  let before = "";
  try {
    before = readFileSync(page, "utf8");
  } catch {
    // There was none yet.
  }
  if (before !== text) writeFileSync(page, text);
  assert.is(before, text, "docs/conformance.md was out of date and has been written anew: look at it and commit it");
});

test.run();
