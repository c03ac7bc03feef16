# Judges lines of tests/oracles/cases.cpp with ruby-webauthn.
require "json"
require "webauthn"

def page_answer(one)
  response = one["response"].dup
  id = response.delete("id") || one.dig("credential", "id") || one["registration_id"]
  extensions = response.delete("clientExtensionResults") || {}
  { "type" => "public-key", "id" => id, "rawId" => id, "clientExtensionResults" => extensions, "response" => response }
end

NAMES = { -7 => "ES256", -8 => "EdDSA", -35 => "ES384", -36 => "ES512", -257 => "RS256" }.freeze

def ok?(one)
  options = one["options"] || {}
  WebAuthn.configure do |config|
    config.origin = one["origin"]
    config.rp_id = one["rp_id"]
    config.algorithms = (options["allowed_algs"] || NAMES.keys).filter_map { |number| NAMES[number] }
    config.attestation_root_certificates_finders = []
  end
  verified = one["user_verification"] == "required"
  if one["kind"] == "registration"
    WebAuthn::Credential.from_create(page_answer(one)).verify(one["challenge"], user_verification: verified)
  else
    stored = one["credential"]
    WebAuthn::Credential.from_get(page_answer(one)).verify(
      one["challenge"], public_key: stored["public_key"], sign_count: stored["sign_count"], user_verification: verified
    )
  end
  true
end

$stdin.each_line do |line|
  one = JSON.parse(line)
  said = { name: one["name"] }
  begin
    said[:ok] = ok?(one)
  rescue StandardError => e
    said[:ok] = false
    said[:why] = "#{e.class}: #{e.message}"[0, 200]
  end
  puts said.to_json
end
