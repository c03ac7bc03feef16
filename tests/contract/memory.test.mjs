// What a request held is gone from the server's memory once it is over: a payload after its claim and acknowledgement, the
// key of an authenticator app after its confirmation. Reads the process's memory as a debugger would, which needs root.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { closeSync, mkdtempSync, openSync, readFileSync, readSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Client, anIdentity, eventually, totpCode } from "./support/client.mjs";
import { Server } from "./support/server.mjs";

/// Every readable mapping that could hold data, in pieces that overlap by more than a needle.
function* memoryOf(pid) {
  const overlap = 256;
  const piece = Buffer.alloc(4 << 20);
  const file = openSync(`/proc/${pid}/mem`, "r");
  try {
    for (const line of readFileSync(`/proc/${pid}/maps`, "utf8").trim().split("\n")) {
      const [, from, to, rights, name] = /^([0-9a-f]+)-([0-9a-f]+) (\S+) \S+ \S+ \S+ *(.*)$/.exec(line);
      if (!rights.startsWith("rw") || name === "[vvar]") continue;
      for (let at = Number.parseInt(from, 16); at < Number.parseInt(to, 16); at += piece.length - overlap) {
        const size = Math.min(piece.length, Number.parseInt(to, 16) - at);
        let got = 0;
        try {
          got = readSync(file, piece, 0, size, at);
        } catch {
          continue;  // Unmapped meanwhile.
        }
        yield { bytes: piece.subarray(0, got), name };
      }
    }
  } finally {
    closeSync(file);
  }
}

/// Where each needle is found, and how often.
const find = (pid, needles) => {
  const found = [];
  for (const { bytes, name } of memoryOf(pid)) {
    for (const [what, needle] of Object.entries(needles)) {
      for (let at = bytes.indexOf(needle); at >= 0; at = bytes.indexOf(needle, at + 1)) found.push(`${what} in ${name || "anonymous memory"}`);
    }
  }
  return found;
};

/// A sanitizer's allocator keeps what was freed, to notice who still uses it.
const isSanitized = (pid) => /\blib[at]san\b/.test(readFileSync(`/proc/${pid}/maps`, "utf8"));

const canRead = (pid) => {
  try {
    return !isSanitized(pid) && find(pid, { ours: Buffer.from("countersign") }).length > 0;
  } catch {
    return false;
  }
};

const fromBase32 = (text) => {
  const bits = [...text].map((c) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(c).toString(2).padStart(5, "0")).join("");
  return Buffer.from(bits.match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)));
};

let server;
let tlsServer;
let readable;
let certificates;
before(async () => {
  certificates = mkdtempSync(join(tmpdir(), "countersign-tls-"));
  const [key, certificate] = ["key.pem", "certificate.pem"].map((name) => join(certificates, name));
  execFileSync("openssl", ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key,
    "-out", certificate, "-days", "2", "-subj", "/CN=localhost"], { stdio: "ignore" });
  server = await Server.start();
  tlsServer = await Server.start({ config: `[tls]\ncertificate = "${certificate}"\nkey = "${key}"\n` });
  readable = canRead(server.process.pid);
});
after(async () => {
  await server?.stop();
  await tlsServer?.stop();
  rmSync(certificates, { recursive: true, force: true });
});

/// Holds, proves, claims and acknowledges, and binds an app; answers what may not be found any more.
const story = async (api) => {
  const payload = `payload-${randomBytes(24).toString("hex")}`;
  const held = await api.verified({ payload: { account: payload } });
  const claimed = await api.post(`/v1/transactions/${held.id}/claim`, undefined, 200);
  assert.equal(claimed.payload.account, payload);
  await api.post(`/v1/transactions/${held.id}/ack`, { fencing_token: claimed.fencing_token }, 200);
  const enrolled = await api.authenticator(anIdentity());
  return { payload: Buffer.from(payload), "TOTP key as text": Buffer.from(enrolled.secret), "TOTP key": fromBase32(enrolled.secret) };
};

const leavesNothing = async (t, where) => {
  if (!readable) return t.skip("the memory of another process cannot be read here");
  const api = new Client(where);
  const needles = {};
  for (let i = 0; i < 5; ++i) {
    for (const [what, needle] of Object.entries(await story(api))) needles[`${what} ${i}`] = needle;
  }
  await api.get("/healthz");
  // What another thread still holds is a matter of the moment.
  const left = await eventually("a memory without them", async () => {
    const found = find(where.process.pid, needles);
    return found.length === 0 ? [] : undefined;
  }).catch(() => find(where.process.pid, needles));
  assert.deepEqual(left, []);
};

test("payload and TOTP key are gone when they are over", (t) => leavesNothing(t, server));
test("and where the connection itself is encrypted", (t) => leavesNothing(t, tlsServer));

test("what is still held is found, so that the search looks in the right place", async (t) => {
  if (!readable) return t.skip("the memory of another process cannot be read here");
  const known = Buffer.from(server.credentials.url);
  assert.notEqual(find(server.process.pid, { known }).length, 0);
});
