// docs/openapi.yaml makes clients that other people's generators write: they type-check, and do the main job.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { repository } from "./npm.mjs";
import { Client, aPhone, anIdentity } from "./support/client.mjs";
import { Server } from "./support/server.mjs";

const description = `${repository}docs/openapi.yaml`;
const modules = `${repository}tools/npm/node_modules`;
let server;
let folder;
const run = (name, ...options) => {
  try {
    execFileSync(`${modules}/.bin/${name}`, options, { cwd: folder, encoding: "utf8", stdio: "pipe" });
  } catch (error) {
    assert.fail(`${name}: ${error.stdout}${error.stderr}`);
  }
};

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "countersign-clients-"));
  cpSync(`${repository}tests/contract/clients`, folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), '{"type": "commonjs"}');
  symlinkSync(modules, join(folder, "node_modules"));
  run("openapi-typescript", description, "--output", "openapi.ts");
  run("openapi-ts", "--input", description, "--output", "hey", "--plugins", "@hey-api/client-fetch", "@hey-api/typescript", "@hey-api/sdk");
  run("tsc", "--project", ".");
  server = await Server.start();
});
after(async () => {
  await server?.stop();
  if (folder) rmSync(folder, { recursive: true, force: true });
});

for (const client of ["openapi_fetch", "hey_api"]) {
  test(`hold, start, check, claim and acknowledge by ${client}`, async () => {
    const job = await import(pathToFileURL(join(folder, "out", `${client}.js`)).href);
    const api = new Client(server);
    const phone = aPhone();
    const done = await job.run({ url: server.url, key: api.key, identity: anIdentity(), phone, code: () => api.code(phone) });
    assert.match(done.receipt, /^[\w-]+\.[\w-]+\.[\w-]+$/);
    delete done.receipt;
    assert.deepEqual(done, {
      held: "held",
      metadata: { deep: true },
      refused: ["wrong_code", 4],
      verified: "verified",
      payload: { bank: "341", branch: "2545", account: "02366-1" },
      released: "released",
    });
  });
}
