#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ip.h"
#include "base/secret.h"
#include "domain/push.h"
#include "store/repository/factors.h"
#include "store/repository/transactions.h"
#include "usecase/push/enrol.h"
#include "usecase/push/prompt.h"
#include "usecase/work.h"

namespace countersign::usecase {

// Devices on the hosted pages. The page that asks shows the number; the page that a notification opens shows what is
// approved and takes it. That one's address holds the prompt, which only the devices that were asked received: it
// shows, and approves nothing. [PUSH-7, PUSH-8]

/// Whether that service's devices are enrolled on the hosted pages, and open those.
[[nodiscard]] bool has_push_on_pages(const Context& context, const AccountId& account, const ServiceId& service);

/// The newest prompt of a transaction.
struct PromptSeen {
  std::string id;  ///< As prompt_push() named it.
  domain::PromptStatus status = domain::PromptStatus::kOpen;
  std::optional<SecretString> number = {};  ///< While it is open. Only for the browser that asked.
  std::int64_t numbers_left = 0;
  std::int64_t wrong = 0;
  std::size_t devices = 0;  ///< That were asked.
  WallTime asked_at = {};   ///< At the latest: prompts end early with their transaction.
  WallTime until = {};
};
[[nodiscard]] std::optional<PromptSeen> newest_prompt(const Context& context, const store::TransactionRow& row,
                                                      WallTime now);

/// Asks the devices for a page. `own`: ids of the devices whose keys the browser of that page has, separated by blanks;
/// those of the person are not asked, and may not answer. As prompt_push().
[[nodiscard]] Answer<PushPrompt> prompt_from_page(const Work& work, const store::TransactionRow& row,
                                                  std::string_view own);

/// The transaction of an approval page. Nothing for a prompt that is not known, in the same time whichever part of the
/// address is wrong.
[[nodiscard]] std::optional<store::TransactionRow> open_prompt_page(store::Tx& tx, const Context& context,
                                                                    const TransactionId& id, std::string_view prompt);

/// What an approval page knows beside the transaction.
struct PromptForDevice {
  domain::PromptStatus status = domain::PromptStatus::kOpen;
  std::string challenge = {};  ///< 32 bytes, to be signed; empty unless it is open.
  std::int64_t numbers_left = 0;
  WallTime asked_at = {};
  WallTime until = {};
  std::string asker = {};              ///< See asker_of(); empty if that is unknown.
  std::vector<FactorId> devices = {};  ///< That were asked; the browser looks for its own.
};
[[nodiscard]] std::optional<PromptForDevice> prompt_for_device(const Context& context, const store::TransactionRow& row,
                                                               std::string_view prompt, WallTime now);

/// The person's confirmed devices at a service, subscribed or not. A browser that has the key of one is that device.
[[nodiscard]] std::vector<FactorId> device_ids(store::Tx& tx, const Context& context, const AccountId& account,
                                               const SubjectId& subject);

/// Whether `answer` is signed by its own key as a new subscription of that device (see renew_subscription). Pure.
[[nodiscard]] bool is_own_renewal(const PushAnswer& answer, const FactorId& factor, std::int64_t signed_at);

/// Whether that network address is the one that a prompt was asked from.
[[nodiscard]] bool is_asker(const Context& context, const PromptForDevice& prompt, const IpAddress& address);

/// Whose key it is, whatever the account: for a browser that renews its subscription and says no more than that.
struct KnownDevice {
  AccountId account;
  FactorId factor;
  std::string identity;
};
[[nodiscard]] std::optional<KnownDevice> find_device(store::Tx& tx, const Context& context,
                                                     std::string_view public_key);

}  // namespace countersign::usecase
