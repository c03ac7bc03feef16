#pragma once

#include <optional>
#include <string>

#include "api/pages/actions.h"
#include "usecase/passkey/check.h"

namespace countersign::api::pages {

/// What the script gets for the browser's dialog.
struct Challenge {
  std::string answer;  ///< JSON with `options` (web/README.md, passkey forms); empty: refused.
  Outcome refusal;
};
using Challenged = std::optional<Challenge>;  ///< Nothing: the link is not valid.

/// Counts as a form of the page.
[[nodiscard]] Challenge give_challenge(const usecase::Work& work, const TransactionId& id);

/// The field `response` of the form.
struct PasskeyAnswer {
  bool empty = true;  ///< The form came without its script.
  Result<webauthn::AuthenticationResponse, webauthn::Refusal> response = fail(webauthn::Refusal::kResponseMalformed);
};
[[nodiscard]] PasskeyAnswer read_passkey_answer(const http::Form& form);

[[nodiscard]] FormResult check_passkey(const usecase::Work& work, const store::TransactionRow& row,
                                       const PasskeyAnswer& answer, const usecase::JudgedAssertion& judged);

}  // namespace countersign::api::pages
