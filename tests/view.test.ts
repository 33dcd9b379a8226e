import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Block, TaleaError, View } from "../hal/host/index.js";
import { playOut } from "./support.js";

const test = suite("view");

const START = 100;

/** A view of 16 bytes in the middle of a memory, and that memory. */
function viewOf(...bytes: number[]): { view: View; memory: Uint8Array } {
  const memory = new Uint8Array(200).fill(0xaa);
  memory.fill(0, START, START + 16);
  memory.set(bytes, START);
  return { view: new View(memory, START, 16), memory };
}

function refused(act: () => unknown, part: string): void {
  assert.throws(act, (error: unknown) => error instanceof TaleaError && error.message.includes(part));
}

/** Everything around the view is as it was. */
function untouched(memory: Uint8Array): void {
  assert.ok(memory.subarray(0, START).every((byte) => byte === 0xaa));
  assert.ok(memory.subarray(START + 16).every((byte) => byte === 0xaa));
}

test("get and set reach each of its bytes and no other", () => {
  const { view, memory } = viewOf();
  for (let i = 0; i < 16; i++) view.set(i, i + 1);
  for (let i = 0; i < 16; i++) assert.is(view.get(i), i + 1);
  assert.is(memory[START], 1);
  assert.is(memory[START + 15], 16);
  view.set(3, 0x1ff);
  assert.is(view.get(3), 0xff);
  untouched(memory);
});

test("an index that is no byte of it is refused, and named", () => {
  const { view, memory } = viewOf();
  for (const index of [-1, 16, 1000, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 32]) {
    refused(() => view.get(index), `${index}`);
    refused(() => view.set(index, 1), `${index}`);
  }
  refused(() => view.get(16), "outside this view of 16 bytes");
  assert.ok(view.bytes().every((byte) => byte === 0));
  untouched(memory);
});

test("a word is 32 bits, little-endian, signed, at any byte", () => {
  const { view } = viewOf(0x78, 0x56, 0x34, 0x12, 0xff, 0xff, 0xff, 0xff);
  assert.is(view.word(0), 0x12345678);
  assert.is(view.word(4), -1);
  assert.is(view.word(1), 0xff123456 | 0);
  view.setWord(9, -2);
  assert.equal([...view.bytes().subarray(8, 14)], [0, 0xfe, 0xff, 0xff, 0xff, 0]);
  view.setWord(12, 0x80000001);
  assert.is(view.word(12), 0x80000001 | 0);
  for (const index of [-1, 13, 16, 0.5]) {
    refused(() => view.word(index), "outside");
    refused(() => view.setWord(index, 1), "outside");
  }
});

test("copy puts in bytes, text and views, tells how many bytes, and nothing when they do not fit", () => {
  const { view, memory } = viewOf();
  assert.is(view.copy(Uint8Array.of(1, 2, 3)), 3);
  assert.is(view.copy("é!", 3), 3);
  assert.equal([...view.bytes(6)], [1, 2, 3, 0xc3, 0xa9, 33]);
  // A view of itself may overlap.
  assert.is(view.copy(view.slice(0, 6), 2), 6);
  assert.equal([...view.bytes(8)], [1, 2, 1, 2, 3, 0xc3, 0xa9, 33]);
  assert.is(view.copy(""), 0);
  assert.is(view.copy("", 16), 0);
  refused(() => view.copy(new Uint8Array(17)), "outside");
  refused(() => view.copy("abc", 14), "outside");
  refused(() => view.copy("a", -1), "outside");
  assert.equal([...view.bytes(8)], [1, 2, 1, 2, 3, 0xc3, 0xa9, 33]);
  untouched(memory);
});

test("bytes is a copy, text is UTF-8", () => {
  const { view } = viewOf(...new TextEncoder().encode("grüße"));
  const bytes = view.bytes(7);
  view.set(0, 0);
  assert.is(bytes[0], 0x67);
  bytes[1] = 0;
  assert.is(view.get(1), 0x72);
  view.set(0, 0x67);
  assert.is(view.text(7), "grüße");
  assert.is(view.text(0), "");
  assert.is(view.text().length, 5 + 9);
  assert.is(view.bytes().length, 16);
  for (const count of [17, -1, 1.5]) {
    refused(() => view.bytes(count), "outside");
    refused(() => view.text(count), "outside");
  }
});

