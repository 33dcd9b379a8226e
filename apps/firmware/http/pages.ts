/** What the server shows: the static pages as they lie in the shared region, one behind the other. A text is one literal: joined, it would take heap. */
import { Bytes } from "talea/firmware";

const HTML: string = "text/html; charset=utf-8";
const TEXT: string = "text/plain; charset=utf-8";
export const JSON_TYPE: string = "application/json";
export const TASKS_PATH: string = "/tasks.json";

const INDEX: string = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Talea</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:42rem;margin:3rem auto;padding:0 1rem}td,th{text-align:left;padding:0 1rem 0 0}</style>
<h1>Talea</h1>
<p>This page comes from a task of a small preemptive RTOS, through a socket of its own kernel.</p>
<ul>
<li><a href="/system">how this server is built</a></li>
<li><a href="/tasks.json">the kernel's task table, as it is now</a></li>
</ul>
<table id="tasks"></table>
<script>
fetch("/tasks.json").then((r) => r.json()).then(({ tasks }) => {
  const row = (cells, tag) => "<tr>" + cells.map((c) => "<" + tag + ">" + c + "</" + tag + ">").join("") + "</tr>";
  document.getElementById("tasks").innerHTML = row(["task", "priority", "state", "switches"], "th") +
    tasks.map((t) => row([t.name, t.priority, t.state + (t.waitsFor && ", waits for " + t.waitsFor), t.switches], "td")).join("");
});
</script>
</html>
`;

const SYSTEM: string = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>How this server is built</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:42rem;margin:3rem auto;padding:0 1rem}td,th{text-align:left;padding:0 1rem 0 0}</style>
<h1>How this server is built</h1>
<pre>
 client -- port 80 --> [ backlog ] --> acceptor --+-- grant --> worker 1
                                        ^         +-- grant --> worker 2
                                        |         :
                              queue of free workers <---------- each, when its connection is over

 binder -- writes once --> [ region: the pages ] -- read only --> workers
</pre>
<p>The acceptor takes the oldest connection from the listener's backlog, grants it to a free worker and closes it for itself. A worker
reads a request byte by byte with a strict parser, answers from the region, and waits for the next request of the same client. When
nobody is free while somebody waits, a worker whose client says nothing gives way.</p>
<p>It is compiled, and preempted wherever it is. All of it runs in 256 KiB: every buffer has a fixed size, every wait a limit, and
nothing comes from the heap. What a client sends too slowly, too long or not by
the rules is answered with a status, and the connection is closed; nobody else waits for that.</p>
</html>
`;

const ROBOTS: string = "User-agent: *\nDisallow: /tasks.json\n";

/** A page, and where it lies in the region. */
export class Page {
  start: i32 = 0;
  constructor(
    readonly path: string,
    readonly type: string,
    readonly text: string,
  ) {}

  /** Its bytes; it is ASCII. */
  get length(): i32 {
    return this.text.length;
  }
}

const pages: Page[] = [new Page("/", HTML, INDEX), new Page("/system", HTML, SYSTEM), new Page("/robots.txt", TEXT, ROBOTS)];

/** Bytes of all pages together, each of which gets its place. */
export function placePages(): i32 {
  let bytes = 0;
  for (let i = 0; i < pages.length; i++) {
    pages[i].start = bytes;
    bytes += pages[i].length;
  }
  return bytes;
}

/** Fills the region with them. */
export function bindPages(region: Bytes): void {
  for (let i = 0; i < pages.length; i++) region.copy(unchecked(pages[i]).text, unchecked(pages[i]).start);
}

/** How many there are. */
export function pageCount(): i32 {
  return pages.length;
}

/** One of them. */
export function pageAt(index: i32): Page {
  return unchecked(pages[index]);
}
