#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "certificate_maker.h"
#include "webauthn/attestation.h"

// Attestation statements written by hand, so that a test can say anything in them.
namespace countersign::webauthn::testing {

// Words for refusals that many tests expect.
inline constexpr std::string_view kMismatch = "attestation_content_mismatch";
inline constexpr std::string_view kMalformed = "attestation_statement_malformed";
inline constexpr std::string_view kUnfit = "attestation_certificate_unfit";

[[nodiscard]] std::string cbor_int(std::int64_t number);
[[nodiscard]] std::string cbor_bytes(std::string_view bytes);
[[nodiscard]] std::string cbor_text(std::string_view text);
[[nodiscard]] std::string cbor_array(const std::vector<std::string>& items);
/// Keys and values as they are encoded.
[[nodiscard]] std::string cbor_map(const std::vector<std::pair<std::string, std::string>>& entries);
/// With text keys; entries without a value are left out.
[[nodiscard]] std::string statement_of(const std::vector<std::pair<std::string_view, std::string>>& entries);

/// A registration up to its statement: a fresh credential, its authenticator data, and a hash of client data.
struct MadeCredential {
  explicit MadeCredential(MadeKey key = MadeKey::p256());

  MadeKey key;
  std::string aaguid = "0123456789abcdef";
  std::string client_data_hash = std::string(32, 'h');
  std::string authenticator_data;

  /// What the format's procedure answers: the attestation type's name, or the word for the refusal.
  [[nodiscard]] std::string judge(std::string_view format, std::string_view statement) const;
};

}  // namespace countersign::webauthn::testing
