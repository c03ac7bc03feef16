#include "store/repository/recovery_codec.h"

#include "base/check.h"
#include "store/error.h"

namespace countersign::store {

namespace {

// material := version, then the codes in the order of the list that the person has
//    version    one byte, 1
//    code       salt, 16 bytes; digest, 32 bytes, all zero once the code was used
constexpr char kRecoveryVersion = 1;
constexpr std::size_t kSaltSize = 16;
constexpr std::size_t kDigestSize = 32;

}  // namespace

std::string encode_recovery_set(const domain::RecoverySet& set) {
  std::string out(1, kRecoveryVersion);
  out.reserve(1 + set.codes.size() * (kSaltSize + kDigestSize));
  for (const auto& code : set.codes) {
    CS_CHECK(code.salt.size() == kSaltSize && (code.digest.empty() || code.digest.size() == kDigestSize));
    out += code.salt;
    out += code.digest.empty() ? std::string(kDigestSize, '\0') : code.digest;
  }
  return out;
}

domain::RecoverySet decode_recovery_set(std::string_view material) {
  domain::RecoverySet set;
  if (material.empty()) return set;
  const bool is_ours = material.front() == kRecoveryVersion && (material.size() - 1) % (kSaltSize + kDigestSize) == 0;
  if (!is_ours) throw StoreFailure({StoreError::Code::kUnreadable, "unreadable recovery codes in a factor"});
  for (material.remove_prefix(1); !material.empty(); material.remove_prefix(kSaltSize + kDigestSize)) {
    const std::string_view digest = material.substr(kSaltSize, kDigestSize);
    const bool used = digest.find_first_not_of('\0') == std::string_view::npos;
    set.codes.push_back({std::string(material.substr(0, kSaltSize)), used ? std::string() : std::string(digest)});
  }
  return set;
}

}  // namespace countersign::store
