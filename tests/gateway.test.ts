/** The gateway by itself: a kernel's end is played by hand, packet for packet. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Gateway, type GatewayEvent, type GatewayOptions } from "../hal/host/network/gateway.js";
import { packetOf, type Segment, segmentOf } from "../hal/host/network/segment.js";
import { PacketFlag } from "../kernel/abi/host.js";

const test = suite("gateway");

const { SYN, ACK, FIN, RST, STOP, PROBE, REFUSED, UNREACHABLE, DATAGRAM } = PacketFlag;
const MACHINE = 0x0a000001;
const OUTSIDE = 0x0a0000fe;
const PORT = 80;
const WINDOW = 16384;
/** The kernel's first number: the next one wraps. */
const FIRST = 0xffffffff;

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function text(data: Uint8Array): string {
  return new TextDecoder().decode(data);
}

interface Sent extends Segment {
  cycle: number;
}

/** A gateway, what it sent, and what its clients were told. */
class Bench {
  readonly sent: Sent[] = [];
  readonly told: string[] = [];
  readonly gateway: Gateway;
  cycle = 0;

  constructor(options?: GatewayOptions) {
    const outer = {
      deliver: (client: number, data: Uint8Array) => void this.told.push(`${client} gets ${text(data)}`),
      end: (client: number) => void this.told.push(`${client} ends`),
      over: (client: number, how: string) => void this.told.push(`${client} ${how}`),
    };
    this.gateway = new Gateway(OUTSIDE, outer, options);
    this.gateway.attach({ transmit: (packet, cycle) => void this.sent.push({ ...(segmentOf(packet) as Segment), cycle }) });
  }

  /** Something happens outside, a cycle later. */
  take(event: GatewayEvent): void {
    this.gateway.take(event, ++this.cycle);
  }

  /** What was sent since the last time. */
  flush(): Sent[] {
    return this.sent.splice(0);
  }

  /** The only packet that was sent since the last time. */
  only(): Sent {
    const [packet, ...more] = this.flush();
    assert.is(more.length, 0);
    return packet as Sent;
  }

  /** A packet of the kernel, from the machine's port to the client's. */
  say(port: number, said: Partial<Segment>): void {
    const ends = { source: MACHINE, destination: OUTSIDE, sourcePort: PORT, destinationPort: port };
    const packet = packetOf({ ...ends, flags: ACK, sequence: 0, acknowledged: 0, window: 0, bytes: bytes(""), ...said });
    this.gateway.receive(packet, ++this.cycle);
  }
}

/** The kernel's end of a connection that stands. */
interface Peer {
  bench: Bench;
  /** The client's port at the gateway. */
  port: number;
  /** Number of the client's first byte. */
  base: number;
  /** Says it behind `from` bytes of its own, when it got `got` bytes. */
  say(said: Partial<Segment>, from?: number, got?: number): void;
}

function connected(window = 1024, options?: GatewayOptions): Peer {
  const bench = new Bench(options);
  bench.take({ event: "open", client: 1, address: MACHINE, port: PORT });
  const { sourcePort: port, sequence } = bench.only();
  const base = (sequence + 1) >>> 0;
  const say = (said: Partial<Segment>, from = 0, got = 0) =>
    bench.say(port, { window, ...said, sequence: (FIRST + 1 + from) >>> 0, acknowledged: (base + got) >>> 0 });
  bench.say(port, { flags: SYN | ACK, sequence: FIRST, acknowledged: base, window });
  bench.flush();
  return { bench, port, base, say };
}

test("a client that connects sends SYN, answers SYN and ACK with ACK, and offers its window", () => {
  const bench = new Bench();
  bench.take({ event: "open", client: 7, address: MACHINE, port: PORT });
  const syn = bench.only();
  assert.equal([syn.source, syn.destination, syn.sourcePort, syn.destinationPort], [OUTSIDE, MACHINE, 49152, PORT]);
  assert.equal([syn.flags, syn.bytes.length, syn.cycle], [SYN, 0, 1]);
  assert.is(bench.gateway.room(7), 0);
  bench.say(syn.sourcePort, { flags: SYN | ACK, sequence: FIRST, acknowledged: syn.sequence + 1, window: 300 });
  const ack = bench.only();
  assert.equal([ack.flags, ack.sequence, ack.acknowledged, ack.window, ack.cycle], [ACK, syn.sequence + 1, 0, WINDOW, 2]);
  assert.is(bench.gateway.room(7), 300);
  assert.is(bench.gateway.clients, 1);
  assert.equal(bench.told, []);
});

