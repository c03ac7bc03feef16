#include "crypto/keyring.h"

#include <algorithm>

#include "base/encoding.h"
#include "crypto/hkdf.h"

namespace countersign::crypto {

namespace {

// subkey := HKDF-SHA256, 32 bytes, of
//    key material    32 bytes   the master key
//    salt                       none
//    info                       "countersign/v1/" and the label: "seal" for a sealing key; "blind-index",
//                               "code-digest", "token-digest" for the look-up key; "check-value" for both
// check value := the first 8 bytes of the subkey "check-value", in hex
SecretString derive(const SecretString& master, std::string_view label) {
  // The prefix separates our subkeys from any other use of the same bytes by the operator.
  return hkdf_sha256(master.expose(), {}, "countersign/v1/" + std::string(label), Keyring::kKeySize);
}

std::string check_value_of(const SecretString& master) {
  // A subkey of its own, used for nothing else, so it may be shown.
  return to_hex(std::string_view(derive(master, "check-value").expose()).substr(0, 8));
}

bool same_key(const SecretString& a, const SecretString& b) { return equal_constant_time(a.expose(), b.expose()); }

}  // namespace

Result<Keyring, KeyringError> Keyring::make(std::vector<KeyringEntry> entries, std::uint32_t current_id,
                                            SecretString lookup_key) {
  std::ranges::sort(entries, {}, &KeyringEntry::id);
  if (lookup_key.expose().size() != kKeySize) return fail(KeyringError::kKeyLength);
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (entries[i].key.expose().size() != kKeySize) return fail(KeyringError::kKeyLength);
    if (entries[i].id == 0 || (i > 0 && entries[i].id == entries[i - 1].id)) return fail(KeyringError::kBadId);
    if (same_key(entries[i].key, lookup_key)) return fail(KeyringError::kSameKeyTwice);
    for (std::size_t j = 0; j < i; ++j) {
      if (same_key(entries[i].key, entries[j].key)) return fail(KeyringError::kSameKeyTwice);
    }
  }
  Keyring keyring;
  keyring.entries_ = std::move(entries);
  keyring.current_id_ = current_id;
  keyring.lookup_key_ = std::move(lookup_key);
  if (keyring.find(current_id) == nullptr) return fail(KeyringError::kCurrentMissing);
  return keyring;
}

const SecretString* Keyring::find(std::uint32_t id) const {
  const auto at = std::ranges::lower_bound(entries_, id, {}, &KeyringEntry::id);
  return at != entries_.end() && at->id == id ? &at->key : nullptr;
}

std::vector<std::uint32_t> Keyring::ids() const {
  std::vector<std::uint32_t> out;
  out.reserve(entries_.size());
  for (const auto& entry : entries_) out.push_back(entry.id);
  return out;
}

std::optional<std::string> Keyring::check_value(std::uint32_t id) const {
  const SecretString* key = find(id);
  return key != nullptr ? std::optional(check_value_of(*key)) : std::nullopt;
}

std::string Keyring::lookup_check_value() const { return check_value_of(lookup_key_); }

SecretString Keyring::subkey(std::uint32_t id, std::string_view label) const {
  const SecretString* key = find(id);
  CS_CHECK(key != nullptr);
  return derive(*key, label);
}

SecretString Keyring::lookup_subkey(std::string_view label) const { return derive(lookup_key_, label); }

}  // namespace countersign::crypto
