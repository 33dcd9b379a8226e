/** `npm run hashes`: writes hashes.json, fields.json and meshes.json anew, and the hash in docs/browser.md, and says which runs changed. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../built.js";
import { FIELDS_FILE, playRound, recordedRounds, rounds, type Traced } from "./fields.js";
import { FILE, played, recorded } from "./here.js";
import { MESHES_FILE, meshes, playMesh, recordedMeshes } from "./meshes.js";
import { spoken } from "./spoken.js";

const PAGE = join(root, "docs/browser.md");

const before = existsSync(FILE) ? recorded() : {};
const now = played();
const same = (name: string) => JSON.stringify(before[name]) === JSON.stringify(now[name]);
const changed = Object.keys(now).filter((name) => name in before && !same(name));
const added = Object.keys(now).filter((name) => !(name in before));
const gone = Object.keys(before).filter((name) => !(name in now));

writeFileSync(FILE, `${JSON.stringify(now, undefined, 2)}\n`);
const roundsBefore = recordedRounds();
const traced: Record<string, Traced> = Object.fromEntries(rounds.map((round) => [round.name, playRound(round)]));
writeFileSync(FIELDS_FILE, `${JSON.stringify(traced, undefined, 2)}\n`);
const meshesBefore = recordedMeshes();
const meshesNow = Object.fromEntries(meshes.map((mesh) => [mesh.name, playMesh(mesh)]));
writeFileSync(MESHES_FILE, `${JSON.stringify(meshesNow, undefined, 2)}\n`);
const page = readFileSync(PAGE, "utf8");
const [hash] = /0x[0-9A-F]{16}/.exec(spoken()) as unknown as [string];
writeFileSync(PAGE, page.replace(/0x[0-9A-F]{16}/, hash));
for (const name of changed) console.log(`changed  ${name}: ${before[name]?.hash} -> ${now[name]?.hash}`);
for (const [name, { programs, traces }] of Object.entries(traced)) {
  const old = roundsBefore[name];
  if (old?.programs !== programs) console.log(`new      other programs about ${name}: ${traces}`);
  else if (old.traces !== traces) changed.push(name) && console.log(`changed  programs about ${name}: ${old.traces} -> ${traces}`);
}
for (const [name, hash] of Object.entries(meshesNow)) {
  const old = meshesBefore[name];
  if (old === undefined) console.log(`new      ${name}: ${hash}`);
  else if (old !== hash) changed.push(name) && console.log(`changed  ${name}: ${old} -> ${hash}`);
}
for (const name of added) console.log(`new      ${name}: ${now[name]?.hash}`);
for (const name of gone) console.log(`gone     ${name}`);
if (changed.length > 0)
  console.log("\nA changed hash is a change of behaviour that every user's tests see: CHANGELOG.md must tell of it, and why.");
else if (added.length + gone.length === 0) console.log(`${Object.keys(now).length} runs, every hash as it was recorded`);
