/** The line of a firmware that ended its task: its own, not that of the library, which only noticed. */
import type { Firmware, Site, TrapError } from "../../hal/host/index.js";
import { ofLibrary } from "./compile.js";

/** A function of a module on the engine's stack, by its offset. */
const FRAME = /wasm-function\[\d+\]:0x([0-9a-f]+)/;

/** Where a trap is from, as far as that is known. */
export function siteOfTrap({ site, stack = "" }: TrapError, firmware: Firmware | undefined): Site | undefined {
  if (firmware === undefined) return site;
  if (site && !ofLibrary(site.file)) return { ...site, file: sourceOf(firmware, site.file) };
  for (const row of stack.split("\n")) {
    const [, offset] = FRAME.exec(row) ?? [];
    const found = offset === undefined ? undefined : firmware.siteAt(Number.parseInt(offset, 16));
    if (found && !ofLibrary(found.file)) return found;
  }
  return site;
}

/** The compiler writes into the code what a file is called from the app's folder on; the source map says where that is. */
function sourceOf(firmware: Firmware, name: string): string {
  const { sources } = firmware.manifest.positions;
  const end = name.replace(/^(\.\.\/)+/, "");
  return sources.find((source) => source === end || source.endsWith(`/${end}`)) ?? name;
}
