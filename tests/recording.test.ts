/** Recordings: the format, and what of it is refused. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Entry, RecordingError, RecordingWriter, readRecording, type Setting } from "../hal/host/recording.js";

const test = suite("recording");

const SETTING: Setting = { app: "http.ts", seed: 7, until: 5000, args: ["--fast", "ä\n"], forward: [{ address: 0x0a000001, port: 80 }] };
const CLOSE = { ending: "interrupted", steps: { app: 90 }, hash: "0123456789ABCDEF" };
const ANY = Uint8Array.from({ length: 70000 }, (_, i) => i & 255);
const machine = "app";
const ENTRIES: Entry[] = [
  { machine, step: 0, what: { event: "paced" } },
  { machine, step: 0, what: { event: "type", bytes: ANY } },
  { machine, step: 3, what: { event: "close" } },
  { cycle: 160000, what: { event: "open", client: 1, address: 0x0a000001, port: 80 } },
  { cycle: 160000, what: { event: "data", client: 1, bytes: new TextEncoder().encode("GET / HTTP/1.1\r\n\r\n") } },
  { cycle: 160001, what: { event: "full", client: 1 } },
  { cycle: 160002, what: { event: "drained", client: 1 } },
  { cycle: 2 ** 40, what: { event: "finish", client: 1 } },
  { cycle: 2 ** 40, what: { event: "reset", client: 1 } },
  { machine, step: 90, what: { event: "interrupt" } },
  { machine, step: 90, what: { event: "interrupt", signal: 20 } },
];

function file(setting: Setting = SETTING, entries: readonly Entry[] = ENTRIES, close = CLOSE): Uint8Array {
  const writer = new RecordingWriter();
  const lines = [writer.setting(setting), ...entries.map((entry) => writer.entry(entry)), writer.close(close)];
  return Uint8Array.from(lines.flatMap((line) => [...line]));
}

/** A file of these lines, its last line with the digest that fits. */
function lines(...texts: string[]): Uint8Array {
  const text = texts.map((line) => `${line}\n`).join("");
  const end = { event: "over", ending: "finished", steps: { app: 90 }, hash: "00" };
  let digest = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text + JSON.stringify(end))) digest = Math.imul(digest ^ byte, 0x01000193);
  const last = { ...end, digest: (digest >>> 0).toString(16).padStart(8, "0") };
  return new TextEncoder().encode(`${text}${JSON.stringify(last)}\n`);
}

const HEAD = '{"talea":"recording","version":1,"app":"a.ts","args":[],"forward":[]}';

/** Why a file is refused. */
function refusal(bytes: Uint8Array | string): string {
  try {
    readRecording(typeof bytes === "string" ? new TextEncoder().encode(bytes) : bytes);
  } catch (error) {
    assert.instance(error, RecordingError);
    return (error as Error).message;
  }
  return "none";
}

test("what is compiled is read too: the firmware beside the app, and the grain", () => {
  for (const compiled of [{ grain: "access" }, { firmware: "blink.wasm", grain: "loop" }] as const) {
    const { entries: _, close: __, ...setting } = readRecording(file({ ...SETTING, ...compiled }));
    assert.equal(setting, { ...SETTING, ...compiled });
  }
  const head = (more: string) => HEAD.replace('"args"', `${more},"args"`);
  assert.is(refusal(lines(head('"grain":"loop"'))), "none");
  for (const more of ['"grain":"coarse"', '"grain":1', '"firmware":7']) assert.is(refusal(lines(head(more))), "is damaged in line 1");
});

test("SOC-11b what was written is read: the setting, every sort of event, and how it ended", () => {
  const { entries, close, ...setting } = readRecording(file());
  assert.equal(setting, SETTING);
  assert.equal(entries, ENTRIES);
  assert.equal(close, CLOSE);
});

test("SOC-11b a run without a seed, arguments, events is a recording too", () => {
  const setting = { app: "a.ts", seed: undefined, until: undefined, args: [], forward: [] };
  const { entries, ...rest } = readRecording(file(setting, []));
  assert.equal(rest, { ...setting, close: CLOSE });
  assert.equal(entries, []);
});

test("SOC-11b a recording is lines of JSON, a character for each byte", () => {
  const text = new TextDecoder().decode(file(SETTING, ENTRIES.slice(2, 5)));
  assert.equal(text.split("\n").slice(0, 5), [
    '{"talea":"recording","version":1,"app":"http.ts","seed":7,"until":5000,"args":["--fast","ä\\n"],"forward":["10.0.0.1:80"]}',
    '{"machine":"app","step":3,"event":"close"}',
    '{"cycle":160000,"event":"open","client":1,"to":"10.0.0.1:80"}',
    '{"cycle":160000,"event":"data","client":1,"bytes":"GET / HTTP/1.1\\r\\n\\r\\n"}',
    '{"event":"over","ending":"interrupted","steps":{"app":90},"hash":"0123456789ABCDEF","digest":"912b3305"}',
  ]);
});

