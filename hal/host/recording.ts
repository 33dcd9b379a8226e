/**
 * A recording: all that came into a run from outside, and the point of the run at which each thing took effect. Whoever plays it
 * back gets the same run, without stdin, clock or network. A text file, a JSON object a line:
 *
 *     {"talea":"recording","version":1,"app":"http.ts","seed":7,"args":[],"forward":["10.0.0.1:80"]}
 *     {"machine":"app","step":3,"event":"paced"}
 *     {"cycle":160800,"event":"open","client":1,"to":"10.0.0.1:80"}
 *     {"cycle":164000,"event":"data","client":1,"bytes":"GET / HTTP/1.1\r\n\r\n"}
 *     {"event":"over","ending":"interrupted","steps":{"app":512},"hash":"0123456789ABCDEF","digest":"89abcdef"}
 *
 * What comes to a machine has that machine's steps before it, what comes to the network has the network's cycle. A character of
 * `bytes` is a byte; `digest` is of all that stands before it.
 */
import { addressText, parseAddress } from "./address.js";
import { TaleaError } from "./errors.js";
import type { Grain } from "./firmware.js";
import type { GatewayEvent } from "./network/gateway.js";

const VERSION = 1;
/** The largest number of a signal. */
const SIGNALS = 31;
const NEWLINE = 10;
const WORD = 4294967296;
/** Characters that are made of bytes at once. */
const PIECE = 8192;
/** FNV-1a of 32 bits. */
const OFFSET = 0x811c9dc5;
const PRIME = 0x01000193;

/** What comes to a machine. */
export type MachineEvent =
  | { event: "type"; bytes: Uint8Array } // the console receives bytes
  | { event: "close" } // nothing more will be typed
  | { event: "paced" } // from here on time passes while nobody types
  | { event: "interrupt"; signal?: number }; // Ctrl-C; with a signal, Ctrl-Z

/** Something from outside, and the point at which it took effect: so many steps of a machine, or a cycle of the network. */
export type Entry = { machine: string; step: number; what: MachineEvent } | { cycle: number; what: GatewayEvent };

/** A port of a machine. */
export interface Target {
  address: number;
  port: number;
}

/** What a run was started with. */
export interface Setting {
  /** The app's file, as the user named it. */
  app: string;
  /** The file of the firmware beside a scripted app. */
  firmware?: string | undefined;
  /** The grain of the firmware, the app itself or beside it. */
  grain?: Grain | undefined;
  /** Its memory is protected. */
  protect?: boolean | undefined;
  seed: number | undefined;
  /** The tick at which it was to stop. */
  until: number | undefined;
  args: readonly string[];
  /** Ports that were open to real clients. */
  forward: readonly Target[];
}

/** Where and why the run went no further. */
export interface Close {
  ending: string;
  /** Steps of each machine. */
  steps: Readonly<Record<string, number>>;
  hash: string;
  /** The cycle at which it was cut amid the code of a compiled task, where it was. */
  cycles?: number | undefined;
}

export interface Recording extends Setting {
  entries: readonly Entry[];
  close: Close;
}

/** The recording cannot be used: half a sentence, "is empty". */
export class RecordingError extends TaleaError {
  override name = "RecordingError";
}

const encoder = new TextEncoder();

/** Makes the lines of a recording, in order; each is to be written before the next is asked for. */
export class RecordingWriter {
  #digest = OFFSET;

  setting({ app, firmware, grain, protect, seed, until, args, forward }: Setting): Uint8Array {
    const ports = forward.map(targetText);
    return this.#line({ talea: "recording", version: VERSION, app, firmware, grain, protect, seed, until, args, forward: ports });
  }

  entry(entry: Entry): Uint8Array {
    const { what, ...point } = entry;
    const { event, ...more } = what;
    return this.#line({ ...point, event, ...written(more) });
  }

  close(close: Close): Uint8Array {
    const last = over(close);
    return this.#line({ ...last, digest: digestText(this.#digest, last) });
  }

  #line(object: object): Uint8Array {
    const bytes = encoder.encode(`${JSON.stringify(object)}\n`);
    this.#digest = digested(this.#digest, bytes);
    return bytes;
  }
}

