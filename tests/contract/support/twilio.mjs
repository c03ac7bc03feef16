// Just enough of Twilio, on loopback: Verify that can be made to wait, fail and approve, and Messaging.
import { createHmac, randomBytes } from "node:crypto";
import { createServer } from "node:http";

export const accountSid = `AC${"a".repeat(32)}`;
export const authToken = "0123456789abcdef0123456789abcdef";
export const verifyServiceSid = `VA${"b".repeat(32)}`;

const sid = (prefix) => prefix + randomBytes(16).toString("hex");

export class Twilio {
  static async start() {
    const twilio = new Twilio();
    twilio.calls = [];
    twilio.waiting = [];
    twilio.pending = new Map();
    twilio.made = new Map(); // Calls, by SID.
    twilio.holdsBack = false;
    twilio.isDown = false;
    twilio.rightCode = "424242";
    twilio.server = createServer((request, response) => {
      let body = "";
      request.on("data", (part) => (body += part));
      request.on("end", () => twilio.answer(request, response, new URLSearchParams(body)));
    });
    await new Promise((resolve) => twilio.server.listen(0, "127.0.0.1", resolve));
    twilio.url = `http://127.0.0.1:${twilio.server.address().port}`;
    return twilio;
  }

  answer(request, response, form) {
    this.calls.push({ path: request.url, form });
    const send = (status, value) => {
      response.writeHead(status, { "Content-Type": "application/json" });
      response.end(JSON.stringify(value));
    };
    const reply = () => {
      if (this.isDown) return send(500, { code: 20500, message: "Internal Server Error", status: 500 });
      if (request.url.endsWith("/Messages.json")) return send(201, { sid: sid("SM"), status: "queued", error_code: null });
      if (request.url.endsWith("/Calls.json")) {
        const made = sid("CA");
        this.made.set(made, form);
        return send(201, { sid: made, status: "queued" });
      }
      if (request.url.endsWith("/VerificationCheck")) {
        const valid = form.get("Code") === this.rightCode;
        if (valid) this.end(form.get("VerificationSid"));
        return send(200, { sid: form.get("VerificationSid"), status: valid ? "approved" : "pending", valid });
      }
      const [, which] = request.url.split("/Verifications/");
      if (which !== undefined) {
        const ended = this.end(decodeURIComponent(which));
        return ended ? send(200, { ...ended, status: "canceled" }) : send(404, { code: 20404, message: "The requested resource was not found", status: 404 });
      }
      // One is pending for a number at a time, and sent once more to whoever asks.
      const to = form.get("To");
      const pending = this.pending.get(to) ?? { sid: sid("VE"), to, status: "pending", valid: false, send_code_attempts: [] };
      this.pending.set(to, pending);
      pending.send_code_attempts.push({ attempt_sid: sid("VL") });
      return send(201, pending);
    };
    if (this.holdsBack) this.waiting.push(reply);
    else reply();
  }

  /// By SID or by the number.
  end(which) {
    const found = [...this.pending.values()].find((one) => one.sid === which || one.to === which);
    if (found !== undefined) this.pending.delete(found.to);
    return found;
  }

  release() {
    this.holdsBack = false;
    for (const reply of this.waiting.splice(0)) reply();
  }

  stop() {
    this.release();
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(resolve));
  }
}

/// X-Twilio-Signature of a form that is posted to `url`.
export const signature = (url, form) => {
  const text = [...form].sort(([a], [b]) => (a < b ? -1 : 1)).reduce((all, [name, value]) => all + name + value, url);
  return createHmac("sha1", authToken).update(text).digest("base64");
};
