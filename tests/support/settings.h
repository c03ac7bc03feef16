#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/check.h"
#include "crypto/keyring.h"
#include "usecase/context.h"

namespace countersign::testing {

/// What every server of the tests seals and digests with.
inline crypto::Keyring test_keyring() {
  std::vector<crypto::KeyringEntry> entries(1);
  entries.front().id = 1;
  entries.front().key = SecretString(std::string(32, 's'));
  auto made = crypto::Keyring::make(std::move(entries), 1, SecretString(std::string(32, 'l')));
  CS_CHECK(made.has_value());
  return *std::move(made);
}

/// A Brazilian ticketing service, without channels.
inline usecase::ServiceSettings test_service(const ServiceId& id, std::string_view name,
                                             std::vector<std::string> policies) {
  usecase::ServiceSettings s;
  s.id = id;
  s.name = name;
  s.friendly_name = "Bilheteria";
  s.default_region = "BR";
  s.totp_issuer = "Bilheteria";
  s.policies = std::move(policies);
  return s;
}

}  // namespace countersign::testing
