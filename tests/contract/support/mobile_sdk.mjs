// Twilio's Verify SDK for Android, as far as it talks: the same calls, headers, forms and signatures in the same order, and it
// refuses what the SDK refuses. Written from the SDK's published source; the class names in the comments are its own.
import { createPrivateKey, generateKeyPairSync, sign } from "node:crypto";
import { exchange } from "./http.mjs";

const base64url = (value) => Buffer.from(value).toString("base64url");
/// Uri.Builder.appendQueryParameter.
const encode = (pairs) => Object.entries(pairs).map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`).join("&");
/// JSONObject.toString escapes slashes; JSONSerialization of iOS does, too, and keeps another order.
const jsonOf = { android: (value) => JSON.stringify(value).replaceAll("/", "\\/"), ios: (value) => JSON.stringify(reordered(value)) };
const reordered = (value) => {
  if (Array.isArray(value)) return value.map(reordered);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).reverse().map(([name, member]) => [name, reordered(member)]));
};

/// What the SDK's own exceptions say.
export class SdkError extends Error {
  constructor(message, response) {
    super(message);
    this.status = response?.status;
    this.body = response?.json;
  }
}

export class MobileSdk {
  /// `urls`: of the nodes, which are asked in turn. `clock`: seconds by which the phone's clock is wrong.
  constructor(urls, { platform = "android", clock = 0 } = {}) {
    this.urls = [urls].flat();
    this.turn = 0;
    this.write = jsonOf[platform];
    this.skew = clock;
    this.calls = [];
  }

  // KeyStorage, JwtGenerator.
  now() {
    return Math.floor(Date.now() / 1000) + this.skew;
  }
  jwt(header, payload, key = this.key) {
    const text = `${base64url(this.write({ ...header, typ: "JWT", alg: "ES256" }))}.${base64url(this.write(payload))}`;
    return `${text}.${base64url(sign("sha256", Buffer.from(text), { key, dsaEncoding: "ieee-p1363" }))}`;
  }
  /// AuthenticationProvider.
  requestToken() {
    const now = this.now();
    return this.jwt({ cty: "twilio-pba;v=1", kid: this.factor.credentialSid }, { sub: this.factor.accountSid, exp: now + 600, nbf: now });
  }

  // RequestHelper, NetworkAdapter.
  async request(method, path, { body, query, password }) {
    const headers = {
      "User-Agent": "Shop; Android; 1.0; 1; Android 14 (34); Pixel; VerifySDK; 3.0.0; 1",
      Authorization: `Basic ${Buffer.from(`token:${password}`).toString("base64")}`,
      Accept: method === "GET" ? "application/x-www-form-urlencoded" : "application/json",
      "Content-Type": "application/x-www-form-urlencoded",
    };
    const url = this.urls[this.turn++ % this.urls.length];
    const answer = await exchange(url, { method, path: query ? `${path}?${encode(query)}` : path, headers, body: body && encode(body) });
    this.calls.push(`${method} ${answer.status}`);
    return answer;
  }
  /// BaseAPIClient: on 401 the clock is set by the answer's Date, and the call made once more.
  async authenticated(method, path, more = {}, retries = 1) {
    const answer = await this.request(method, path, { ...more, password: this.requestToken() });
    if (answer.status < 300) return answer;
    if (answer.status === 401 && retries > 0) {
      if (answer.headers.date === undefined) throw new SdkError("no Date", answer);
      this.skew = Math.round((Date.parse(answer.headers.date) - Date.now()) / 1000);
      return this.authenticated(method, path, more, retries - 1);
    }
    throw new SdkError(`${method} ${path}: ${answer.status}`, answer);
  }

  // PushFactory, FactorAPIClient, FactorMapper.
  toFactor(json) {
    const text = (value, name) => {
      if (typeof value !== "string") throw new SdkError(`factor without ${name}: ${JSON.stringify(json)}`);
      return value;
    };
    if (Number.isNaN(Date.parse(text(json.date_created, "date_created")))) throw new SdkError("no date");
    return {
      sid: text(json.sid, "sid"), friendlyName: text(json.friendly_name, "friendly_name"), accountSid: text(json.account_sid, "account_sid"),
      status: text(json.status, "status"), credentialSid: text(json.config?.credential_sid, "config.credential_sid"),
    };
  }
  async createFactor({ accessToken, serviceSid, identity, friendlyName, pushToken, metadata }) {
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    this.key = privateKey;
    this.at = `/v2/Services/${serviceSid}/Entities/${identity}`;
    const body = {
      FriendlyName: friendlyName, FactorType: "push",
      "Binding.PublicKey": publicKey.export({ type: "spki", format: "der" }).toString("base64"), "Binding.Alg": "ES256",
      ...this.config(pushToken), ...(metadata ? { Metadata: JSON.stringify(metadata) } : {}),
    };
    const answer = await this.request("POST", `${this.at}/Factors`, { body, password: accessToken });
    if (answer.status >= 300) throw new SdkError(`create: ${answer.status}`, answer);
    this.created = answer.json;
    this.factor = this.toFactor(answer.json);
    return this.factor;
  }
  config(pushToken) {
    const where = pushToken ? { "Config.NotificationPlatform": "fcm", "Config.NotificationToken": pushToken } : { "Config.NotificationPlatform": "none" };
    return { "Config.SdkVersion": "3.0.0", "Config.AppId": "br.example.shop", ...where };
  }
  async verifyFactor() {
    const signature = sign("sha256", Buffer.from(this.factor.sid), this.key).toString("base64");
    const answer = await this.authenticated("POST", `${this.at}/Factors/${this.factor.sid}`, { body: { AuthPayload: signature } });
    this.factor.status = this.toFactor({ ...answer.json, config: this.created.config }).status;
    return this.factor;
  }
  async updateFactor(pushToken) {
    const answer = await this.authenticated("POST", `${this.at}/Factors/${this.factor.sid}`, { body: { FriendlyName: this.factor.friendlyName, ...this.config(pushToken) } });
    this.toFactor(answer.json);
    return answer.json;
  }
  /// True however it was: 404 and a second 401 count as deleted.
  async deleteFactor() {
    try {
      await this.authenticated("DELETE", `${this.at}/Factors/${this.factor.sid}`);
    } catch (error) {
      if (![404, 401].includes(error.status)) throw error;
    }
    return true;
  }

  // ChallengeAPIClient, ChallengeMapper, ChallengeListMapper, PushChallengeProcessor.
  toChallenge(json, signatureFields) {
    for (const name of ["sid", "factor_sid", "status", "date_created", "date_updated", "expiration_date"])
      if (typeof json[name] !== "string") throw new SdkError(`challenge without ${name}`);
    if (typeof json.details?.message !== "string") throw new SdkError("challenge without details.message");
    for (const value of Object.values(json.hidden_details ?? {})) if (typeof value !== "string") throw new SdkError("hidden details are texts");
    const open = json.status === "pending" && signatureFields !== undefined;
    return { sid: json.sid, status: json.status, json, signatureFields: open ? signatureFields.split(",") : undefined };
  }
  async getChallenge(sid) {
    const answer = await this.authenticated("GET", `${this.at}/Challenges/${sid}`);
    const challenge = this.toChallenge(answer.json, answer.headers["twilio-verify-signature-fields"]);
    if (challenge.json.factor_sid !== this.factor.sid) throw new SdkError("WrongFactorException");
    return challenge;
  }
  async getAllChallenges({ status, pageSize = 20, order = "asc", pageToken } = {}) {
    const query = { PageSize: pageSize, FactorSid: this.factor.sid, Order: order, ...(status ? { Status: status } : {}), ...(pageToken ? { PageToken: pageToken } : {}) };
    const { json } = await this.authenticated("GET", `${this.at}/Challenges`, { query });
    const token = (url) => (url ? new URL(url).searchParams.get("PageToken") : null);
    if (!Number.isInteger(json.meta.page) || !Number.isInteger(json.meta.page_size)) throw new SdkError("no page");
    return { challenges: json.challenges.map((one) => this.toChallenge(one)), next: token(json.meta.next_page_url), previous: token(json.meta.previous_page_url) };
  }
  /// `change` spoils what is signed, for those who would.
  async updateChallenge(sid, status, { change = (payload) => payload, key = this.key } = {}) {
    const challenge = await this.getChallenge(sid);
    if (challenge.status === "expired") throw new SdkError("ExpiredChallengeException");
    if (challenge.status !== "pending") throw new SdkError("AlreadyUpdatedChallengeException");
    if (!challenge.signatureFields) throw new SdkError("SignatureFieldsException");
    const payload = {};
    for (const name of challenge.signatureFields) {
      if (!(name in challenge.json)) throw new SdkError(`nothing to sign: ${name}`);
      payload[name] = challenge.json[name];
    }
    payload.status = status;
    const answer = this.jwt({}, change(payload), key);
    this.lastAnswer = answer;
    await this.authenticated("POST", `${this.at}/Challenges/${sid}`, { body: { AuthPayload: answer } });
    const now = await this.getChallenge(sid);
    if (now.status !== status) throw new SdkError("NotUpdatedChallengeException");
    return now;
  }
}

export const freshKey = () => createPrivateKey(generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ type: "pkcs8", format: "pem" }));