test("SOC-11b an empty file, a foreign one and one of a newer talea are refused", () => {
  assert.is(refusal(""), "is empty");
  const foreign = "is no recording of talea run: its first line does not say that it is one";
  for (const text of ["hello\n", "{}\n", "null\n", '{"talea":"trace"}\n', "\u0000\u0001\u0002", "\n\n"]) assert.is(refusal(text), foreign);
  assert.is(refusal(Uint8Array.of(0xff, 0xfe, 10)), foreign);
  const newer = HEAD.replace('"version":1', '"version":2');
  assert.is(refusal(lines(newer)), "has version 2 of the format, and this talea reads version 1");
});

test("SOC-11b a file that is cut off anywhere is refused", () => {
  const whole = file(SETTING, ENTRIES.slice(2));
  assert.is(refusal(whole), "none");
  const head = whole.indexOf(10) + 1;
  for (let length = head; length < whole.length; length++) {
    assert.is(refusal(whole.subarray(0, length)), "is cut off: its last line does not say how the run ended", `${length} bytes`);
  }
  for (let length = 1; length < head; length++) assert.match(refusal(whole.subarray(0, length)), /^is (no recording|cut off)/);
});

test("SOC-11b a file in which any byte was changed is refused", () => {
  const whole = file(SETTING, ENTRIES.slice(2));
  for (let at = 0; at < whole.length; at++) {
    const changed = whole.slice();
    changed[at] = (changed[at] as number) ^ 1;
    assert.is.not(refusal(changed), "none", `byte ${at}`);
  }
  assert.match(refusal(new TextEncoder().encode(new TextDecoder().decode(whole).replace("GET", "PUT"))), /^was changed or damaged: /);
});

test("SOC-11b lines that are no events are refused by their number", () => {
  const wrong = (...events: string[]) => refusal(lines(HEAD, ...events));
  const paced = (step: number) => `{"machine":"app","step":${step},"event":"paced"}`;
  const reset = (cycle: number) => `{"cycle":${cycle},"event":"reset","client":1}`;
  assert.is(wrong(paced(1), reset(9), paced(90), reset(9)), "none");
  const bad = [
    "",
    "[]",
    '"type"',
    '{"step":1}',
    '{"machine":"app","step":1,"event":"flood"}',
    '{"machine":"app","step":1.5,"event":"paced"}',
    '{"machine":7,"step":1,"event":"paced"}',
    '{"machine":"else","step":1,"event":"paced"}',
    '{"machine":"app","event":"paced"}',
    '{"step":1,"event":"paced"}',
    '{"cycle":1,"event":"paced"}',
    '{"machine":"app","step":1,"event":"type"}',
    '{"machine":"app","step":1,"event":"type","bytes":7}',
    '{"machine":"app","step":1,"event":"type","bytes":"\u0100"}',
    '{"event":"open","client":1,"to":"10.0.0.1:80"}',
    '{"cycle":1,"event":"open","to":"10.0.0.1:80"}',
    '{"cycle":1,"event":"open","client":1}',
    '{"cycle":1,"event":"open","client":1,"to":"10.0.0.300:80"}',
    '{"cycle":1,"event":"open","client":1,"to":"10.0.0.1:80000"}',
    '{"cycle":1,"event":"data","client":1}',
    reset(-5),
    paced(-1),
    paced(0),
    paced(91),
    '{"machine":"app","step":1,"event":"interrupt","signal":0}',
    '{"machine":"app","step":1,"event":"interrupt","signal":32}',
    '{"machine":"app","step":1,"event":"interrupt","signal":"INT"}',
  ];
  for (const line of bad) assert.is(wrong(paced(1), line), "holds in line 3 what is no event of a run", line);
  assert.is(wrong(reset(5), reset(4)), "holds in line 3 what is no event of a run");
});

test("SOC-11b a first line that lacks something is refused", () => {
  const heads = [
    HEAD.replace('"a.ts"', "1"),
    HEAD.replace("[]", "[1]"),
    HEAD.replace('"forward":[]', '"forward":["10.0.0.1"]'),
    HEAD.replace(',"forward":[]', ""),
    HEAD.replace('"args"', '"seed":-1,"args"'),
    HEAD.replace('"args"', '"seed":4294967296,"args"'),
    HEAD.replace('"args"', '"until":"never","args"'),
  ];
  for (const head of heads) assert.is(refusal(lines(head)), "is damaged in line 1", head);
});

test.run();
