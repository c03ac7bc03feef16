#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/secret.h"

namespace countersign::store {

// What stands in `factors.material_sealed` of a passkey (repository/factors.h): first the challenge of its
// registration, then the credential. [WA-R21]

/// Of a passkey that is not confirmed yet.
struct PasskeyOffer {
  std::string rp_id;
  std::string challenge;           ///< 32 random bytes. Empty once an answer has spent it.
  bool user_verification = false;  ///< It was required.
  std::string operation = {};  ///< The transaction in which the person adds it, as bytes; empty: the application does.
};

/// Of one that is confirmed.
struct PasskeyRecord {
  std::string rp_id;
  std::string credential_id;
  std::string public_key;  ///< COSE_Key, as received.
  std::uint32_t sign_count = 0;
  bool user_verified = false;  ///< At the registration, or in a right answer since.
  bool backup_eligible = false;
  bool backed_up = false;  ///< As last seen.
  std::string aaguid;      ///< 16 bytes; zeros where the authenticator does not name its model.
  std::vector<std::string> transports;
  std::string attestation_format;
  std::string attestation_type;
  bool attestation_trusted = false;  ///< By a root of the configuration.
  std::uint64_t used_day = 0;        ///< Days from 1970 to its last right answer; 0: none yet.
};

[[nodiscard]] std::string encode(const PasskeyOffer& offer);
[[nodiscard]] std::string encode(const PasskeyRecord& record);
/// nullopt for the other form. Throw StoreFailure for what is neither.
[[nodiscard]] std::optional<PasskeyOffer> decode_passkey_offer(std::string_view material);
[[nodiscard]] std::optional<PasskeyRecord> decode_passkey_record(std::string_view material);

}  // namespace countersign::store
