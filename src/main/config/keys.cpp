#include "main/config/keys.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace countersign::main {

namespace {

std::string signing_line(const crypto::PublicKey& key, std::string_view state) {
  return fmt::format("signing     {} ({})  {}\n", key.kid(), crypto::jws_name(key.algorithm()), state);
}

}  // namespace

crypto::Keyring keyring_of(const SecretsConfig& secrets) {
  auto ring = crypto::Keyring::make(secrets.seal_keys, secrets.current_seal_key, secrets.lookup_key);
  CS_CHECK(ring.has_value());
  return *std::move(ring);
}

crypto::SigningKeySet signing_keys_of(const SecretsConfig& secrets) {
  auto current = crypto::SigningKey::from_pkcs8_pem(secrets.signing_key.expose());
  auto retired = crypto::public_keys_from_pem(secrets.retired_signing_keys);
  CS_CHECK(current.has_value() && retired.has_value());
  crypto::SigningKeySet keys{*std::move(current), {}, *std::move(retired)};
  if (!secrets.next_signing_key.expose().empty()) {
    auto next = crypto::SigningKey::from_pkcs8_pem(secrets.next_signing_key.expose());
    CS_CHECK(next.has_value());
    keys.next = *std::move(next);
  }
  return keys;
}

std::vector<crypto::VapidKey> push_keys_of(const SecretsConfig& secrets, const std::string& subject) {
  std::vector<crypto::VapidKey> keys;
  for (const auto* pem : {&secrets.push_key, &secrets.previous_push_key}) {
    if (pem->expose().empty()) continue;
    auto key = crypto::SigningKey::from_pkcs8_pem(pem->expose());
    CS_CHECK(key.has_value());
    keys.emplace_back(*std::move(key), subject);
  }
  return keys;
}

std::string push_key_name(const SecretsConfig& secrets) {
  const auto key = crypto::SigningKey::from_pkcs8_pem(secrets.push_key.expose());
  return key ? key->kid() : std::string();
}

delivery::PushEndpointRules push_endpoints_of(const Config& config) {
  delivery::PushEndpointRules rules;
  rules.hosts = config.push.hosts;
  if (config.mode == Mode::kDevelopment) {
    rules.addresses = delivery::AddressPolicy::kAny;
    rules.plain_http = delivery::PlainHttp::kAllowed;
  }
  return rules;
}

std::string list_keys(const SecretsConfig& secrets) {
  const auto ring = keyring_of(secrets);
  std::string text;
  for (const auto id : ring.ids()) {
    text += fmt::format("sealing {:<3} {}  {}\n", id, *ring.check_value(id),
                        id == ring.current_id() ? "current: seals what is new" : "known: opens what it sealed");
  }
  text += fmt::format("look-up     {}  cannot be changed\n", ring.lookup_check_value());
  const auto signing = signing_keys_of(secrets);
  text += signing_line(signing.current.public_key(), "current: signs receipts");
  if (signing.next) text += signing_line(signing.next->public_key(), "next: published, signs nothing yet");
  for (const auto& key : signing.retired)
    text += signing_line(key, "retired: published for the receipts that it signed");
  for (const auto& [key, state] : {std::pair(&secrets.push_key, "current: browsers subscribe with it"),
                                   std::pair(&secrets.previous_push_key, "previous: some are subscribed with it")}) {
    const auto parsed = crypto::SigningKey::from_pkcs8_pem(key->expose());
    if (parsed) text += fmt::format("push        {} (ES256)  {}\n", parsed->kid(), state);
  }
  return text;
}

std::string name_keys(const SecretsConfig& secrets) {
  const auto ring = keyring_of(secrets);
  const auto signing = signing_keys_of(secrets);
  return fmt::format("sealing keys {}, new data under {}; receipts signed by {}, {} published",
                     fmt::join(ring.ids(), ", "), ring.current_id(), signing.current.kid(), signing.published().size());
}

}  // namespace countersign::main
