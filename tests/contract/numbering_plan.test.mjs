// The committed numbering plan table is what the pinned metadata gives.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import test from "node:test";
import { repository } from "./npm.mjs";

test("src/contact/numbering_plan/table.inc is up to date", () => {
  const script = `${repository}src/contact/numbering_plan/generate.mjs`;
  const { status, stderr } = spawnSync(process.execPath, [script, "--check"], { encoding: "utf8" });
  assert.equal(status, 0, stderr);
});
