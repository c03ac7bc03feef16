// The official client, unmodified, pointed here; and bare requests for what it would not send.
import assert from "node:assert/strict";
import { npm } from "../../contract/npm.mjs";
import { exchange } from "../../contract/support/http.mjs";
import { eventually } from "../../contract/support/client.mjs";
import { hold } from "../../contract/support/verify_api.mjs";

const twilio = npm("twilio");

/// Sends what the client made to this server, and holds the answer against the description.
class Here extends twilio.RequestClient {
  constructor(url) {
    super();
    this.here = new URL(url);
  }
  async request(options) {
    const url = new URL(options.uri);
    url.protocol = this.here.protocol;
    url.host = this.here.host;
    const response = await super.request({ ...options, uri: url.href });
    const text = typeof response.body === "string" ? response.body : JSON.stringify(response.body ?? "");
    hold(options.method.toUpperCase(), url.pathname, { status: response.statusCode, headers: response.headers, text: text === '""' ? "" : text });
    return response;
  }
}

export const clientOf = (server, { user = server.credentials.account_sid, password = server.credentials.auth_token } = {}) =>
  twilio(user, password, { accountSid: server.credentials.account_sid, httpClient: new Here(server.url) });

export const validateRequest = twilio.validateRequest;

/// A request as curl would make it, its answer held against the description. `form` is a list of pairs or an encoded text.
export const raw = async (server, method, path, form, { auth, headers = {} } = {}) => {
  const { account_sid, auth_token } = server.credentials;
  const all = { Authorization: `Basic ${Buffer.from(auth ?? `${account_sid}:${auth_token}`).toString("base64")}`, ...headers };
  const body = form === undefined ? undefined : typeof form === "string" ? form : new URLSearchParams(form).toString();
  if (body !== undefined) all["Content-Type"] ??= "application/x-www-form-urlencoded";
  const answer = await exchange(server.url, { method, path, headers: all, body });
  if (path.startsWith("/v2/")) hold(method, path, answer);
  return answer;
};

/// The call fails with that status and code, as the client shows it.
export const refused = (promise, status, code) =>
  assert.rejects(promise, (error) => {
    assert.equal(`${error.status} ${error.code}`, `${status} ${code}`, error.message);
    assert.equal(error.moreInfo, `https://www.twilio.com/docs/errors/${code}`);
    return true;
  });

export const messagesTo = async (server, to) =>
  JSON.parse((await exchange(server.url, { path: `/dev/inbox.json?to=${encodeURIComponent(to)}` })).text);

/// The newest of `count` messages to that address.
export const messageTo = (server, to, count = 1) =>
  eventually(`message ${count} to ${to}`, async () => {
    const messages = await messagesTo(server, to);
    return messages.length >= count ? messages[0] : undefined;
  });
