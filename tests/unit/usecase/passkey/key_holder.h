#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "support/software_authenticator.h"
#include "tests/unit/usecase/script.h"
#include "usecase/passkey/challenge.h"
#include "usecase/passkey/check.h"
#include "usecase/passkey/confirm.h"
#include "usecase/passkey/enrol.h"
#include "usecase/passkey/parsed_keys.h"

namespace countersign::testing {

inline json::object json_of(std::string_view text) { return parse_json(text)->as_object(); }

/// Why the last event says that an answer was refused.
inline std::string reason_of(Fixture& fixture) {
  const auto events = fixture.all_events();
  return json_text_or_empty(json_of(events.back().data), "reason");
}

/// A service with passkeys, and policies that accept them.
inline void offer_passkeys(Fixture& fixture) {
  auto& service = fixture.settings().accounts.at(fixture.account()).services.front();
  service.passkeys.emplace();
  service.passkeys->party.id = "verify.example.com";
  service.passkeys->party.origins = {"https://verify.example.com"};
  service.passkeys->on_page = true;
  service.passkeys->strict_counter = true;
  for (const char* policy : {"any", "strict"}) fixture.policy(policy).any_of.add(domain::Method::kWebauthn);
}

/// A person with one authenticator: what the application and the browser do, each call one database transaction.
class KeyHolder {
 public:
  explicit KeyHolder(Fixture& fixture, webauthn::Algorithm algorithm = webauthn::Algorithm::kEs256)
      : device(algorithm), fixture_(fixture) {}

  SoftwareAuthenticator device;
  std::string identity{kIdentity};
  FactorId factor{};

  Answer<usecase::PasskeyEnrolment> enrol();
  /// The right answer to the options.
  Answer<usecase::FactorView> confirm(std::string_view options, const usecase::ConfirmTerms& terms = {}) {
    return confirm_with(device.create(options), terms);
  }
  Answer<usecase::FactorView> confirm_with(const json::object& answer, const usecase::ConfirmTerms& terms = {});
  /// Both; must succeed.
  void bind();

  Answer<usecase::PasskeyChallenge> ask() { return ask(fixture_.current()); }
  Answer<usecase::PasskeyChallenge> ask(const TransactionId& id);
  /// The options of a challenge; must succeed.
  std::string options() { return ask().value().options; }
  Answer<usecase::Approved> answer(const json::object& response) { return answer(fixture_.current(), response); }
  Answer<usecase::Approved> answer(const TransactionId& id, const json::object& response);
  /// Asked, and answered rightly.
  Answer<usecase::Approved> prove() { return answer(device.get(options())); }

  /// The first two parts of answer(), for a test of what happens in between.
  usecase::JudgedAssertion judge(const json::object& response);
  Answer<usecase::Approved> store(const usecase::JudgedAssertion& judged, const json::object& response);

 private:
  Fixture& fixture_;
};

}  // namespace countersign::testing