/** The last line but for its digest. */
function over({ ending, steps, hash, cycles }: Close): object {
  return { event: "over", ending, steps, hash, cycles };
}

/** "10.0.0.1:80". */
export function targetText({ address, port }: Target): string {
  return `${addressText(address)}:${port}`;
}

/** The fields of an event as JSON holds them. */
function written(fields: { client?: number; address?: number; port?: number; bytes?: Uint8Array; signal?: number }): object {
  const { client, address, port, bytes, signal } = fields;
  const to = address === undefined || port === undefined ? undefined : targetText({ address, port });
  return { client, to, bytes: bytes && characters(bytes), signal };
}

/** Reads a recording. Throws RecordingError when it is none, not whole, or not as it was written. */
export function readRecording(file: Uint8Array): Recording {
  if (file.length === 0) throw new RecordingError("is empty");
  const setting = settingIn(file);
  const last = lastLine(file);
  const close = closeOf(parsed(file.subarray(last)));
  const digest = digestText(digested(OFFSET, file.subarray(0, last)), over(close));
  if (close.digest !== digest) {
    throw new RecordingError(`was changed or damaged: it has the digest ${digest}, and its last line says ${close.digest}`);
  }
  const { digest: _, ...ends } = close;
  return { ...setting, entries: entriesIn(file.subarray(0, last), ends.steps), close: ends };
}

function settingIn(file: Uint8Array): Setting {
  const first = parsed(file.subarray(0, lineEnd(file, 0)));
  if (first?.talea !== "recording") throw new RecordingError("is no recording of talea run: its first line does not say that it is one");
  const { version, app, firmware, grain, protect, seed, until, args, forward } = first;
  if (version !== VERSION) {
    throw new RecordingError(`has version ${JSON.stringify(version)} of the format, and this talea reads version ${VERSION}`);
  }
  const targets = Array.isArray(forward) ? forward.map(targetOf) : [undefined];
  const named = typeof app === "string" && (firmware === undefined || typeof firmware === "string");
  const guarded = protect === undefined || protect === true;
  const fits = named && guarded && isGrain(grain) && word(seed) && word(until) && texts(args);
  if (!fits || !targets.every((target) => target !== undefined)) throw new RecordingError("is damaged in line 1");
  const compiled = {
    ...(firmware === undefined ? {} : { firmware }),
    ...(grain === undefined ? {} : { grain }),
    ...(protect ? { protect } : {}),
  };
  return { app, ...compiled, seed, until, args: args as string[], forward: targets };
}

/** Whether it is a grain, or left out. */
function isGrain(value: unknown): value is Grain | undefined {
  return value === undefined || value === "loop" || value === "access";
}

/** Whether it is a number of 32 bits, or left out. */
function word(value: unknown): value is number | undefined {
  return value === undefined || whole(value, WORD - 1);
}

/** Where the last line begins. A line that has no end is none. */
function lastLine(file: Uint8Array): number {
  if (file[file.length - 1] !== NEWLINE) throw cutOff();
  return file.lastIndexOf(NEWLINE, file.length - 2) + 1;
}

function closeOf(line: Line | undefined): Close & { digest: string } {
  const { event, ending, steps, hash, cycles, digest } = line ?? {};
  const fits = typeof ending === "string" && counts(steps) && typeof hash === "string" && typeof digest === "string";
  if (event !== "over" || !fits || !(cycles === undefined || whole(cycles))) throw cutOff();
  return { ending, steps, hash, ...(cycles === undefined ? {} : { cycles }), digest };
}

function counts(value: unknown): value is Record<string, number> {
  return typeof value === "object" && value !== null && Object.values(value).every((count) => whole(count));
}

function cutOff(): RecordingError {
  return new RecordingError("is cut off: its last line does not say how the run ended");
}

