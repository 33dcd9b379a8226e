/**
 * wc: counts the lines, words and bytes that the console receives, in three tasks that share nothing but two pipes.
 *
 *     console -> [reader] -- text, 64 bytes --> [counter] -- counts, 64 bytes --> [adder] -> console
 *
 * A line is a newline byte. A word is a run of bytes above the space (0x20) other than DEL (0x7f), so every byte of a UTF-8
 * letter belongs to a word; `wc` asks the locale instead. The layout is that of `wc` behind a pipe.
 */
import type { System } from "talea";

const NEWLINE = 0x0a;
const SPACE = 0x20;
const DELETE = 0x7f;
/** What the counter says of one piece: lines, words, bytes, a byte each, because a piece has at most 64. */
const RECORD = 3;

export default function wordcount(system: System): void {
  const console = system.console();
  const text = system.pipe({ name: "text", capacity: 64 });
  const counts = system.pipe({ name: "counts", capacity: 64 });

  system.task("reader", { writes: [text] }, function* (self) {
    const piece = self.buffer(64);
    // A read answers what is there, and 0 when the input has ended.
    for (let length = yield* console.read(piece); length > 0; length = yield* console.read(piece)) {
      yield* text.write(piece.slice(0, length));
    }
    // When this task ends, nobody is left to write to `text`: that is how the counter learns of the end.
  });

  system.task("counter", { reads: [text], writes: [counts] }, function* (self) {
    const piece = self.buffer(64);
    const record = self.buffer(RECORD);
    // Lives longer than a piece: a word may begin in one and end in another.
    let inWord = false;
    for (let length = yield* text.read(piece); length > 0; length = yield* text.read(piece)) {
      let lines = 0;
      let words = 0;
      for (let i = 0; i < length; i++) {
        const byte = piece.get(i);
        const letter = byte > SPACE && byte !== DELETE;
        if (byte === NEWLINE) lines++;
        if (letter && !inWord) words++;
        inWord = letter;
      }
      record.set(0, lines);
      record.set(1, words);
      record.set(2, length);
      yield* counts.write(record);
    }
  });

  system.task("adder", { reads: [counts] }, function* (self) {
    // A pipe knows no records. But a write of up to 64 bytes goes in whole, so a reader that asks for whole records gets them.
    const records = self.buffer(16 * RECORD);
    let lines = 0;
    let words = 0;
    let bytes = 0;
    for (let length = yield* counts.read(records); length > 0; length = yield* counts.read(records)) {
      for (let i = 0; i < length; i += RECORD) {
        lines += records.get(i);
        words += records.get(i + 1);
        bytes += records.get(i + 2);
      }
    }
    yield* console.write(`${[lines, words, bytes].map((count) => String(count).padStart(7)).join(" ")}\n`);
  });
}
