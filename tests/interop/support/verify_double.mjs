// The service itself, as far as its own documentation tells: the core of Verify v2, in memory, on loopback. What a program
// does with it is what the same program must do with Countersign.
import { randomBytes } from "node:crypto";
import { createServer } from "node:http";

const sid = (prefix) => prefix + randomBytes(16).toString("hex");
const now = () => new Date().toISOString().replace(/\.\d+/, "");
const fault = (status, code, message, headers = {}) => ({ status, body: { code, message, more_info: `https://www.twilio.com/docs/errors/${code}`, status }, headers });

export class VerifyDouble {
  static async start() {
    const double = new this();
    double.account = sid("AC");
    double.token = randomBytes(16).toString("hex");
    double.services = new Map();
    double.codes = new Map();
    double.service = double.createService(new URLSearchParams({ FriendlyName: "Shop" })).body.sid;
    double.server = createServer((request, response) => {
      let body = "";
      request.on("data", (part) => (body += part));
      request.on("end", () => {
        const answer = double.answer(request, new URLSearchParams(body));
        if (answer === undefined) return; // Nobody hears of it.
        response.writeHead(answer.status, { ...(answer.body === undefined ? {} : { "Content-Type": "application/json" }), ...answer.headers });
        response.end(answer.body === undefined ? "" : JSON.stringify(answer.body));
      });
    });
    await new Promise((resolve) => double.server.listen(0, "127.0.0.1", resolve));
    double.url = `http://127.0.0.1:${double.server.address().port}`;
    return double;
  }

