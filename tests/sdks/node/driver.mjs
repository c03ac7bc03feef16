// The SDK for Node, driven line by line; tests/sdks/driver.mjs says how. Arguments: URL, user, password.
import { createInterface } from "node:readline";
import twilio from "twilio";

const [url, account, token] = process.argv.slice(2);
const clients = new Map();

/// One for each who asks. The account is that of the first, also where an API key asks.
const clientOf = (user, password) => {
  const known = `${user} ${password}`;
  if (!clients.has(known)) {
    const client = twilio(user, password, { accountSid: account });
    client.verify.baseUrl = url;
    clients.set(known, client);
  }
  return clients.get(known);
};

const snake = (name) => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
const camel = (name) => name.replaceAll(/_([a-z])/g, (_, letter) => letter.toUpperCase());

/// What the SDK made of an answer, by the names of the description.
const shown = (value) => {
  if (Array.isArray(value)) return value.map(shown);
  if (typeof value?.toJSON !== "function") return value;
  return Object.fromEntries(Object.entries(value.toJSON()).map(([name, one]) => [snake(name), one instanceof Date ? one.getTime() / 1000 : one]));
};

// The parameters that have a dot in the description have one here, too.
const dotted = { totp_issuer: "totp.issuer", details_message: "details.message" };
const options = ({ service: _, identity: __, sid: ___, ...rest }) => Object.fromEntries(Object.entries(rest).map(([name, one]) => [dotted[name] ?? camel(name), one]));

const calls = {
  "services.create": (v2, a) => v2.services.create(options(a)),
  "services.fetch": (v2, a) => v2.services(a.service).fetch(),
  "services.update": (v2, a) => v2.services(a.service).update(options(a)),
  "services.delete": (v2, a) => v2.services(a.service).remove(),
  "services.list": (v2, a) => v2.services.list(options(a)),
  "verifications.create": (v2, a) => v2.services(a.service).verifications.create(options(a)),
  "verifications.fetch": (v2, a) => v2.services(a.service).verifications(a.sid).fetch(),
  "verifications.update": (v2, a) => v2.services(a.service).verifications(a.sid).update(options(a)),
  "checks.create": (v2, a) => v2.services(a.service).verificationChecks.create(options(a)),
  "attempts.list": (v2, a) => v2.verificationAttempts.list(options(a)),
  "attempts.fetch": (v2, a) => v2.verificationAttempts(a.sid).fetch(),
  "templates.list": (v2, a) => v2.templates.list(options(a)),
  "rate_limits.create": (v2, a) => v2.services(a.service).rateLimits.create(options(a)),
  "rate_limits.list": (v2, a) => v2.services(a.service).rateLimits.list(),
  "rate_limits.delete": (v2, a) => v2.services(a.service).rateLimits(a.limit).remove(),
  "buckets.create": (v2, { limit, ...a }) => v2.services(a.service).rateLimits(limit).buckets.create(options(a)),
  "messaging.create": (v2, a) => v2.services(a.service).messagingConfigurations.create(options(a)),
  "messaging.fetch": (v2, a) => v2.services(a.service).messagingConfigurations(a.country).fetch(),
  "messaging.delete": (v2, a) => v2.services(a.service).messagingConfigurations(a.country).remove(),
  "webhooks.create": (v2, a) => v2.services(a.service).webhooks.create(options(a)),
  "webhooks.delete": (v2, a) => v2.services(a.service).webhooks(a.sid).remove(),
  "entities.create": (v2, a) => v2.services(a.service).entities.create({ identity: a.identity }),
  "entities.fetch": (v2, a) => v2.services(a.service).entities(a.identity).fetch(),
  "entities.delete": (v2, a) => v2.services(a.service).entities(a.identity).remove(),
  "new_factors.create": (v2, a) => v2.services(a.service).entities(a.identity).newFactors.create(options(a)),
  "factors.fetch": (v2, a) => v2.services(a.service).entities(a.identity).factors(a.factor).fetch(),
  "factors.update": (v2, { factor, ...a }) => v2.services(a.service).entities(a.identity).factors(factor).update(options(a)),
  "factors.list": (v2, a) => v2.services(a.service).entities(a.identity).factors.list(),
  "factors.delete": (v2, a) => v2.services(a.service).entities(a.identity).factors(a.factor).remove(),
  "challenges.create": (v2, { factor, ...a }) => v2.services(a.service).entities(a.identity).challenges.create({ factorSid: factor, ...options(a) }),
  "challenges.fetch": (v2, a) => v2.services(a.service).entities(a.identity).challenges(a.challenge).fetch(),
  "challenges.update": (v2, { challenge, ...a }) => v2.services(a.service).entities(a.identity).challenges(challenge).update(options(a)),
  "challenges.list": (v2, a) => v2.services(a.service).entities(a.identity).challenges.list(options(a)),
  "notifications.create": (v2, a) => v2.services(a.service).entities(a.identity).challenges(a.challenge).notifications.create(),
  "access_tokens.create": (v2, a) => v2.services(a.service).accessTokens.create({ identity: a.identity, factorType: a.factor_type }),
  "access_tokens.fetch": (v2, a) => v2.services(a.service).accessTokens(a.sid).fetch(),
  "passkeys.create": (v2, a) => v2.services(a.service).newFactors.create({ friendlyName: a.friendly_name, identity: a.identity }),
  signature: (v2, a) => twilio.validateRequest(a.token, a.signature, a.url, a.params),
};

const answer = async ({ call, user = account, password = token, ...parameters }) => {
  try {
    return { ok: shown(await calls[call](clientOf(user, password).verify.v2, parameters)) };
  } catch (error) {
    if (!(error instanceof twilio.RestException)) return { broke: String(error.stack) };
    const { status, code, message, moreInfo } = error;
    return { refused: { class: error.constructor.name, status, code, message, more_info: moreInfo } };
  }
};

for await (const line of createInterface({ input: process.stdin })) console.log(JSON.stringify(await answer(JSON.parse(line))));
