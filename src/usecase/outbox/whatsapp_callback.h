#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/secret.h"
#include "delivery/providers/whatsapp_report.h"
#include "usecase/work.h"

namespace countersign::usecase {

/// How Meta shows that a webhook is its own.
struct WhatsappHook {
  SecretString app_secret;                ///< Signs what it posts.
  SecretString verify_token;              ///< What it says where the webhook is set up.
  SecretString previous_app_secret = {};  ///< Signs too, until the new one is in force at Meta; empty: there is none.
};

/// Of each WhatsApp provider, by its name. Some may belong to one app of Meta's, which has one webhook for all of its
/// numbers.
using WhatsappHooks = std::map<std::string, WhatsappHook, std::less<>>;

/// Whether `token` is the one set for `provider`. An unknown provider takes as long as a known one.
[[nodiscard]] bool is_set_up_by_us(const WhatsappHooks& hooks, std::string_view provider, std::string_view token);

/// Reports that Meta has signed.
struct WhatsappCallback {
  std::string provider;
  std::vector<delivery::WhatsappReport> reports;
};

/// Reads a body posted for `provider`; nothing unless the signature is right. Needs no transaction: a forged one never
/// reaches the writer.
[[nodiscard]] std::optional<WhatsappCallback> read_whatsapp_callback(const WhatsappHooks& hooks,
                                                                     std::string_view provider, std::string_view body,
                                                                     std::string_view signature);

/// Writes what became of the messages. Only those of a provider with the same app are changed, each once: a report that
/// comes again, late or in another order changes nothing.
void take_whatsapp_reports(store::Tx& tx, const Context& context, const WhatsappHooks& hooks,
                           const WhatsappCallback& callback, Moment& moment);

}  // namespace countersign::usecase