  stop() {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(resolve));
  }

  codeFor(to) {
    return this.codes.get(to);
  }

  answer(request, form) {
    const url = new URL(request.url, "http://here");
    const credentials = Buffer.from((request.headers.authorization ?? "").slice(6), "base64").toString();
    if (credentials !== `${this.account}:${this.token}`) return fault(401, 20003, "Authenticate");
    const parts = url.pathname.split("/").slice(2).map(decodeURIComponent);
    const missing = fault(404, 20404, `The requested resource ${decodeURIComponent(url.pathname).slice(3)} was not found`);
    const is = (method) => request.method === method;
    if (parts[0] !== "Services") return missing;
    if (parts.length === 1) return is("POST") ? this.createService(form) : this.listServices(url);
    const service = this.services.get(parts[1]);
    if (service === undefined) return missing;
    if (parts.length === 2) return is("GET") ? { status: 200, body: service.shown } : is("DELETE") ? (this.services.delete(parts[1]), { status: 204 }) : { status: 200, body: this.change(service.shown, form) };
    if (parts[2] === "Verifications" && parts.length === 3) return this.start(service, form);
    if (parts[2] === "VerificationCheck") return this.check(service, form) ?? missing;
    if (parts[2] === "RateLimits" && parts.length === 3) return this.createRateLimit(service, form);
    if (parts[2] === "RateLimits" && parts[4] === "Buckets") return this.createBucket(service, parts[3], form);
    const found = parts[2] === "Verifications" ? service.verifications.find((v) => (v.shown.sid === parts[3] || v.shown.to === parts[3]) && v.shown.status === "pending") : undefined;
    if (found === undefined) return missing;
    if (is("GET")) return { status: 200, body: found.shown };
    if (!["canceled", "approved"].includes(form.get("Status"))) return fault(400, 60200, "Invalid parameter: Status");
    return { status: 200, body: this.end(found, form.get("Status")) };
  }

  change(shown, form) {
    if (form.has("FriendlyName")) shown.friendly_name = shown.totp.issuer = form.get("FriendlyName");
    if (form.has("CodeLength")) shown.code_length = Number(form.get("CodeLength"));
    if (form.has("LookupEnabled")) shown.lookup_enabled = form.get("LookupEnabled").toLowerCase() === "true";
    return shown;
  }

  createService(form) {
    const name = form.get("FriendlyName") ?? "";
    if (!/^[A-Za-z0-9 _-]{1,30}$/.test(name)) return fault(400, 60200, "Invalid parameter: FriendlyName");
    const length = Number(form.get("CodeLength") ?? 6);
    if (length < 4 || length > 10) return fault(400, 60200, "Invalid parameter: CodeLength");
    const id = sid("VA");
    const url = `https://verify.twilio.com/v2/Services/${id}`;
    const links = Object.fromEntries(["VerificationCheck", "Verifications", "RateLimits", "MessagingConfigurations", "Entities", "Webhooks", "AccessTokens"]
      .map((path, i) => [["verification_checks", "verifications", "rate_limits", "messaging_configurations", "entities", "webhooks", "access_tokens"][i], `${url}/${path}`]));
    const shown = this.change({ sid: id, account_sid: this.account, friendly_name: name, code_length: 6, lookup_enabled: false, psd2_enabled: false, skip_sms_to_landlines: false, dtmf_input_required: true, tts_name: null, do_not_share_warning_enabled: false, custom_code_enabled: false, push: { include_date: false, apn_credential_sid: null, fcm_credential_sid: null }, totp: { issuer: name, time_step: 30, code_length: 6, skew: 1 }, default_template_sid: null, whatsapp: { msg_service_sid: null, from: null }, passkeys: { relying_party: { id: null, name: null, origins: [] }, authenticator_attachment: "", discoverable_credentials: "", user_verification: "" }, verify_event_subscription_enabled: false, date_created: now(), date_updated: now(), url, links }, form);
    this.services.set(id, { shown, verifications: [], limits: [] });
    return { status: 201, body: shown };
  }

  listServices(url) {
    const size = Number(url.searchParams.get("PageSize") ?? 50);
    const page = Number(url.searchParams.get("Page") ?? 0);
    const all = [...this.services.values()].map((one) => one.shown);
    const link = (number) => `${this.url}/v2/Services?PageSize=${size}&Page=${number}${number > 0 ? `&PageToken=PA${number}` : ""}`;
    const meta = { key: "services", page, page_size: size, first_page_url: link(0), previous_page_url: page > 0 ? link(page - 1) : null, url: link(page), next_page_url: all.length > (page + 1) * size ? link(page + 1) : null };
    return { status: 200, body: { services: all.slice(page * size, (page + 1) * size), meta } };
  }

  createRateLimit(service, form) {
    const name = form.get("UniqueName") ?? "";
    if (!/^[A-Za-z0-9._-]+$/.test(name)) return fault(400, 60209, "UniqueName format is invalid");
    if (service.limits.some((one) => one.shown.unique_name === name)) return fault(400, 60208, "Rate limit with that UniqueName already exists");
    const id = sid("RK");
    const url = `${service.shown.url}/RateLimits/${id}`;
    service.limits.push({ shown: { sid: id, service_sid: service.shown.sid, account_sid: this.account, unique_name: name, description: form.get("Description") ?? "", date_created: now(), date_updated: now(), url, links: { buckets: `${url}/Buckets` } }, buckets: [] });
    return { status: 201, body: service.limits.at(-1).shown };
  }

  createBucket(service, limitSid, form) {
    const limit = service.limits.find((one) => one.shown.sid === limitSid);
    const id = sid("BL");
    const bucket = { sid: id, rate_limit_sid: limitSid, service_sid: service.shown.sid, account_sid: this.account, max: Number(form.get("Max")), interval: Number(form.get("Interval")), date_created: now(), date_updated: now(), url: `${limit.shown.url}/Buckets/${id}` };
    limit.buckets.push({ bucket, seen: new Map() });
    return { status: 201, body: bucket };
  }

  start(service, form) {
    const to = form.get("To") ?? "";
    const channel = form.get("Channel");
    if (!/^\+[1-9]\d{7,14}$|^[^@\s]+@[^@\s]+\.[a-z]+$/.test(to)) return fault(400, 60200, "Invalid parameter: To");
    if (!["sms", "call", "email", "whatsapp", "sna", "auto"].includes(channel)) return fault(400, 60200, "Invalid parameter: Channel");
    if (form.has("CustomCode")) return fault(403, 60204, "Service does not support this feature");
    if (form.has("AppHash") && channel !== "sms") return fault(400, 60602, "App hash can only be used with SMS channel");
    let known = service.verifications.find((v) => v.shown.to === to && ["pending", "max_attempts_reached"].includes(v.shown.status));
    if (known?.shown.status === "max_attempts_reached") return fault(429, 60202, "Max check attempts reached");
    const limited = this.limited(service, JSON.parse(form.get("RateLimits") ?? "{}"));
    if (limited !== undefined) return limited;
    if ((known?.shown.send_code_attempts.length ?? 0) >= 5) return fault(429, 60203, "Max send attempts reached");
    if (known === undefined) {
      const id = sid("VE");
      known = { checks: 0, code: String(100000 + Math.floor(Math.random() * 900000)), shown: { sid: id, service_sid: service.shown.sid, account_sid: this.account, to, channel, status: "pending", valid: false, lookup: {}, amount: null, payee: null, send_code_attempts: [], date_created: now(), date_updated: now(), sna: null, url: `${service.shown.url}/Verifications/${id}` } };
      service.verifications.push(known);
    }
    known.shown.channel = channel;
    known.shown.send_code_attempts.push({ time: now(), channel: channel === "whatsapp" ? channel : channel.toUpperCase(), attempt_sid: sid("VL") });
    this.codes.set(to, known.code);
    return { status: 201, body: known.shown };
  }

  limited(service, given) {
    for (const [name, value] of Object.entries(given)) {
      for (const { bucket, seen } of service.limits.find((one) => one.shown.unique_name === name)?.buckets ?? []) {
        seen.set(value, (seen.get(value) ?? 0) + 1);
        if (seen.get(value) > bucket.max) return fault(429, 20429, "Too many requests", { "Retry-After": String(bucket.interval), "Twilio-Reached-Rate-Limit": name });
      }
    }
    return undefined;
  }

  check(service, form) {
    if (!form.has("To") && !form.has("VerificationSid")) return fault(400, 60221, "No target verification specified");
    if (!/^[A-Za-z0-9]{4,10}$/.test(form.get("Code") ?? "")) return fault(400, 60200, "Invalid parameter: Code");
    const found = service.verifications.findLast((v) => v.shown.sid === form.get("VerificationSid") || (!form.has("VerificationSid") && v.shown.to === form.get("To")));
    if (found?.shown.status === "max_attempts_reached") return fault(429, 60202, "Max check attempts reached");
    if (found?.shown.status !== "pending") return undefined;
    ++found.checks;
    const before = { ...found.shown };
    if (form.get("Code") === found.code) this.end(found, "approved");
    else if (found.checks === 5) found.shown.status = "max_attempts_reached";
    const { sid: id, service_sid, account_sid, to, channel, amount, payee, date_created } = before;
    const status = found.shown.status === "approved" ? "approved" : "pending";
    return { status: 201, body: { sid: id, service_sid, account_sid, to, channel, status, valid: status === "approved", amount, payee, date_created, date_updated: now(), sna_attempts_error_codes: [] } };
  }

  end(verification, status) {
    Object.assign(verification.shown, { status, valid: status === "approved", date_updated: now() });
    return verification.shown;
  }
}
