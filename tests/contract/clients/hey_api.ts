// The main job by the client that @hey-api/openapi-ts makes.
import { createClient, createConfig } from "./hey/client/index.js";
import { ack, check, claim, hold, showTransaction, startVerification } from "./hey/sdk.gen.js";
import type { Hold, NewContact } from "./hey/types.gen.js";
import { payload, wrong, type Done, type Given } from "./job.js";

export const leastHold: Hold = { type: "payout", subject: { identity: "a" }, display: { title: "A" }, payload: null };
export const leastContact: NewContact = { channel: "sms", address: "+5511987654321" };
// @ts-expect-error no such channel
export const noContact: NewContact = { channel: "fax", address: "+5511987654321" };
// @ts-expect-error no such member
export const noHold: Hold = { ...leastHold, colour: "red" };

export async function run({ url, key, identity, phone, code }: Given): Promise<Done> {
  const client = createClient(createConfig({ baseUrl: url, auth: key }));
  const { data: held, error } = await hold({
    client,
    headers: { "Idempotency-Key": `hold-${identity}` },
    body: {
      type: "payout_account.change",
      subject: { identity, contacts: [{ channel: "sms", address: phone }] },
      display: { title: "New account", payee: "Casa do Samba", amount: { value: "12480.00", currency: "BRL" }, lines: [{ label: "Account", value: "3661" }] },
      payload,
      policy: { any_of: ["sms"] },
      metadata: { order: 7, nested: { deep: true } },
    },
  });
  if (!held) throw new Error(error?.code);
  const path = { id: held.id };
  const started = await startVerification({ client, path, body: { channel: "sms" } });
  if (!started.data) throw new Error(started.error?.code);
  const right = await code();
  const refused = await check({ client, path, body: { code: wrong(right) } });
  if (!refused.error) throw new Error("a wrong code was accepted");
  const checked = await check({ client, path, body: { code: right } });
  if (!checked.data) throw new Error(checked.error?.code);
  const shown = await showTransaction({ client, path });
  const claimed = await claim({ client, path });
  if (!claimed.data) throw new Error(claimed.error?.code);
  const released = await ack({ client, path, body: { fencing_token: claimed.data.fencing_token } });
  if (!released.data) throw new Error(released.error?.code);
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