test("a SYN and ACK that comes twice is acknowledged twice", () => {
  const { bench, port, base } = connected();
  bench.say(port, { flags: SYN | ACK, sequence: FIRST, acknowledged: base, window: 1024 });
  const ack = bench.only();
  assert.equal([ack.flags, ack.acknowledged], [ACK, 0]);
});

test("what the client sends before the connection stands waits for it", () => {
  const bench = new Bench();
  bench.take({ event: "open", client: 1, address: MACHINE, port: PORT });
  bench.take({ event: "data", client: 1, bytes: bytes("early") });
  bench.take({ event: "finish", client: 1 });
  const syn = bench.only();
  const base = syn.sequence + 1;
  bench.say(syn.sourcePort, { flags: SYN | ACK, sequence: FIRST, acknowledged: base, window: 100 });
  const said = bench.flush();
  assert.equal(
    said.map(({ flags, sequence }) => [flags, sequence]),
    [
      [ACK, base],
      [FIN | ACK, base + 5],
    ],
  );
  assert.is(text((said[0] as Sent).bytes), "early");
});

test("bytes of a client go within the kernel's window, in packets of at most 1024", () => {
  const { bench, say, base } = connected(3000);
  bench.take({ event: "data", client: 1, bytes: bytes("x".repeat(3000)) });
  const sent = bench.flush();
  assert.equal(
    sent.map(({ sequence, bytes }) => [sequence - base, bytes.length]),
    [
      [0, 1024],
      [1024, 1024],
      [2048, 952],
    ],
  );
  assert.is(bench.gateway.room(1), 0);
  say({ window: 0 }, 0, 3000);
  assert.is(bench.gateway.room(1), 0);
  assert.is(bench.flush().length, 0);
  say({ window: 70 }, 0, 3000);
  assert.is(bench.gateway.room(1), 70);
});

test("a packet is no longer than the gateway was told", () => {
  const { bench } = connected(1000, { packetBytes: 256 });
  bench.take({ event: "data", client: 1, bytes: bytes("y".repeat(600)) });
  assert.equal(
    bench.flush().map((each) => each.bytes.length),
    [256, 256, 88],
  );
});

test("more than the window takes is kept and sent as room comes, in order", () => {
  const { bench, say } = connected(4);
  bench.take({ event: "data", client: 1, bytes: bytes("abcdef") });
  bench.take({ event: "data", client: 1, bytes: bytes("ghi") });
  bench.take({ event: "finish", client: 1 });
  assert.is(text(bench.only().bytes), "abcd");
  say({ window: 3 }, 0, 4);
  assert.equal(
    bench.flush().map((each) => text(each.bytes)),
    ["ef", "g"],
  );
  say({ window: 9 }, 0, 7);
  const [last, end] = bench.flush();
  assert.is(text(last?.bytes as Uint8Array), "hi");
  assert.is(end?.flags, FIN | ACK);
});

test("an acknowledgement that is old, or of bytes that were never sent, opens no window", () => {
  const { bench, port, base, say } = connected(4);
  bench.take({ event: "data", client: 1, bytes: bytes("abcd") });
  say({ window: 4 }, 0, 4);
  bench.flush();
  say({ window: 400 }, 0, 2);
  bench.say(port, { flags: ACK, sequence: 0, acknowledged: base + 99, window: 400 });
  assert.is(bench.gateway.room(1), 4);
});

test("bytes of the kernel are delivered in order and acknowledged at once, across the wrap of the numbers", () => {
  const { bench, say } = connected();
  say({ bytes: bytes("hello") }, 0);
  assert.equal(bench.told, ["1 gets hello"]);
  const ack = bench.only();
  assert.equal([ack.flags, ack.acknowledged, ack.window], [ACK, 5, WINDOW]);
  say({ bytes: bytes(" you") }, 5);
  assert.equal(bench.told, ["1 gets hello", "1 gets  you"]);
  assert.is(bench.only().acknowledged, 9);
});

test("what the kernel sends again is acknowledged again and delivered once; what is ahead is not delivered", () => {
  const { bench, say } = connected();
  say({ bytes: bytes("hello") }, 0);
  say({ bytes: bytes("hello") }, 0);
  say({ bytes: bytes("lo there") }, 3);
  say({ bytes: bytes("gap") }, 90);
  assert.equal(bench.told, ["1 gets hello", "1 gets  there"]);
  assert.equal(
    bench.flush().map((each) => each.acknowledged),
    [5, 5, 11, 11],
  );
});

test("a bare acknowledgement is not answered, a probe is", () => {
  const { bench, say } = connected();
  say({ flags: ACK });
  assert.is(bench.flush().length, 0);
  say({ flags: ACK | PROBE });
  assert.is(bench.only().flags, ACK);
});

