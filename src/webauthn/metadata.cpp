#include "webauthn/metadata.h"

#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/encoding.h"
#include "crypto/jws_key.h"
#include "crypto/openssl.h"
#include "webauthn/aaguid.h"
#include "webauthn/trust.h"

namespace countersign::webauthn {

namespace {

constexpr std::size_t kHeaderMax = std::size_t{64} * 1024;
constexpr std::size_t kChainMax = 8;
// Far above what is published: 300 entries, of which one has 100 roots.
constexpr std::size_t kEntriesMax = 20'000;
constexpr std::size_t kListMax = 1'000;

/// header.payload.signature, encoded.
struct BlobParts {
  std::string_view header;
  std::string_view payload;
  std::string_view signature;
  std::string_view signed_text;
};

std::optional<BlobParts> split_blob(std::string_view blob) {
  const std::size_t first = blob.find('.');
  const std::size_t second = first == std::string_view::npos ? first : blob.find('.', first + 1);
  if (second == std::string_view::npos || blob.find('.', second + 1) != std::string_view::npos) return std::nullopt;
  return BlobParts{blob.substr(0, first), blob.substr(first + 1, second - first - 1), blob.substr(second + 1),
                   blob.substr(0, second)};
}

std::optional<json::object> read_blob_json(std::string_view encoded) {
  const auto bytes = from_base64url(encoded);
  auto value = bytes ? parse_json(*bytes) : Result<json::value, JsonError>(json::value());
  if (!value || !value->is_object()) return std::nullopt;
  return std::move(value->as_object());
}

const json::array* array_at(const json::object& object, std::string_view name) {
  const json::value* const value = object.if_contains(name);
  return value != nullptr ? value->if_array() : nullptr;
}

/// A certificate in base64, as in PEM also with line breaks inside.
std::optional<Certificate> read_certificate(const json::value& value) {
  if (!value.is_string()) return std::nullopt;
  std::string text(value.get_string());
  std::erase_if(text, [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; });
  const auto der = from_base64(text);
  return der ? Certificate::parse(*der) : std::nullopt;
}

/// Step 5, the chain. [MDS 3.2]
Result<std::vector<Certificate>, MetadataError> read_chain(const json::object& header) {
  const json::array* const x5c = array_at(header, "x5c");
  if (x5c == nullptr || x5c->empty() || x5c->size() > kChainMax) return fail(MetadataError::kNoChain);
  std::vector<Certificate> chain;
  for (const json::value& member : *x5c) {
    auto certificate = read_certificate(member);
    if (!certificate) return fail(MetadataError::kNoChain);
    chain.push_back(std::move(*certificate));
  }
  return chain;
}

bool is_for_host(const Certificate& certificate, const std::string& host) {
  constexpr unsigned kExactly = X509_CHECK_FLAG_NO_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT;
  const bool is = X509_check_host(certificate.native(), host.data(), host.size(), kExactly, nullptr) == 1;
  crypto::clear_openssl_errors();
  return is;
}

/// A JWS has ECDSA signatures as two numbers, not in DER: the verifier of our own tokens reads them.
bool holds_es256(const Certificate& certificate, std::string_view text, std::string_view signature) {
  const auto keys = crypto::public_keys_from_pem(
      "-----BEGIN PUBLIC KEY-----\n" + to_base64(certificate.public_key_der()) + "\n-----END PUBLIC KEY-----\n");
  return keys && keys->size() == 1 && keys->front().algorithm() == crypto::JwsAlgorithm::kEs256 &&
         keys->front().verify(text, signature);
}

/// Step 6, the signature. [MDS 3.2]
Result<Done, MetadataError> check_signature(const json::object& header, const BlobParts& parts,
                                            const Certificate& certificate) {
  const auto signature = from_base64url(parts.signature);
  if (!signature) return fail(MetadataError::kMalformed);
  const auto name = json_text(header, "alg");
  if (name == "RS256") {
    const auto key = certificate.key_for(Algorithm::kRs256);
    if (!key) return fail(MetadataError::kAlgorithm);
    return key->verify({parts.signed_text}, *signature) ? Result<Done, MetadataError>(Done{})
                                                        : fail(MetadataError::kSignature);
  }
  if (name != "ES256" || !certificate.key_for(Algorithm::kEs256)) return fail(MetadataError::kAlgorithm);
  return holds_es256(certificate, parts.signed_text, *signature) ? Result<Done, MetadataError>(Done{})
                                                                 : fail(MetadataError::kSignature);
}

/// "2026-11-30".
std::optional<std::chrono::sys_days> read_day(const json::object& object, std::string_view name) {
  const auto text = json_text(object, name);
  const auto time = text && text->size() == 10 ? from_rfc3339(std::string(*text) + "T00:00:00Z") : std::nullopt;
  if (!time) return std::nullopt;
  return std::chrono::floor<std::chrono::days>(*time);
}

/// SHA-1 of the subject's public key (RFC 5280, 4.2.1.2, method 1): how MDS names certificates of U2F authenticators.
std::string key_identifier(const Certificate& certificate) {
  std::string digest(EVP_MAX_MD_SIZE, '\0');
  unsigned size = 0;
  crypto::require(X509_pubkey_digest(certificate.native(), crypto::sha1_md(), crypto::bytes_of(digest), &size) == 1,
                  "digest");
  digest.resize(size);
  return digest;
}

std::vector<StatusReport> read_reports(const json::array& published) {
  std::vector<StatusReport> reports;
  for (const json::value& value : published) {
    const json::object* const report = value.if_object();
    const auto status = report != nullptr ? json_text(*report, "status") : std::nullopt;
    if (status) reports.push_back({std::string(*status), read_day(*report, "effectiveDate")});
  }
  return reports;
}

std::vector<std::string> read_key_identifiers(const json::array& published) {
  std::vector<std::string> keys;
  for (const json::value& value : published) {
    auto key = value.is_string() ? from_hex(value.get_string()) : std::nullopt;
    if (key) keys.push_back(std::move(*key));
  }
  return keys;
}

AuthenticatorStanding standing_after(std::string_view status) {
  static constexpr std::array<std::string_view, 4> compromises{"USER_VERIFICATION_BYPASS", "ATTESTATION_KEY_COMPROMISE",
                                                               "USER_KEY_REMOTE_COMPROMISE",
                                                               "USER_KEY_PHYSICAL_COMPROMISE"};
  if (status == "REVOKED") return AuthenticatorStanding::kRevoked;
  const bool compromised = std::ranges::find(compromises, status) != compromises.end();
  return compromised ? AuthenticatorStanding::kCompromised : AuthenticatorStanding::kNothingAgainst;
}

}  // namespace

std::string_view metadata_error_word(MetadataError error) {
  switch (error) {
    case MetadataError::kTooLarge:
      return "too_large";
    case MetadataError::kMalformed:
      return "malformed";
    case MetadataError::kAlgorithm:
      return "algorithm";
    case MetadataError::kNoChain:
      return "no_chain";
    case MetadataError::kUntrusted:
      return "untrusted";
    case MetadataError::kWrongHost:
      return "wrong_host";
    case MetadataError::kSignature:
      return "signature";
    case MetadataError::kPayload:
      return "payload";
    case MetadataError::kOlder:
      return "older";
  }
  return "unknown";
}

AuthenticatorStanding MetadataEntry::standing(WallTime now) const {
  AuthenticatorStanding worst = AuthenticatorStanding::kNothingAgainst;
  for (const StatusReport& report : reports) {
    if (!report.effective || *report.effective <= now) worst = std::max(worst, standing_after(report.status));
  }
  return worst;
}

Result<Metadata, MetadataError> Metadata::read(std::string_view blob, const MetadataTrust& trust, WallTime now,
                                               std::int64_t number_before) {
  if (blob.size() > kMetadataMax) return fail(MetadataError::kTooLarge);
  while (blob.ends_with('\n') || blob.ends_with('\r')) blob.remove_suffix(1);  // A file may end with a line's end.
  const auto parts = split_blob(blob);
  if (!parts || parts->header.size() > kHeaderMax) return fail(MetadataError::kMalformed);
  const auto header = read_blob_json(parts->header);
  if (!header || header->contains("crit")) return fail(MetadataError::kMalformed);
  const auto chain = read_chain(*header);
  if (!chain) return fail(chain.error());
  if (!check_trust_path(*chain, trust.anchors, now)) return fail(MetadataError::kUntrusted);
  if (!is_for_host(chain->front(), trust.host)) return fail(MetadataError::kWrongHost);
  const auto signature = check_signature(*header, *parts, chain->front());
  if (!signature) return fail(signature.error());

  const auto payload = read_blob_json(parts->payload);
  Metadata metadata;
  if (!payload || !metadata.take(*payload)) return fail(MetadataError::kPayload);
  if (metadata.number_ < number_before) return fail(MetadataError::kOlder);
  return metadata;
}

bool Metadata::take(const json::object& payload) {
  const auto number = json_integer(payload, "no");
  const auto next_update = read_day(payload, "nextUpdate");
  const json::array* const entries = array_at(payload, "entries");
  if (!number || !next_update || entries == nullptr || entries->size() > kEntriesMax) return false;
  number_ = *number;
  next_update_ = *next_update;
  return std::ranges::all_of(
      *entries, [&](const json::value& entry) { return entry.is_object() && take_entry(entry.get_object()); });
}

bool Metadata::take_entry(const json::object& published) {
  const auto aaguid = aaguid_from_text(json_text_or_empty(published, "aaguid"));
  const json::array* const keys = array_at(published, "attestationCertificateKeyIdentifiers");
  if (!aaguid && keys == nullptr) return true;  // UAF, which WebAuthn cannot meet.
  const json::array* const reports = array_at(published, "statusReports");
  const json::value* const value = published.if_contains("metadataStatement");
  const json::object* const statement = value != nullptr ? value->if_object() : nullptr;
  const json::array* const roots = statement != nullptr ? array_at(*statement, "attestationRootCertificates") : nullptr;
  for (const json::array* list : {keys, reports, roots}) {
    if (list != nullptr && list->size() > kListMax) return false;
  }

  MetadataEntry entry;
  if (statement != nullptr) entry.description = json_text_or_empty(*statement, "description");
  if (reports != nullptr) entry.reports = read_reports(*reports);
  for (std::size_t at = 0; roots != nullptr && at < roots->size(); ++at) {
    if (auto root = read_certificate((*roots)[at])) {
      entry.roots.push_back(std::move(*root));
    } else {
      ++skipped_roots_;
    }
  }

  add(aaguid, keys != nullptr ? read_key_identifiers(*keys) : std::vector<std::string>(), std::move(entry));
  return true;
}

void Metadata::add(const std::optional<std::string>& aaguid, const std::vector<std::string>& keys,
                   MetadataEntry entry) {
  // A model that is published twice is one model, of which both is true.
  std::size_t index = entries_.size();
  if (aaguid) index = by_aaguid_.emplace(*aaguid, index).first->second;
  for (const std::string& key : keys) index = by_key_.emplace(key, index).first->second;
  if (index == entries_.size()) {
    entries_.push_back(std::move(entry));
    return;
  }
  MetadataEntry& earlier = entries_[index];
  earlier.roots.insert(earlier.roots.end(), entry.roots.begin(), entry.roots.end());
  earlier.reports.insert(earlier.reports.end(), entry.reports.begin(), entry.reports.end());
}

const MetadataEntry* Metadata::find(std::string_view aaguid) const {
  const auto at = by_aaguid_.find(aaguid);
  return at != by_aaguid_.end() ? &entries_[at->second] : nullptr;
}

const MetadataEntry* Metadata::find(std::string_view aaguid, const Certificate& leaf) const {
  if (aaguid.find_first_not_of('\0') != std::string_view::npos) return find(aaguid);
  const auto at = by_key_.find(key_identifier(leaf));
  return at != by_key_.end() ? &entries_[at->second] : nullptr;
}

}  // namespace countersign::webauthn
