/** Files that the command line names: there, and readable, or a sentence that says why not. */
import { readFileSync, statSync } from "node:fs";
import { UsageError } from "./status.js";

/** Throws UsageError when there is no such file. */
export function checkFile(file: string): void {
  let directory: boolean;
  try {
    directory = statSync(file).isDirectory();
  } catch (error) {
    throw unreadable(file, error);
  }
  if (directory)
    throw new UsageError(`${file} is a directory: give the file of an app in it, for example ${file.replace(/\/$/, "")}/app.ts`);
}

/** What is in a file. Throws UsageError when it cannot be read. */
export function bytesIn(file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (error) {
    throw unreadable(file, error);
  }
}

function unreadable(file: string, error: unknown): UsageError {
  const { code } = error as NodeJS.ErrnoException;
  return new UsageError(code === "ENOENT" || code === "ENOTDIR" ? `there is no file ${file}` : `${file} cannot be read (${code})`);
}
