/**
 * The tasks of the server: an acceptor, workers that are granted the connections, and one that binds the pages.
 *
 *     listener -> acceptor -- record, grant, notification --> worker -- its number --> queue of free workers -> acceptor
 */
import {
  args,
  barrier,
  buffer,
  calls,
  console,
  EAGAIN,
  EventWait,
  event,
  Mode,
  NO_WAIT,
  Pool,
  queue,
  region,
  SIGPIPE,
  self,
  socket,
  TaskOptions,
  task,
} from "talea/firmware";
import { serve, served } from "./connection";
import { bindPages, placePages } from "./pages";
import { storage, TABLE, TABLES } from "./tasks";
import { WORKERS, workerAt } from "./worker";

const BACKLOG: i32 = 6;
/** Bytes of a connection's buffers: a request comes in pieces, an answer goes in pieces. */
const RECEIVE: i32 = 1024;
const TRANSMIT: i32 = 1024;
/** The urgency of who accepts is above that of who serves. */
const BINDER: i32 = 30;
export const ACCEPTOR: i32 = 21;
const WORKER: i32 = 20;
const STACK: i32 = 1024;
/** So often the acceptor asks again for a worker to give way. */
const ROUND: i32 = 50;
const SOMEBODY_WAITS: i32 = 1;

const PORTS: i32 = 65535;
const LONGEST: i32 = 3_600_000;

// The command line

/** The number behind a word of the command line, within bounds; what it is without the word. */
function option(name: string, otherwise: i32, least: i32, most: i32): i32 {
  for (let i = 0; i < args.length(); i++) {
    if (args.text(i) != name) continue;
    const value = args.number(i + 1, -1);
    if (value < least || value > most) abort(`${name} takes a number from ${least} to ${most}`);
    return value;
  }
  return otherwise;
}

function checkWords(): void {
  const known = ["--port", "--workers", "--request", "--idle", "--answer", "--linger"];
  for (let i = 0; i < args.length(); i++) {
    const word = args.text(i);
    if (known.includes(word)) i++;
    else if (word != "--daemon") abort(`"${word}" is no option: there are ${known.join(", ")}, each with a number, and --daemon`);
  }
}

checkWords();
const port = option("--port", 80, 1, PORTS);
const workers = option("--workers", WORKERS, 1, WORKERS);
export const daemon = args.includes("--daemon");
served.request = option("--request", served.request, 1, LONGEST);
served.idle = option("--idle", served.idle, 1, LONGEST);
served.answer = option("--answer", served.answer, 1, LONGEST);
served.linger = option("--linger", served.linger, 1, LONGEST);

// What the tasks share

export const listener = socket({ name: "http", receive: RECEIVE, transmit: TRANSMIT });
const pages = region({ name: "pages", size: placePages() });
export const free = queue({ name: "free workers", count: workers, size: 4 });
const need = event({ name: "need" });
const bound = barrier(workers + 2, { name: "pages bound" });
const team: i32[] = [];
const number = buffer(4);

served.tables = changetype<Pool>(calls.pool_create(0, TABLES, TABLE, <u32>storage));
served.givesWay = () => need.wait(SOMEBODY_WAITS, EventWait.ANY | EventWait.CLEAR, NO_WAIT) > 0;

task("binder", { priority: BINDER, daemon: true, writes: [pages] }, () => {
  bindPages(pages.view());
  bound.wait();
});

function work(index: i32): void {
  const worker = workerAt(index);
  self.signals.ignore(SIGPIPE);
  served.pages = pages.view().address;
  bound.wait();
  const own = self.buffer(4);
  own.setWord(0, index);
  for (;;) {
    free.send(own);
    self.waitNotification();
    serve(worker);
  }
}

const options = new TaskOptions();
options.priority = WORKER;
options.daemon = true;
options.stack = STACK;
options.reads = [pages];
options.writes = [free];
for (let i = 0; i < workers; i++) {
  options.argument = i;
  team.push(task(`worker ${i + 1}`, options, work).handle);
}

/** The number of a worker that is free. While there is none, one that only waits for a next request is asked to give way. */
function freeWorker(): i32 {
  let answer = free.receive(number, NO_WAIT);
  while (answer < 0) {
    if (answer == EAGAIN) need.set(SOMEBODY_WAITS);
    answer = free.receive(number, ROUND);
    if (answer < 0) need.set(SOMEBODY_WAITS);
  }
  need.clear(SOMEBODY_WAITS);
  return number.word(0);
}

function accept(): void {
  const connection = listener.accept();
  if (connection.error != 0) return;
  const index = freeWorker();
  const worker = unchecked(team[index]);
  workerAt(index).socket = connection.handle;
  calls.object_grant(connection.handle, worker, Mode.READ | Mode.WRITE);
  connection.close();
  calls.notify_send(worker, 0, 1);
}

/** What the acceptor does: it listens, and hands each connection to a worker. Ctrl-C ends it, and so the run. */
export function acceptAll(): void {
  if (!daemon) console.foreground(self.task);
  bound.wait();
  listener.bind(port);
  listener.listen(BACKLOG);
  for (;;) accept();
}
