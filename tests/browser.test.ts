/** The same runs in a page and in a worker of headless Chromium, and the page of docs/browser.md as it stands there. */
import { readFileSync } from "node:fs";
import { join, normalize } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { ensureBuilt, root } from "./built.js";
import { browserPath, Chromium, MISSING, type Served } from "./chromium.js";
import { bundled, job } from "./same/bundle.js";
import { recorded } from "./same/here.js";
import type { Outcome } from "./same/runs.js";
import { spoken } from "./same/spoken.js";

const test = suite("browser");

const PAGE = `<!doctype html>
<title>runs</title>
<script type="module">
  import { play } from "./bundle.js";
  window.played = play(await (await fetch("./job.json")).json());
</script>
`;

const WORKER = `import { play } from "./bundle.js";
postMessage(play(await (await fetch("./job.json")).json()));
`;

const IN_WORKER = `<!doctype html>
<title>runs in a worker</title>
<script type="module">
  const worker = new Worker("./worker.js", { type: "module" });
  worker.onmessage = ({ data }) => { window.played = data; };
  worker.onerror = ({ message }) => { throw new Error(message); };
</script>
`;

/** The page in docs/browser.md, and what it says that it shows. */
const DOCS = readFileSync(join(root, "docs/browser.md"), "utf8");
const [, SHOWN_PAGE] = /```html\n([\s\S]*?)```/.exec(DOCS) as unknown as [string, string];
const [, SHOWN] = /It shows\n\n```\n([\s\S]*?)\n```/.exec(DOCS) as unknown as [string, string];

test("the page of docs/browser.md shows what Node has", () => {
  assert.is(spoken(), SHOWN);
});

function installed(path: string): void {
  let chromium: Chromium;

  test.before(async () => {
    chromium = await Chromium.start(path);
  });
  test.after(async () => {
    await chromium.end();
  });

  const js = (body: string): Served => ({ type: "text/javascript", body });
  const html = (body: string): Served => ({ type: "text/html", body });

  async function playedIn(page: string): Promise<Record<string, Outcome>> {
    const files: Record<string, Served> = {
      "/": html(page),
      "/bundle.js": js(await bundled()),
      "/worker.js": js(WORKER),
      "/job.json": { type: "application/json", body: JSON.stringify(await job()) },
    };
    return chromium.open(
      "/",
      (path) => files[path],
      async (open) => {
        const handle = await open.waitForFunction("window.played");
        return (await handle.jsonValue()) as Record<string, Outcome>;
      },
    );
  }

  test("TRC-02d every recorded run has the same hash and end in a page of a browser", async () => {
    assert.equal(await playedIn(PAGE), recorded(), `Chromium ${chromium.version}`);
  });

  test("TRC-02d every recorded run has the same hash and end in a worker of a browser", async () => {
    assert.equal(await playedIn(IN_WORKER), recorded(), `Chromium ${chromium.version}`);
  });

  test("the page of docs/browser.md runs as it stands there, from the built package, without a bundler", async () => {
    ensureBuilt();
    const files = (path: string): Served | undefined => {
      if (path === "/") return html(SHOWN_PAGE);
      const [, file] = /^\/node_modules\/talea\/(dist\/[\w./-]+)$/.exec(path) ?? [];
      if (file === undefined || normalize(file) !== file) return undefined;
      const body = readFileSync(join(root, file));
      return { type: file.endsWith(".wasm") ? "application/wasm" : "text/javascript", body };
    };
    const shown = await chromium.open("/", files, async (open) => {
      await open.waitForFunction("document.querySelector('#out').textContent !== ''");
      return open.textContent("#out");
    });
    assert.is(shown, SHOWN);
  });
}

const path = browserPath();
if (path !== undefined) installed(path);
else test("runs in a browser skipped: none is installed", () => console.log(MISSING));

test.run();
