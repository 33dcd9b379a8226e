/** What c8 counted of the host's code, by folder. */
import { existsSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { root } from "../built.js";
import type { Row, Share } from "./table.js";
import { total } from "./table.js";

/** Where c8 leaves its figures (.c8rc.json). */
const SUMMARY = join(root, "coverage/coverage-summary.json");

interface Counted {
  total: number;
  covered: number;
}
type Summary = Record<string, { lines: Counted; branches: Counted }>;

function share({ total: all, covered: reached }: Counted): Share {
  return { reached, all };
}

/** A row for each folder with the files of the host; none when c8 has left no figures. */
export function hostRows(file = SUMMARY): Row[] {
  if (!existsSync(file)) return [];
  const summary = JSON.parse(readFileSync(file, "utf8")) as Summary;
  const rows = Object.entries(summary)
    .filter(([name]) => name !== "total")
    .map(([name, { lines, branches }]) => ({
      name: relative(root, name).replaceAll("\\", "/"),
      lines: share(lines),
      branches: share(branches),
      missing: "",
    }));
  const folders = [...new Set(rows.map(({ name }) => name.slice(0, name.lastIndexOf("/"))))].sort();
  return folders.map((folder) =>
    total(
      `${folder}/`,
      rows.filter(({ name }) => name.slice(0, name.lastIndexOf("/")) === folder),
    ),
  );
}