/** The events between the first line and the last, which says how many steps each machine made. */
function entriesIn(file: Uint8Array, steps: Close["steps"]): Entry[] {
  const entries: Entry[] = [];
  const order = new Order(steps);
  for (let at = lineEnd(file, 0) + 1; at < file.length; ) {
    const end = lineEnd(file, at);
    const line = parsed(file.subarray(at, end));
    const entry = line && entryOf(line);
    if (!entry || !order.follows(entry)) throw new RecordingError(`holds in line ${entries.length + 2} what is no event of a run`);
    entries.push(entry);
    at = end + 1;
  }
  return entries;
}

/** Events come in the order in which they took effect, none behind the end. */
class Order {
  readonly #last: Close["steps"];
  readonly #steps = new Map<string, number>();
  #cycle = 0;

  constructor(last: Close["steps"]) {
    this.#last = last;
  }

  follows(entry: Entry): boolean {
    if ("cycle" in entry) {
      const before = this.#cycle;
      this.#cycle = entry.cycle;
      return entry.cycle >= before;
    }
    const { machine, step } = entry;
    const before = this.#steps.get(machine) ?? 0;
    this.#steps.set(machine, step);
    return step >= before && step <= (this.#last[machine] ?? -1);
  }
}

function entryOf(line: Line): Entry | undefined {
  const { machine, step, cycle } = line;
  const bytes = bytesOf(line.bytes);
  if (typeof machine === "string" && whole(step)) {
    const what = machineEventOf(line, bytes);
    return what && { machine, step, what };
  }
  const what = gatewayEventOf(line, bytes);
  return what && whole(cycle) ? { cycle, what } : undefined;
}

function machineEventOf({ event, signal }: Line, bytes: Uint8Array | undefined): MachineEvent | undefined {
  if (event === "type") return bytes && { event, bytes };
  if (event === "interrupt" && signal !== undefined) return isSignal(signal) ? { event, signal } : undefined;
  return event === "close" || event === "paced" || event === "interrupt" ? { event } : undefined;
}

function isSignal(value: unknown): value is number {
  return whole(value, SIGNALS) && value > 0;
}

function gatewayEventOf({ event, client, to }: Line, bytes: Uint8Array | undefined): GatewayEvent | undefined {
  if (!whole(client)) return undefined;
  const target = targetOf(to);
  if (event === "open") return target && { event, client, ...target };
  if (event === "data") return bytes && { event, client, bytes };
  return event === "finish" || event === "reset" || event === "full" || event === "drained" ? { event, client } : undefined;
}

type Line = Record<string, unknown>;

/** The object that a line holds. */
function parsed(line: Uint8Array): Line | undefined {
  try {
    const object: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(line));
    return typeof object === "object" && object !== null ? (object as Line) : undefined;
  } catch {
    return undefined;
  }
}

/** Where the line ends that begins at `start`. */
function lineEnd(file: Uint8Array, start: number): number {
  const end = file.indexOf(NEWLINE, start);
  return end < 0 ? file.length : end;
}

function whole(value: unknown, most = Number.MAX_SAFE_INTEGER): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= most;
}

function texts(value: unknown): boolean {
  return Array.isArray(value) && value.every((each) => typeof each === "string");
}

function targetOf(text: unknown): Target | undefined {
  const [, address, port] = /^([\d.]+):(\d{1,5})$/.exec(String(text)) ?? [];
  if (address === undefined || Number(port) > 65535) return undefined;
  try {
    return { address: parseAddress(address), port: Number(port) };
  } catch {
    return undefined;
  }
}

/** A character for each byte. */
function characters(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += PIECE) text += String.fromCharCode(...bytes.subarray(at, at + PIECE));
  return text;
}

function bytesOf(text: unknown): Uint8Array | undefined {
  if (typeof text !== "string") return undefined;
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 255) return undefined;
    bytes[i] = code;
  }
  return bytes;
}

/** FNV-1a over the bytes, from where it stood. */
function digested(hash: number, bytes: Uint8Array): number {
  let result = hash;
  for (const byte of bytes) result = Math.imul(result ^ byte, PRIME);
  return result;
}

/** The digest of what has this hash and of the last line. */
function digestText(hash: number, last: object): string {
  return (digested(hash, encoder.encode(JSON.stringify(last))) >>> 0).toString(16).padStart(8, "0");
}