test("a slice is the same memory, and no more than its part of it", () => {
  const { view, memory } = viewOf();
  const part = view.slice(4, 8);
  assert.is(part.address, START + 4);
  assert.is(part.length, 8);
  part.set(0, 9);
  assert.is(view.get(4), 9);
  refused(() => part.get(8), "outside this view of 8 bytes");
  assert.is(view.slice(10).length, 6);
  assert.is(view.slice(16).length, 0);
  assert.is(part.slice(2, 3).address, START + 6);
  for (const [start, length] of [
    [17, 0],
    [0, 17],
    [-1, 2],
    [8, 9],
    [0.5, 1],
    [0, 1.5],
  ]) {
    refused(() => view.slice(start as number, length), "outside");
  }
  untouched(memory);
});

test("after revoke nothing reaches the memory, through the view or through any slice of it", () => {
  const { view, memory } = viewOf(1, 2, 3, 4);
  const part = view.slice(0, 4);
  const deep = part.slice(1, 2);
  view.revoke();
  const uses: ((v: View) => unknown)[] = [
    (v) => v.get(0),
    (v) => v.set(0, 9),
    (v) => v.word(0),
    (v) => v.setWord(0, 9),
    (v) => v.copy("x"),
    (v) => v.bytes(),
    (v) => v.text(),
    (v) => v.slice(0, 1),
  ];
  for (const each of [view, part, deep]) {
    for (const use of uses) refused(() => use(each), "revoked");
  }
  const other = new View(new Uint8Array(8), 0, 8);
  for (const each of [view, part, deep]) refused(() => other.copy(each), "revoked");
  assert.equal([...memory.subarray(START, START + 4)], [1, 2, 3, 4]);
});

test("a read-only view reads everything and stores nothing, through itself or any slice of it", () => {
  const memory = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
  const view = new View(memory, 0, 8, true);
  assert.is(view.get(1), 2);
  assert.is(view.word(4), 0x08070605);
  assert.equal([...view.bytes(3)], [1, 2, 3]);
  for (const each of [view, view.slice(2, 6)]) {
    for (const store of [() => each.set(0, 9), () => each.setWord(0, 9), () => each.copy("x"), () => each.copy("")]) {
      refused(store, "read-only");
    }
    refused(() => each.set(8, 9), "outside");
  }
  assert.is(new View(new Uint8Array(8), 0, 8).copy(view), 8);
  assert.equal([...memory], [1, 2, 3, 4, 5, 6, 7, 8]);
  view.revoke();
  refused(() => view.set(0, 9), "revoked");
});

test("a call that reads or stores through a view throws where an access would, and moves nothing", () => {
  playOut((system) => {
    const pipe = system.pipe({ public: "both" });
    const queue = system.queue({ public: "both" });
    const pool = system.pool({ count: 1, size: 16 });
    const box = system.mailbox();
    const region = system.region({ size: 16 });
    system.task("receiver", { priority: 1, reads: [box] }, function* (self) {
      yield* self.sleep(1);
    });
    system.task("caller", { writes: [box], reads: [region], storage: 64 }, function* (self) {
      const block = yield* pool.alloc();
      if (!(block instanceof Block)) throw new Error("no block");
      yield* box.send(block);
      yield* pipe.write("ab");
      yield* queue.send("cd");
      const word = self.buffer(4);
      const readOnly = yield* region.view();
      for (const [view, part] of [
        [block.view, "revoked"],
        [readOnly, "read-only"],
      ] as const) {
        refused(() => pipe.read(view), part);
        refused(() => queue.receive(view), part);
        refused(() => queue.peek(view), part);
        refused(() => queue.receive(word, 0, view), part);
      }
      refused(() => pipe.write(block.view), "revoked");
      refused(() => queue.send(block.view), "revoked");
      assert.is(yield* pipe.write(readOnly.slice(0, 2)), 2);
      assert.equal([pipe.used, queue.used], [4, 1]);
    });
  });
});

test.run();
