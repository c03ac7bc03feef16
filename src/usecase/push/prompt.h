#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/secret.h"
#include "domain/push.h"
#include "store/repository/vault.h"
#include "usecase/problem.h"
#include "usecase/work.h"

namespace countersign::usecase {

/// Prompts of one transaction: more than a person needs.
inline constexpr std::uint64_t kPromptsOfTransaction = 10;

struct PushPrompt {
  std::string id;        ///< 22 characters of base64url.
  SecretString number;   ///< Six digits, for the page that asks, and for nobody else.
  std::int64_t devices;  ///< That were asked.
  WallTime expires_at;
};

/// Asks the devices of a transaction's subject that count for it, with a number that the page shows which asks. An
/// older prompt for the transaction is over. `asking`: devices whose own browser shows that page; they are not asked,
/// and may not answer, since it would confirm itself. kMethodNotAllowed, kChannelUnavailable; kFactorUnusable if the
/// subject has no device there, kSourceDoesNotCount if none counts yet, kRateLimited if none may be asked by now: too
/// many prompts, or denied ones. [PUSH-7, PUSH-8, THR-8]
[[nodiscard]] Answer<PushPrompt> prompt_push(const Work& work, const TransactionId& id,
                                             const std::vector<FactorId>& asking);
/// The same with one, or none.
[[nodiscard]] Answer<PushPrompt> prompt_push(const Work& work, const TransactionId& id,
                                             const std::optional<FactorId>& asking);

/// For both pages: how it stands, and for the device what it signs.
struct PromptView {
  std::string id;
  domain::PromptStatus status;
  std::string challenge;  ///< 32 bytes; empty unless it is open.
  std::int64_t numbers_left;
  WallTime expires_at;
};
/// kNotFound for a prompt that is not known any more.
[[nodiscard]] Answer<PromptView> show_prompt(const Work& work, const TransactionId& id, std::string_view prompt);

/// The number of an open prompt, for the page that asks; nullopt for one that is over.
[[nodiscard]] std::optional<SecretString> number_of_prompt(const Work& work, const TransactionId& id,
                                                           std::string_view prompt);

/// Six digits that follow from the salt and a key: nobody without both can compute them, and they need not be stored.
/// All are as likely, but for less than one in 10^12.
[[nodiscard]] SecretString number_of(const store::Vault& vault, const TransactionId& transaction,
                                     std::string_view salt);

/// The declarative message of a prompt (docs/push.md): the service's name and where to look, nothing of what is
/// approved, and not the number. [PUSH-7]
[[nodiscard]] std::string prompt_message(std::string_view locale, std::string_view service_name, std::string_view page,
                                         const TransactionId& transaction, std::string_view prompt);

}  // namespace countersign::usecase
