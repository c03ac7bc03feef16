// What the server answers before any operation is reached: methods, paths, framing, limits.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Client } from "./support/client.mjs";
import { check, description, operations } from "./support/contract.mjs";
import { Wire } from "./support/http.mjs";
import { Server } from "./support/server.mjs";

let server;
let api;
before(async () => {
  server = await Server.start();
  api = new Client(server);
});
after(() => server?.stop());

const pathOf = (template) => template.replace(/\{\w+\}/g, "x1");

test("every method on every path: what is not described is refused, and Allow says what is", async () => {
  for (const path of Object.keys(description.paths)) {
    const methods = operations.filter((o) => o.path === path).map((o) => o.method);
    if (methods.includes("GET")) methods.push("HEAD");
    for (const method of ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"]) {
      const response = await api.call(method, pathOf(path));
      if (methods.includes(method)) {
        assert.notEqual(response.status, 405, `${method} ${path}`);
      } else {
        assert.equal(response.status, 405, `${method} ${path}`);
        assert.deepEqual(response.headers.allow.split(", ").sort(), [...methods].sort(), path);
      }
    }
  }
});

test("paths that are not there", async () => {
  const paths = ["/v1", "/v1/", "/v1/transactions/", "/V1/transactions", "/v1/transactions/x/claim/", "/v1//transactions", "/v3/transactions"];
  for (const path of [...paths, "/v1/subjects//contacts", "/v1/transactions/../keys", "/v1/%74ransactions", "/healthz/x", "/dev"]) {
    for (const method of ["GET", "POST", "DELETE"]) await api.expect("404 not_found", method, path);
  }
});

test("an X-Request-Id of the client comes back if it is plain", async () => {
  const ask = async (id) => (await api.call("GET", "/healthz", { headers: { "X-Request-Id": id } })).headers["x-request-id"];
  assert.equal(await ask("a.B-c_9"), "a.B-c_9");
  for (const bad of ["", "a b", "a\"b", "x".repeat(65), "é"]) assert.match(await ask(bad), /^[0-9a-f]{32}$/);
});

const get = "GET /healthz HTTP/1.1\r\n";
const host = "Host: localhost\r\n";
const refused = [
  ["400 bad_request_line", "GET\r\n\r\n"],
  ["400 bad_target", `GET  /healthz HTTP/1.1\r\n${host}\r\n`],
  ["400 bad_target", `GET /v1/transactions/%zz HTTP/1.1\r\n${host}\r\n`],
  ["400 bad_target", `GET /v1/transactions/%00 HTTP/1.1\r\n${host}\r\n`],
  ["400 bad_target", `GET /v1/subjects/%C3%28/factors HTTP/1.1\r\n${host}\r\n`],
  ["400 bad_header", `${get}${host}Bad Header: 1\r\n\r\n`],
  ["400 bad_header", `${get}${host}X: a\0b\r\n\r\n`],
  ["400 bad_line_ending", `${get}${host}X: 1\n\r\n`],
  ["400 bad_host", `${get}\r\n`],
  ["400 bad_host", `${get}${host}${host}\r\n`],
  ["400 bad_framing", `POST /v1/transactions HTTP/1.1\r\n${host}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n`],
  ["400 bad_framing", `POST /v1/transactions HTTP/1.1\r\n${host}Content-Length: -1\r\n\r\n`],
  ["400 bad_framing", `POST /v1/transactions HTTP/1.1\r\n${host}Content-Length: 1\r\nContent-Length: 1\r\n\r\n`],
  ["400 bad_framing", `POST /v1/transactions HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\n\r\nxyz\r\n`],
  ["413 body_too_large", `POST /v1/transactions HTTP/1.1\r\n${host}Content-Length: 262145\r\n\r\n`],
  ["413 body_too_large", `POST /v1/transactions HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\n\r\nFFFFFFF\r\n`],
  ["414 uri_too_long", `GET /${"x".repeat(8 * 1024)} HTTP/1.1\r\n${host}\r\n`],
  ["417 expectation_failed", `${get}${host}Expect: miracles\r\n\r\n`],
  ["431 headers_too_large", `${get}${host}X: ${"x".repeat(16 * 1024)}\r\n\r\n`],
  ["431 too_many_headers", `${get}${host}${"X: 1\r\n".repeat(100)}\r\n`],
  ["501 transfer_encoding_not_supported", `POST /v1/transactions HTTP/1.1\r\n${host}Transfer-Encoding: gzip\r\n\r\n`],
  ["505 http_version_not_supported", `GET /healthz HTTP/2.0\r\n${host}\r\n`],
  // Nothing more comes: the server waits ten seconds for the head.
  ["408 request_timeout", `${get}${host}`],
];

test("requests that could be read in two ways, or not at all", async (t) => {
  await Promise.all(
    refused.map(([expected, bytes]) =>
      t.test(`${expected}: ${JSON.stringify(bytes.slice(0, 90))}`, async () => {
        const wire = new Wire(server.port).send(bytes);
        const response = await wire.answer();
        const { code } = check({ method: "GET", path: "/nowhere" }, response);
        assert.equal(`${response.status} ${code}`, expected);
        assert.equal(response.headers.connection, "close");
        await wire.closed();
      }),
    ),
  );
});

test("chunks, 100-continue, pipelines and HTTP/1.0 are understood", async () => {
  const auth = `Authorization: Bearer ${api.key}\r\nContent-Type: application/json\r\n`;
  const chunked = new Wire(server.port).send(`POST /v1/transactions HTTP/1.1\r\n${host}${auth}Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n`);
  assert.equal((await chunked.answer()).status, 422);
  const patient = new Wire(server.port).send(`POST /v1/transactions HTTP/1.1\r\n${host}${auth}Expect: 100-continue\r\nContent-Length: 2\r\n\r\n`);
  assert.equal((await patient.answer()).status, 100);
  assert.equal((await patient.send("{}").answer()).status, 422);
  const pipeline = new Wire(server.port).send(`${get}${host}\r\n`.repeat(3));
  for (let i = 0; i < 3; ++i) assert.equal((await pipeline.answer()).status, 200);
  const old = new Wire(server.port).send("GET /healthz HTTP/1.0\r\n\r\n");
  assert.equal((await old.answer()).status, 200);
  await old.closed();
  for (const wire of [chunked, patient, pipeline]) wire.close();
});
