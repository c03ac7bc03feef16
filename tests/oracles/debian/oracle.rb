# Judges lines of tests/oracles/cases.cpp with ruby-webauthn.
require "json"
require "webauthn"

def page_answer(one)
  response = one["response"].dup
  id = response.delete("id") || one.dig("credential", "id") || one["registration_id"]
  extensions = response.delete("clientExtensionResults") || {}
  { "type" => "public-key", "id" => id, "rawId" => id, "clientExtensionResults" => extensions, "response" => response }
end

TYPES = { "none" => "None", "self" => "Self", "basic" => %w[Basic Basic_or_AttCA], "attca" => "AttCA", "anonca" => "AnonCA" }.freeze
NAMES = { -7 => "ES256", -8 => "EdDSA", -35 => "ES384", -36 => "ES512", -257 => "RS256" }.freeze

# The library asks whoever it was given for the roots of a model.
class Roots
  def initialize(certificates)
    @certificates = (certificates || []).map { |der| OpenSSL::X509::Certificate.new(Base64.urlsafe_decode64(der)) }
  end

  def find(**) = @certificates
end

def ok?(one)
  options = one["options"] || {}
  accepted = options["accepted_attestation_types"]
  WebAuthn.configure do |config|
    config.origin = one["origin"]
    config.rp_id = one["rp_id"]
    config.algorithms = (options["allowed_algs"] || NAMES.keys).filter_map { |number| NAMES[number] }
    config.acceptable_attestation_types = TYPES.filter_map { |ours, its| its if (accepted || [ours]).include?(ours) }.flatten
    config.attestation_root_certificates_finders = [Roots.new(options["trust_anchors"])]
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
