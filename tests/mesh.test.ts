/** Whole kernels that have to do with each other: what their runs are is what it was when `npm run hashes` recorded it. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { meshes, playMesh, recordedMeshes } from "./same/meshes.js";

const test = suite("mesh");

for (const mesh of meshes) {
  test(`${mesh.name} is the run that was recorded`, () => {
    const changed = "this run has changed: if that is meant, npm run hashes, and CHANGELOG.md must tell why";
    assert.is(playMesh(mesh), recordedMeshes()[mesh.name], changed);
  });
}

test("what was recorded is played", () => {
  assert.equal(
    Object.keys(recordedMeshes()),
    meshes.map(({ name }) => name),
  );
});

test.run();
