# Ceremonies of ruby-webauthn's fake client, as lines for `webauthn_cases judge`; `expect` says what is right.
require "base64"
require "cbor"
require "json"
require "securerandom"
require "webauthn"
require "webauthn/fake_client"

ORIGIN = "https://login.example.com".freeze
SITE = "example.com".freeze

def text(bytes) = Base64.urlsafe_encode64(bytes, padding: false)

def response_of(answer)
  extensions = answer["clientExtensionResults"]
  inner = answer["response"].compact.merge("id" => answer["id"])
  extensions ? inner.merge("clientExtensionResults" => extensions) : inner
end

def show(name, kind, expect, challenge, verification, answer, credential = nil)
  one = { name: "fake client: #{name}", kind: kind, rp_id: SITE, origin: ORIGIN, challenge: challenge,
          user_verification: verification, expect: expect, response: response_of(answer) }
  one[:credential] = credential if credential
  puts one.to_json
end

def cose_key(answer)
  data = CBOR.decode(Base64.urlsafe_decode64(answer["response"]["attestationObject"]))["authData"]
  data[(55 + data[53, 2].unpack1("n"))..]
end

def client(origin = ORIGIN) = WebAuthn::FakeClient.new(origin, encoding: :base64url)

CREATES = [
  ["verified", "ok", "required", { user_verified: true }],
  ["touched", "ok", "preferred", {}],
  ["touched where it must verify", "error", "required", {}],
  ["not touched", "error", "preferred", { user_present: false }],
  ["for another site", "error", "preferred", { rp_id: "example.org" }],
  ["without a credential", "error", "preferred", { attested_credential_data: false }]
].freeze
GETS = [
  ["verified", "ok", "required", { user_verified: true }, 0],
  ["touched", "ok", "preferred", {}, 0],
  ["with a counter that grew", "ok", "preferred", { sign_count: 9 }, 8],
  ["touched where it must verify", "error", "required", {}, 0],
  ["not touched", "error", "preferred", { user_present: false }, 0],
  ["for another site", "error", "preferred", { rp_id: "example.org" }, 0],
  ["with the stored counter", "error", "preferred", { sign_count: 8 }, 8],
  ["with a counter that went back", "error", "preferred", { sign_count: 7 }, 8]
].freeze

CREATES.each do |name, expect, verification, how|
  challenge = text(SecureRandom.random_bytes(32))
  show("created #{name}", "registration", expect, challenge, verification,
       client.create(challenge: challenge, rp_id: SITE, **how))
end
elsewhere = text(SecureRandom.random_bytes(32))
show("created on another page", "registration", "error", elsewhere, "preferred",
     client("https://example.org").create(challenge: elsewhere, rp_id: SITE))
show("created for another challenge", "registration", "error", elsewhere, "preferred", client.create(rp_id: SITE))

GETS.each do |name, expect, verification, how, stored|
  browser = client
  made = browser.create(rp_id: SITE)
  wanted_site = how[:rp_id]
  browser.create(rp_id: wanted_site) if wanted_site
  challenge = text(SecureRandom.random_bytes(32))
  credential = { id: made["id"], public_key: text(cose_key(made)), sign_count: stored }
  show("got #{name}", "authentication", expect, challenge, verification,
       browser.get(challenge: challenge, **{ rp_id: SITE }.merge(how)), credential)
end
browser = client
made = browser.create(rp_id: SITE)
credential = { id: made["id"], public_key: text(cose_key(client.create(rp_id: SITE))), sign_count: 0 }
challenge = text(SecureRandom.random_bytes(32))
show("got with another key", "authentication", "error", challenge, "preferred",
     browser.get(challenge: challenge, rp_id: SITE), credential)
