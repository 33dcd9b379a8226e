/** The watchdog's own thread: see watchdog.ts. */
import { readFileSync } from "node:fs";
import { type Debugger, Session } from "node:inspector";
import { workerData } from "node:worker_threads";
import type { Watched } from "./watchdog.js";

/** Milliseconds between two looks. */
const LOOK = 100;
/** The part of the patience after which it pauses for the first time; the second time is when all of it is spent. */
const FIRST = 0.75;

const { beat, patience: most, hook } = workerData as Watched;
let last = -1;
let since = 0;
let patience = most * FIRST;

/** Where Linux tells the CPU time of the main thread: the 14th and 15th number, in hundredths of a second, behind a name in brackets. */
const THREAD = `/proc/self/task/${process.pid}/stat`;
const HUNDREDTH = 10_000;

/** Microseconds of CPU time of the watched thread, where the system tells them, else of the process. */
function cpuTime(): number {
  try {
    const numbers = readFileSync(THREAD, "utf8")
      .replace(/^.*\) /s, "")
      .split(" ");
    return (Number(numbers[11]) + Number(numbers[12])) * HUNDREDTH;
  } catch {
    const { user, system } = process.cpuUsage();
    return user + system;
  }
}

function look(): void {
  const now = Atomics.load(beat, 0);
  const time = cpuTime();
  const ignored = Atomics.load(beat, 1) !== 0;
  if (now === last && !ignored && time - since < patience) return;
  if (now === last && !ignored) pause();
  patience = most * FIRST;
  last = now;
  since = time;
}

/** Stops the main thread where it is, and lets it say whether that is in the app. */
function pause(): void {
  const session = new Session();
  const urls = new Map<string, string>();
  session.connectToMainThread();
  session.on("Debugger.scriptParsed", ({ params }) => urls.set(params.scriptId, params.url));
  session.on("Debugger.paused", ({ params }) => {
    const moved = Atomics.load(beat, 0) !== last;
    const frames = moved ? [] : params.callFrames.map((frame) => position(frame, urls));
    const expression = `globalThis[Symbol.for(${JSON.stringify(hook)})](${JSON.stringify(frames)})`;
    const callFrameId = params.callFrames[0]?.callFrameId as string;
    session.post("Debugger.evaluateOnCallFrame", { callFrameId, expression, returnByValue: true }, (_, answer) => {
      if (answer?.result.value === true) patience = most * (1 - FIRST);
      session.post("Debugger.disable", () => session.disconnect());
    });
  });
  session.post("Debugger.enable");
  session.post("Debugger.pause");
}

function position(frame: Debugger.CallFrame, urls: Map<string, string>) {
  const { lineNumber: line, columnNumber: column = 0, scriptId } = frame.location;
  return { url: urls.get(scriptId) ?? frame.url, line, column, within: frame.functionName };
}

setInterval(look, LOOK);
