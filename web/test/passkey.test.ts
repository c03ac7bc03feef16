import assert from "node:assert/strict";
import { test } from "node:test";

import { passkeyEnd } from "../src/lib/passkey_end.js";

test("a dialog that was closed and one that waited in vain are told apart by the time", () => {
  assert.equal(passkeyEnd("NotAllowedError", 2_000, 300_000), "canceled");
  assert.equal(passkeyEnd("NotAllowedError", 299_900, 300_000), "late");
  assert.equal(passkeyEnd("NotAllowedError", 299_900, undefined), "canceled");
});

test("a passkey that is there already, an end by another dialog and whatever else", () => {
  assert.equal(passkeyEnd("InvalidStateError", 10, 300_000), "already");
  assert.equal(passkeyEnd("AbortError", 10, 300_000), "canceled");
  assert.equal(passkeyEnd("SecurityError", 10, 300_000), "failed");
  assert.equal(passkeyEnd("", 10, undefined), "failed");
});
