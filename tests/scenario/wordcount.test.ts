import { suite } from "uvu";
import * as assert from "uvu/assert";
import wordcount from "../../apps/scripted/wordcount.js";
import { boot, type Console, type MachineOptions, type System } from "../../hal/host/index.js";
import { play } from "../support.js";

const test = suite("wordcount");

const SEEDS = Array.from({ length: 20 }, (_, i) => i + 1);

/** What the app must say, found in another way: by patterns over a text with a character for each byte. */
function expected(input: Uint8Array): string {
  const text = Buffer.from(input).toString("latin1");
  const lines = text.split("\n").length - 1;
  const words = text.match(/[\x21-\x7e\x80-\xff]+/g)?.length ?? 0;
  return `${[lines, words, input.length].map((n) => String(n).padStart(7)).join(" ")}\n`;
}

/** The bytes of a linear congruential generator; with `text`, mostly letters, spaces and newlines. */
function bytesOf(seed: number, length: number, text = false): Uint8Array {
  let state = seed;
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    const byte = state >>> 24;
    return text ? (" \n\tabcdefg\u00e9".charCodeAt(byte % 11) as number) : byte;
  });
}

function count(input: Uint8Array | string, options: MachineOptions = {}): string {
  const m = boot(wordcount, { input, ...options });
  m.run();
  return m.output;
}

function encoded(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

test("it prints what wc prints behind a pipe", () => {
  assert.is(count("the quick brown fox\njumps over\nthe lazy dog\n"), "      3       9      44\n");
  assert.is(count(""), "      0       0       0\n");
  assert.is(count("no final newline"), "      0       3      16\n");
});

test("it counts at every border: of pieces, of words, of the alphabet", () => {
  const inputs = [
    ...["\n", "a", " ", "\n\n\n", " a ", "a\n", "\na", "\t\v\f\r a\tb", "a\0b", "a\x7fb", "\x1f!~\x80"].map(encoded),
    encoded("Äpfel, 梨, 🍐 und naïve Wörter\n"),
    Uint8Array.from({ length: 256 }, (_, i) => i),
    Uint8Array.from({ length: 256 }, (_, i) => 255 - i),
    // Not UTF-8.
    Uint8Array.of(0xff, 0xfe, 0x20, 0xc3, 0x0a, 0x80),
    // One word longer than every buffer between the console and the counter.
    encoded("x".repeat(1000)),
    // Words and gaps that end at, before and behind every place where a piece can be cut.
    ...Array.from({ length: 70 }, (_, i) => encoded(`${"w".repeat(i)} ${"v".repeat(64 - (i % 64))}\n`.repeat(5))),
  ];
  for (const input of inputs) assert.is(count(input), expected(input));
});

test("it counts random bytes and random text", () => {
  for (let seed = 0; seed < 60; seed++) {
    const input = bytesOf(seed, (seed * 97) % 3000, seed % 2 === 0);
    assert.is(count(input), expected(input));
  }
});

test("it counts the same under every schedule, with every invariant of the kernel checked", () => {
  const input = bytesOf(3, 400, true);
  for (const seed of SEEDS) {
    const { machine, reason } = play(wordcount, { input, seed });
    assert.is(reason, "finished");
    assert.is(machine.output, expected(input));
    assert.equal(machine.report().left, []);
  }
});

test("it counts ten megabytes through pipes of 64 bytes", () => {
  const input = bytesOf(1, 10_000_000, true);
  assert.is(count(input, { trace: false, hash: false, keep: 0 }), expected(input));
});

/** The app on a console of our choice, beside a task that takes most of the CPU from it. */
function slowed(options: Parameters<System["console"]>[0], keep: (console: Console) => void): (system: System) => void {
  return (system) => {
    // The first call decides the options, and the app asks for the same console.
    keep(system.console(options));
    wordcount(system);
    system.task("hog", { priority: 20, daemon: true }, function* (self) {
      for (;;) {
        yield* self.compute(90_000);
        yield* self.sleep(1);
      }
    });
  };
}

test("readers that are slower than the line hold the sender back, and every byte is counted", () => {
  const input = bytesOf(5, 2000, true);
  for (const seed of [undefined, ...SEEDS]) {
    let console: Console | undefined;
    const app = slowed({ baud: 1_000_000 }, (c) => {
      console = c;
    });
    const m = boot(app, { input, ...(seed === undefined ? {} : { seed }) });
    assert.is(m.run(), "finished");
    assert.is(m.output, expected(input));
    assert.is(console?.uart.overruns, 0);
  }
});

test("without flow control the bytes that are not counted are counted as lost", () => {
  const input = bytesOf(5, 2000, true);
  for (const seed of [undefined, ...SEEDS]) {
    let console: Console | undefined;
    const app = slowed({ baud: 1_000_000, flow: "none" }, (c) => {
      console = c;
    });
    const m = boot(app, { input, ...(seed === undefined ? {} : { seed }) });
    assert.is(m.run(), "finished");
    const bytes = Number(m.output.trim().split(/ +/)[2]);
    const lost = console?.uart.overruns ?? 0;
    assert.ok(lost > 0);
    assert.is(bytes + lost, input.length);
  }
});

test("TRC-02a the same input has the same hash, one other byte another", () => {
  const hashOf = (input: Uint8Array, options: MachineOptions = {}) => {
    const m = boot(wordcount, { input, ...options });
    m.run();
    return m.hash;
  };
  const input = bytesOf(9, 700, true);
  for (const seed of [undefined, ...SEEDS]) {
    const options = seed === undefined ? {} : { seed };
    const hash = hashOf(input, options);
    assert.is(hashOf(input.slice(), options), hash);
    for (const at of [0, 63, 64, 350, 699]) {
      const other = input.slice();
      other[at] = (other[at] as number) ^ 1;
      assert.is.not(hashOf(other, options), hash);
    }
  }
});

test.run();
