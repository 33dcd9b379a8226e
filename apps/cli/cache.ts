/**
 * What compilers made of sources, in the folder that the user's system has for such things: the same sources are compiled once. An entry
 * names all that the compiler asked for, and a digest of each answer, so it is never stale. No failure of a cache is one of the
 * command: what cannot be read is compiled, what cannot be written is not kept.
 */
import { createHash, randomUUID } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** What a compiler made. */
export interface Compiled {
  /** Not yet preemptible. */
  wasm: Uint8Array;
  /** Its source map, as JSON. */
  map: string;
}

/** Answers what a compiler asks for by its name, null where there is no such source. */
export type Read = (name: string) => string | null;

interface Entry {
  /** Names and digests, null for what was not there. */
  reads: [name: string, digest: string | null][];
  wasm: string;
  map: string;
  /** Of the two. */
  digest: string;
}

const SUFFIX = ".firmware.json";
/** The entries that were used last stay; one has some 100 KB. */
const MOST = 200;

/** The folder for the entries of this user; undefined where there is none, or TALEA_CACHE is empty. */
export function cacheFolder(env: NodeJS.ProcessEnv, platform = process.platform): string | undefined {
  if (env.TALEA_CACHE !== undefined) return env.TALEA_CACHE || undefined;
  if (platform === "win32") return env.LOCALAPPDATA && join(env.LOCALAPPDATA, "talea", "cache");
  if (platform === "darwin") return env.HOME && join(env.HOME, "Library", "Caches", "talea");
  const caches = env.XDG_CACHE_HOME || (env.HOME && join(env.HOME, ".cache"));
  return caches && join(caches, "talea");
}

/** A digest of texts or bytes, in their order. */
export function digestOf(...parts: (string | Uint8Array)[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(`${part.length}:`).update(part);
  return hash.digest("hex").slice(0, 32);
}

export class Cache {
  readonly #folder: string | undefined;

  /** Without a folder it keeps nothing. */
  constructor(folder: string | undefined) {
    this.#folder = folder;
  }

  /** What was made under this key, if it would be made again: `read` answers as it did then. */
  find(key: string, read: Read): Compiled | undefined {
    if (this.#folder === undefined) return undefined;
    const file = this.#file(key);
    try {
      const { reads, wasm, map, digest } = JSON.parse(readFileSync(file, "utf8")) as Entry;
      if (digestOf(wasm, map) !== digest) return undefined;
      if (!reads.every(([name, was]) => digestOrNull(read(name)) === was)) return undefined;
      const now = new Date();
      utimesSync(file, now, now);
      return { wasm: new Uint8Array(Buffer.from(wasm, "base64")), map };
    } catch {
      return undefined;
    }
  }

  /** Keeps what was made of these answers. */
  keep(key: string, answers: ReadonlyMap<string, string | null>, { wasm, map }: Compiled): void {
    if (this.#folder === undefined) return;
    const base64 = Buffer.from(wasm).toString("base64");
    const reads = [...answers].map(([name, text]): Entry["reads"][0] => [name, digestOrNull(text)]);
    const entry: Entry = { reads, wasm: base64, map, digest: digestOf(base64, map) };
    const partial = `${this.#file(key)}.${randomUUID()}`;
    try {
      mkdirSync(this.#folder, { recursive: true });
      writeFileSync(partial, JSON.stringify(entry));
      renameSync(partial, this.#file(key));
      this.#clear(this.#folder);
    } catch {
      forget(partial);
    }
  }

  #file(key: string): string {
    return join(this.#folder as string, `${key}${SUFFIX}`);
  }

  /** Removes the entries that were not used for longest. */
  #clear(folder: string): void {
    const files = readdirSync(folder).filter((name) => name.endsWith(SUFFIX));
    if (files.length <= MOST) return;
    const used = (name: string) => statSync(join(folder, name), { throwIfNoEntry: false })?.mtimeMs ?? 0;
    const ages = files.map((name) => [name, used(name)] as const).sort(([, a], [, b]) => b - a);
    for (const [name] of ages.slice(MOST)) forget(join(folder, name));
  }
}

function forget(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // It stays: nobody looks for it.
  }
}

function digestOrNull(text: string | null): string | null {
  return text === null ? null : digestOf(text);
}
