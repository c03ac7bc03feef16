// The main job by openapi-fetch, with the types that openapi-typescript makes.
import createClient from "openapi-fetch";
import { payload, wrong, type Done, type Given } from "./job.js";
import type { components, paths } from "./openapi.js";

type Schemas = components["schemas"];
// What need not be sent is optional, what comes is typed, and what is not described is refused.
export const leastHold: Schemas["Hold"] = { type: "payout", subject: { identity: "a" }, display: { title: "A" }, payload: null };
export const leastPolicy: Schemas["GivenPolicy"] = { any_of: ["totp"] };
export const leastContact: Schemas["NewContact"] = { channel: "sms", address: "+5511987654321" };
export const leastEnrol: Schemas["Enrol"] = { type: "totp", totp: {} };
// @ts-expect-error no such channel
export const noContact: Schemas["NewContact"] = { channel: "fax", address: "+5511987654321" };
// @ts-expect-error no such member
export const noHold: Schemas["Hold"] = { ...leastHold, colour: "red" };

export async function run({ url, key, identity, phone, code }: Given): Promise<Done> {
  const client = createClient<paths>({ baseUrl: url, headers: { Authorization: `Bearer ${key}` } });
  const { data: held, error } = await client.POST("/v1/transactions", {
    params: { header: { "Idempotency-Key": `hold-${identity}` } },
    body: {
      type: "payout_account.change",
      subject: { identity, contacts: [{ channel: "sms", address: phone }] },
      display: { title: "New account", payee: "Casa do Samba", amount: { value: "12480.00", currency: "BRL" }, lines: [{ label: "Account", value: "3661" }] },
      payload,
      policy: { any_of: ["sms"] },
      metadata: { order: 7, nested: { deep: true } },
    },
  });
  if (!held) throw new Error(error.code);
  const path = { id: held.id };
  const started = await client.POST("/v1/transactions/{id}/verifications", { params: { path }, body: { channel: "sms" } });
  if (!started.data) throw new Error(started.error.code);
  const right = await code();
  const refused = await client.POST("/v1/transactions/{id}/checks", { params: { path }, body: { code: wrong(right) } });
  if (!refused.error) throw new Error("a wrong code was accepted");
  const checked = await client.POST("/v1/transactions/{id}/checks", { params: { path }, body: { code: right } });
  if (!checked.data) throw new Error(checked.error.code);
  const shown = await client.GET("/v1/transactions/{id}", { params: { path } });
  const claimed = await client.POST("/v1/transactions/{id}/claim", { params: { path } });
  if (!claimed.data) throw new Error(claimed.error.code);
  const released = await client.POST("/v1/transactions/{id}/ack", { params: { path }, body: { fencing_token: claimed.data.fencing_token } });
  if (!released.data) throw new Error(released.error.code);
  return {
    held: held.status,
    metadata: shown.data?.metadata?.nested,
    refused: [refused.error.code, refused.error.attempts_left],
    verified: checked.data.status,
    payload: claimed.data.payload,
    receipt: claimed.data.receipt,
    released: released.data.status,
  };
}
