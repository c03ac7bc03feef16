import assert from "node:assert/strict";
import { test } from "node:test";
import { matches, plain } from "../src/lib/search_words.js";
import { bodyText, formBody, idIn, placesOf, requestOf } from "../src/lib/try_request.js";

test("each word that was typed is looked for, in any case and without marks", () => {
  const text = plain("POST /v1/transactions/{id}/claim Take the sealed data");
  assert.ok(matches("CLAIM post", text));
  assert.ok(matches("", text));
  assert.ok(matches("dáta", text));
  assert.ok(!matches("claim contacts", text));
});

test("a request is made of fields and body; what is empty is left out", () => {
  const tried = { method: "POST", path: "/v1/subjects/{identity}/contacts/{id}", fields: [
    { name: "identity", in: "path" }, { name: "id", in: "path" }, { name: "service", in: "query" }, { name: "reason", in: "query" },
    { name: "Idempotency-Key", in: "header" }] };
  const values = new Map([["path identity", "a/b ?c"], ["path id", "CT1"], ["query service", "x&y"], ["query reason", ""], ["header Idempotency-Key", "k"]]);
  assert.deepEqual(requestOf(tried, values, '{"a":1}'), {
    method: "POST", path: "/v1/subjects/a%2Fb%20%3Fc/contacts/CT1?service=x%26y",
    headers: { "idempotency-key": "k", "content-type": "application/json" }, body: '{"a":1}' });
  assert.deepEqual(requestOf({ method: "GET", path: "/v1/events" }, new Map(), "").headers, {});
});

test("a form is one field a line", () => {
  assert.equal(formBody("To=+55119\r\nTag=a=b\n\nnothing"), "To=%2B55119&Tag=a%3Db");
  assert.equal(bodyText({ method: "POST", path: "/", form: { To: "+1", EventTypes: ["a", "b"] } }), "To=+1\nEventTypes=a\nEventTypes=b");
  const sent = requestOf({ method: "POST", path: "/v2", form: {} }, new Map(), "A=1");
  assert.equal(sent.headers["content-type"], "application/x-www-form-urlencoded");
});

test("an answer's id fills the next form", () => {
  assert.equal(idIn({ id: "TX1" }), "TX1");
  assert.equal(idIn({ sid: "VE1", status: "pending" }), "VE1");
  assert.equal(idIn({ data: [{ id: "TX2" }, { id: "TX3" }] }), "TX2");
  assert.equal(idIn({ data: [] }), undefined);
  assert.equal(idIn("text"), undefined);
  assert.deepEqual(placesOf("/v1/a/{x}/b/{y}"), [{ name: "x", collection: "/v1/a" }, { name: "y", collection: "/v1/a/{x}/b" }]);
});
