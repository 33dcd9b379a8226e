/** What the server shows: the static pages as they lie in the shared region, one behind the other, and the page of the task table. */
import type { TaskFacts } from "talea";

/** Where a page lies in the region. */
export interface Page {
  type: string;
  start: number;
  length: number;
}

const HTML = "text/html; charset=utf-8";
const TEXT = "text/plain; charset=utf-8";

const STYLE =
  "body{font:16px/1.5 system-ui,sans-serif;max-width:42rem;margin:3rem auto;padding:0 1rem}td,th{text-align:left;padding:0 1rem 0 0}";

function html(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${title}</title>
<style>${STYLE}</style>
<h1>${title}</h1>
${body}
</html>
`;
}

const INDEX = html(
  "Talea",
  `<p>This page comes from a task of a small preemptive RTOS, through a socket of its own kernel.</p>
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
</script>`,
);

const SYSTEM = html(
  "How this server is built",
  `<pre>
 client -- port 80 --> [ backlog ] --> acceptor --+-- grant --> worker 1
                                        ^         +-- grant --> worker 2
                                        |         :
                              queue of free workers <---------- each, when its connection is over

 binder -- writes once --> [ region: the pages ] -- read only --> workers
</pre>
<p>The acceptor takes the oldest connection from the listener's backlog, grants it to a free worker and closes it for itself. A worker
reads a request byte by byte with a strict parser, answers from the region, and waits for the next request of the same client. When
nobody is free while somebody waits, a worker whose client says nothing gives way.</p>
<p>All of it runs in 256 KiB: every buffer has a fixed size, every wait a limit. What a client sends too slowly, too long or not by
the rules is answered with a status, and the connection is closed; nobody else waits for that.</p>`,
);

const ROBOTS = "User-agent: *\nDisallow: /tasks.json\n";

const sources: [path: string, type: string, text: string][] = [
  ["/", HTML, INDEX],
  ["/system", HTML, SYSTEM],
  ["/robots.txt", TEXT, ROBOTS],
];

const encoder = new TextEncoder();
const texts = sources.map(([, , text]) => encoder.encode(text));

/** Bytes of all pages together. */
export const PAGE_BYTES = texts.reduce((sum, { length }) => sum + length, 0);

/** The static pages by their paths. */
export const pages: ReadonlyMap<string, Page> = new Map(
  sources.map(([path, type], i) => {
    const start = texts.slice(0, i).reduce((sum, { length }) => sum + length, 0);
    return [path, { type, start, length: (texts[i] as Uint8Array).length }];
  }),
);

/** All pages, for whoever fills the region. */
export function* pageTexts(): Generator<[page: Page, text: Uint8Array]> {
  for (const [i, [path]] of sources.entries()) yield [pages.get(path) as Page, texts[i] as Uint8Array];
}

export const TASKS_PATH = "/tasks.json";
export const JSON_TYPE = "application/json";

/** The task table as JSON. */
export function tasksPage(tick: number, tasks: readonly TaskFacts[]): string {
  const rows = tasks.map((task) => `    ${JSON.stringify(task)}`);
  return `{\n  "tick": ${tick},\n  "tasks": [\n${rows.join(",\n")}\n  ]\n}\n`;
}
