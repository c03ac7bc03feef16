// Just enough of Meta's WhatsApp Cloud API, on loopback: it accepts messages, and signs reports about them.
// developers.facebook.com/documentation/business-messaging/whatsapp: "Send messages", "Webhooks reference": "statuses", "text".
import { createHmac } from "node:crypto";
import { createServer } from "node:http";

export const phoneNumberId = "106540352242922";
export const appSecret = "0123456789abcdef0123456789abcdef";
export const verifyToken = "a word of ours";

export class Meta {
  static async start() {
    const meta = new Meta();
    meta.messages = [];
    meta.server = createServer((request, response) => {
      let body = "";
      request.on("data", (part) => (body += part));
      request.on("end", () => {
        meta.messages.push(JSON.parse(body));
        response.writeHead(200, { "Content-Type": "application/json" });
        response.end(JSON.stringify({ messaging_product: "whatsapp", messages: [{ id: `wamid.${meta.messages.length}` }] }));
      });
    });
    await new Promise((resolve) => meta.server.listen(0, "127.0.0.1", resolve));
    meta.url = `http://127.0.0.1:${meta.server.address().port}`;
    return meta;
  }

  stop() {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(resolve));
  }
}

const webhook = (items) =>
  JSON.stringify({
    object: "whatsapp_business_account",
    entry: [{ id: "1", changes: [{ field: "messages", value: { messaging_product: "whatsapp", metadata: { phone_number_id: phoneNumberId }, ...items } }] }],
  });

/// The body of a webhook that reports on `message`, the `number`th that Meta accepted.
export const report = (message, number, status, more = {}) =>
  webhook({ statuses: [{ id: `wamid.${number}`, status, timestamp: "1795348800", biz_opaque_callback_data: message.biz_opaque_callback_data, ...more }] });

/// The body of a webhook with what somebody types now; `from` in digits.
export const text = (from, body) =>
  webhook({ contacts: [{ profile: { name: "Ana" }, wa_id: from }], messages: [{ from, id: "wamid.in", timestamp: `${Math.floor(Date.now() / 1000)}`, type: "text", text: { body } }] });

/// X-Hub-Signature-256 of a body.
export const signed = (body, secret = appSecret) => ({ "X-Hub-Signature-256": `sha256=${createHmac("sha256", secret).update(body).digest("hex")}` });
