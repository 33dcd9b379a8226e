/** A headless Chromium for tests, where one is installed, and a server of files on the loopback. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { delimiter, join } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
/** Nothing of it goes out to the network. */
const FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run", "--disable-component-update"];

/** The browser to be had: what TALEA_CHROMIUM names, else the first in PATH. */
export function browserPath(): string | undefined {
  const named = process.env.TALEA_CHROMIUM;
  if (named !== undefined) return existsSync(named) ? named : undefined;
  const folders = (process.env.PATH ?? "").split(delimiter);
  const paths = NAMES.flatMap((name) => folders.map((folder) => join(folder, name)));
  return paths.find((path) => existsSync(path) && spawnSync(path, ["--version"], { stdio: "ignore" }).status === 0);
}

/** What a test without one says. */
export const MISSING = "skipped: no Chromium is installed (apt-get install chromium, or name one with TALEA_CHROMIUM=/path/to/chromium)";

export interface Served {
  type: string;
  body: string | Uint8Array;
}

/** Serves what `files` knows of a path, on a port of the loopback that is free. */
async function listening(files: (path: string) => Served | undefined): Promise<{ server: Server; origin: string }> {
  const server = createServer((request, response) => {
    const found = files(new URL(request.url ?? "/", "http://localhost").pathname);
    response.writeHead(found ? 200 : 404, { "content-type": found?.type ?? "text/plain" }).end(found?.body);
  });
  await new Promise<void>((settle) => server.listen(0, "127.0.0.1", settle));
  return { server, origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

export class Chromium {
  readonly #browser: Browser;

  private constructor(browser: Browser) {
    this.#browser = browser;
  }

  static async start(executablePath: string): Promise<Chromium> {
    // The time that it takes is the machine's affair.
    return new Chromium(await chromium.launch({ executablePath, headless: true, args: FLAGS, timeout: 0 }));
  }

  get version(): string {
    return this.#browser.version();
  }

  /** Opens a page of what is served, and answers what `look` makes of it; whatever the page throws is thrown. */
  async open<T>(path: string, files: (path: string) => Served | undefined, look: (page: Page) => Promise<T>): Promise<T> {
    const { server, origin } = await listening(files);
    const page = await this.#browser.newPage();
    page.setDefaultTimeout(0);
    try {
      const thrown = new Promise<never>((_, fail) => page.on("pageerror", fail));
      return await Promise.race([thrown, page.goto(origin + path).then(() => look(page))]);
    } finally {
      await page.close();
      server.close();
      server.closeAllConnections();
    }
  }

  async end(): Promise<void> {
    await this.#browser.close();
  }
}