test("while the client is slow the window closes from its offered edge, and opens with an ACK", () => {
  const { bench, say } = connected();
  bench.take({ event: "full", client: 1 });
  say({ bytes: bytes("z".repeat(1000)) }, 0);
  assert.is(bench.only().window, WINDOW - 1000);
  for (let from = 1000; from < WINDOW; from += 1000) say({ bytes: bytes("z".repeat(Math.min(1000, WINDOW - from))) }, from);
  assert.is(bench.flush().at(-1)?.window, 0);
  say({ bytes: bytes("too much") }, WINDOW);
  assert.is(bench.only().acknowledged, WINDOW);
  assert.not.ok(bench.told.some((line) => line.includes("too much")));
  bench.take({ event: "drained", client: 1 });
  const opened = bench.only();
  assert.equal([opened.flags, opened.acknowledged, opened.window], [ACK, WINDOW, WINDOW]);
});

test("half close: either side may end first, and the other goes on", () => {
  const first = connected();
  first.bench.take({ event: "data", client: 1, bytes: bytes("ask") });
  first.bench.take({ event: "finish", client: 1 });
  assert.equal(
    first.bench.flush().map((each) => each.flags),
    [ACK, FIN | ACK],
  );
  first.say({ bytes: bytes("answer") }, 0, 4);
  first.say({ flags: FIN | ACK }, 6, 4);
  assert.equal(first.bench.told, ["1 gets answer", "1 ends", "1 done"]);
  assert.is(first.bench.flush().at(-1)?.acknowledged, 7);
  assert.is(first.bench.gateway.clients, 0);

  const second = connected();
  second.say({ flags: FIN | ACK, bytes: bytes("bye") }, 0);
  assert.equal(second.bench.told, ["1 gets bye", "1 ends"]);
  assert.is(second.bench.only().acknowledged, 4);
  second.bench.take({ event: "data", client: 1, bytes: bytes("more") });
  second.bench.take({ event: "finish", client: 1 });
  assert.is(second.bench.flush().length, 2);
  second.say({ flags: ACK }, 4, 5);
  assert.equal(second.bench.told, ["1 gets bye", "1 ends", "1 done"]);
});

test("a kernel's end that was closed is acknowledged, and what the client still says is dropped", () => {
  const { bench, say } = connected(4);
  bench.take({ event: "data", client: 1, bytes: bytes("abcdef") });
  bench.flush();
  say({ flags: STOP | ACK, bytes: bytes("bye") }, 0, 4);
  assert.is(bench.only().acknowledged, 4);
  assert.is(bench.gateway.room(1), 0);
  bench.take({ event: "data", client: 1, bytes: bytes("more") });
  bench.take({ event: "finish", client: 1 });
  assert.is(bench.flush().length, 0);
  say({ flags: FIN | ACK }, 4, 4);
  const last = bench.only();
  assert.equal([last.flags, last.acknowledged], [ACK, 5]);
  assert.equal(bench.told, ["1 gets bye", "1 ends", "1 done"]);
});

test("nobody listens, or the backlog is full: the client is refused", () => {
  const bench = new Bench();
  bench.take({ event: "open", client: 1, address: MACHINE, port: PORT });
  const { sourcePort, sequence } = bench.only();
  bench.say(sourcePort, { flags: RST | REFUSED | ACK, acknowledged: sequence + 1 });
  assert.equal(bench.told, ["1 refused"]);
  assert.equal([bench.flush().length, bench.gateway.clients], [0, 0]);
});

test("no way to the machine: the client is told; a connection that stands survives it", () => {
  const bench = new Bench();
  bench.take({ event: "open", client: 1, address: MACHINE, port: PORT });
  bench.say(bench.only().sourcePort, { flags: UNREACHABLE });
  assert.equal(bench.told, ["1 unreachable"]);
  const peer = connected();
  peer.say({ flags: UNREACHABLE });
  assert.equal(peer.bench.told, []);
});

test("a reset of the kernel ends the client; a client that vanishes resets the kernel's end", () => {
  const first = connected();
  first.say({ flags: RST | ACK });
  assert.equal(first.bench.told, ["1 reset"]);
  assert.is(first.bench.flush().length, 0);
  const second = connected();
  second.bench.take({ event: "reset", client: 1 });
  const rst = second.bench.only();
  assert.equal([rst.flags, rst.sequence, rst.acknowledged], [RST | ACK, second.base, 0]);
  assert.equal(second.bench.told, ["1 reset"]);
  assert.is(second.bench.gateway.clients, 0);
});

