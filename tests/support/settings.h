#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/check.h"
#include "crypto/keyring.h"
#include "domain/limits.h"
#include "usecase/settings.h"

namespace countersign::testing {

/// The keys of every test server.
inline crypto::Keyring test_keyring() {
  std::vector<crypto::KeyringEntry> entries(1);
  entries.front().id = 1;
  entries.front().key = SecretString(std::string(32, 's'));
  auto made = crypto::Keyring::make(std::move(entries), 1, SecretString(std::string(32, 'l')));
  CS_CHECK(made.has_value());
  return *std::move(made);
}

/// No limits but the attempts and messages of one verification and the locks after failures.
inline domain::Limits no_rates() {
  domain::Limits limits;
  limits.resend_waits.clear();
  limits.sends_per_contact = limits.sends_per_subject = limits.sends_per_address = {};
  limits.sends_per_ip = limits.sends_per_account = limits.sends_per_country = {};
  limits.strangers_share = 100;
  limits.checks_per_ip = limits.checks_per_account = {};
  return limits;
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
