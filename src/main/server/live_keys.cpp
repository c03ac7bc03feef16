#include "main/server/live_keys.h"

#include <fmt/format.h>

#include "main/config/keys.h"
#include "main/key_checks.h"
#include "main/server/test_key.h"

namespace countersign::main {

namespace {

bool same_signing_keys(const SecretsConfig& a, const SecretsConfig& b) {
  return a.signing_key.expose() == b.signing_key.expose() &&
         a.next_signing_key.expose() == b.next_signing_key.expose() && a.retired_signing_keys == b.retired_signing_keys;
}

/// Compares ids only; the caller has checked that no id has different bytes than before.
bool same_sealing_keys(const crypto::Keyring& a, const crypto::Keyring& b) {
  return a.ids() == b.ids() && a.current_id() == b.current_id();
}

/// Checks without a database. Nothing: `next` can replace `before`.
std::optional<std::string> why_not_after(const crypto::Keyring& before, const crypto::Keyring& next) {
  if (next.lookup_check_value() != before.lookup_check_value())
    return "the look-up key is another one; it cannot be changed, put the old one back";
  for (const auto id : next.ids()) {
    const auto known = before.check_value(id);
    if (known && known != next.check_value(id))
      return fmt::format("sealing key {} is another one than before; a new key needs an id of its own", id);
  }
  return std::nullopt;
}

}  // namespace

LiveKeys::LiveKeys(const SecretsConfig& secrets, WallTime now)
    : sealer_(keyring_of(secrets)),
      digester_(keyring_of(secrets)),
      signing_keys_(signing_keys_of(secrets)),
      test_signing_keys_(main::test_signing_keys(digester_, signing_keys_.all())),
      secrets_(secrets),
      since_(now) {}

Result<bool, std::string> LiveKeys::take(const SecretsConfig& next, store::Store& store, WallTime now) {
  const std::lock_guard lock(mutex_);
  const auto before = keyring_of(secrets_);
  const auto keyring = keyring_of(next);
  if (auto fault = why_not_after(before, keyring)) return fail(*std::move(fault));
  const bool sealing = !same_sealing_keys(before, keyring);
  const bool signing = !same_signing_keys(secrets_, next);
  if (sealing) {
    const auto fault = fault_of_keys(store, keyring, "the database", now, OtherNodes::kCount);
    if (!fault) return fail(fault.error().detail);
    if (*fault) return fail(**fault);
    sealer_.replace(keyring);
  }
  if (signing) {
    signing_keys_.replace(signing_keys_of(next));
    test_signing_keys_.replace(main::test_signing_keys(digester_, signing_keys_.all()));
  }
  if (sealing || signing) {
    secrets_ = next;
    since_ = now;
  }
  return sealing || signing;
}

store::KeyHolder LiveKeys::holder(const std::string& node, WallTime now) const {
  const std::lock_guard lock(mutex_);
  store::KeyHolder out;
  out.node = node;
  const auto keyring = keyring_of(secrets_);
  out.seal_keys = keyring.ids();
  out.current_seal_key = keyring.current_id();
  const auto& signing = signing_keys_.all();
  out.signing_key = signing.current.kid();
  for (const auto& key : signing.published()) out.published_keys.push_back(key.kid());
  out.since = since_;
  out.seen_at = now;
  return out;
}

}  // namespace countersign::main