test("a machine's crash resets the clients that were connected to it, and no others", () => {
  const bench = new Bench();
  bench.take({ event: "open", client: 1, address: MACHINE, port: PORT });
  bench.take({ event: "open", client: 2, address: MACHINE + 1, port: PORT });
  const [first] = bench.flush();
  const { sourcePort, sequence } = first as Sent;
  bench.say(sourcePort, { flags: SYN | ACK, sequence: 5, acknowledged: sequence + 1, window: 10 });
  bench.say(0, { flags: RST | UNREACHABLE, sourcePort: 0 });
  assert.equal(bench.told, ["1 reset"]);
  assert.is(bench.gateway.clients, 1);
});

test("whatever asks for an answer is answered with RST when its client has gone", () => {
  const { bench, say, base } = connected();
  bench.take({ event: "reset", client: 1 });
  bench.flush();
  say({ flags: ACK });
  say({ flags: RST });
  assert.is(bench.flush().length, 0);
  say({ bytes: bytes("late") });
  say({ flags: FIN | ACK });
  say({ flags: PROBE | ACK });
  for (const rst of bench.flush()) assert.equal([rst.flags, rst.destinationPort, rst.sequence], [RST | ACK, PORT, base]);
});

test("a machine that connects to the gateway is refused; datagrams and garbage are dropped", () => {
  const bench = new Bench();
  bench.say(99, { flags: SYN, sequence: 41 });
  const refusal = bench.only();
  assert.equal([refusal.flags, refusal.sourcePort, refusal.destinationPort, refusal.acknowledged], [RST | ACK | REFUSED, 99, PORT, 42]);
  bench.say(99, { flags: DATAGRAM, bytes: bytes("knock") });
  bench.gateway.receive(bytes("no packet"), 9);
  bench.gateway.receive(new Uint8Array(40), 9);
  assert.is(bench.flush().length, 0);
});

test("only the machine that a client is connected to speaks to it", () => {
  const { bench, port } = connected();
  bench.say(port, { source: MACHINE + 1, bytes: bytes("spoof"), sequence: 0 });
  bench.say(port, { sourcePort: 81, bytes: bytes("spoof"), sequence: 0 });
  bench.say(port, { source: MACHINE + 1, flags: RST });
  assert.equal(bench.told, []);
  assert.is(bench.gateway.clients, 1);
});

test("ports are given out in a fixed order, those in use are passed over, and when none is left the client is refused", () => {
  const bench = new Bench();
  const open = (client: number) => bench.take({ event: "open", client, address: MACHINE, port: PORT });
  open(1);
  for (let client = 2; client <= 16384; client++) open(client);
  assert.equal([bench.sent[0]?.sourcePort, bench.sent[16383]?.sourcePort], [49152, 65535]);
  open(20000);
  assert.equal(bench.told, ["20000 refused"]);
  bench.take({ event: "reset", client: 3 });
  bench.flush();
  open(20001);
  assert.is(bench.only().sourcePort, 49154);
});

test("what a client does that is unknown, or known already, is nothing", () => {
  const bench = new Bench();
  for (const event of ["finish", "reset", "full", "drained"] as const) bench.take({ event, client: 4 });
  bench.take({ event: "data", client: 4, bytes: bytes("x") });
  bench.take({ event: "open", client: 4, address: MACHINE, port: PORT });
  bench.take({ event: "open", client: 4, address: MACHINE, port: PORT });
  assert.is(bench.flush().length, 1);
  assert.equal([bench.gateway.room(5), bench.gateway.clients], [0, 1]);
});

test("the gateway's cycle never goes back", () => {
  const bench = new Bench();
  bench.cycle = 500;
  bench.take({ event: "open", client: 1, address: MACHINE, port: PORT });
  bench.cycle = 100;
  bench.take({ event: "open", client: 2, address: MACHINE, port: PORT });
  assert.equal(
    bench.flush().map((each) => each.cycle),
    [501, 501],
  );
});

test("64 KiB both ways through a kernel with 60 bytes of room arrive whole, the same packets every time", () => {
  const play = () => {
    const { bench, say } = connected(60);
    const data = Uint8Array.from({ length: 65536 }, (_, i) => (i * 31) & 0x7f);
    let [given, got, echoed] = [0, 0, 0];
    const packets: string[] = [];
    while (echoed < data.length) {
      const room = bench.gateway.room(1);
      const piece = data.slice(given, given + room);
      given += piece.length;
      bench.take({ event: "data", client: 1, bytes: piece });
      for (const each of bench.flush()) {
        packets.push(`${each.cycle} ${each.flags} ${each.sequence} ${each.bytes.length}`);
        got += each.bytes.length;
      }
      const echo = data.slice(echoed, got);
      say({ bytes: echo }, echoed, got);
      echoed += echo.length;
    }
    const delivered = bench.told.map((line) => line.slice("1 gets ".length)).join("");
    assert.is(delivered, text(data));
    return packets;
  };
  assert.equal(play(), play());
});

test.run();
