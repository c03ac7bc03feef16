#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/secret.h"
#include "delivery/providers/whatsapp_report.h"
#include "usecase/outbox/obstacles.h"
#include "usecase/work.h"

namespace countersign::usecase {

/// How Meta shows that a webhook is its own.
struct WhatsappHook {
  SecretString app_secret;                ///< Signs what it posts.
  SecretString verify_token;              ///< What it says where the webhook is set up.
  SecretString previous_app_secret = {};  ///< Signs too, until the new one is in force at Meta; empty: there is none.
  std::string phone_number_id = {};       ///< Meta's name of the number that the provider sends from.
};

/// Of each WhatsApp provider, by its name. Some may belong to one app of Meta's, which has one webhook for all of its
/// numbers.
using WhatsappHooks = std::map<std::string, WhatsappHook, std::less<>>;

/// Whether `token` is the one set for `provider`. An unknown provider takes as long as a known one.
[[nodiscard]] bool is_set_up_by_us(const WhatsappHooks& hooks, std::string_view provider, std::string_view token);

/// What Meta has signed.
struct WhatsappCallback {
  struct Wished {
    std::string provider;  ///< Whose number she wrote to.
    Wish wish;
  };
  std::string provider;  ///< Whose address was called.
  std::vector<delivery::WhatsappReport> reports;
  std::vector<Wished> wishes;  ///< In the order in which they came; once for each provider of the number.

  [[nodiscard]] bool is_empty() const { return reports.empty() && wishes.empty(); }
};

/// Reads a body posted for `provider`; nothing unless the signature is right, and nothing is parsed before. Needs no
/// transaction: a forged one never reaches the writer. What people write counts where it is one of the words
/// (domain/opt_words.h), to a number of a provider with the same app; of the rest nothing is kept.
[[nodiscard]] std::optional<WhatsappCallback> read_whatsapp_callback(const WhatsappHooks& hooks,
                                                                     std::string_view provider, std::string_view body,
                                                                     std::string_view signature);

/// Writes what became of the messages, and what people want. Only messages of a provider with the same app are changed,
/// each once: a report that comes again, late or in another order changes nothing, and neither does a wish
/// (obstacles.h).
void take_whatsapp_callback(store::Tx& tx, const Context& context, const WhatsappHooks& hooks,
                            const WhatsappCallback& callback, Moment& moment);

}  // namespace countersign::usecase
