#include "usecase/outbox/whatsapp_callback.h"

#include "crypto/hub_signature.h"
#include "store/repository/messages.h"
#include "usecase/outbox/work_messages.h"

namespace countersign::usecase {

namespace {

/// Never right, but compared with.
const WhatsappHook& nobodys() {
  static const WhatsappHook kHook{SecretString("no app"), SecretString("no token")};
  return kHook;
}

/// The provider's own hook, or nobody's.
const WhatsappHook& hook_of(const WhatsappHooks& hooks, std::string_view provider) {
  const auto found = hooks.find(provider);
  return found == hooks.end() ? nobodys() : found->second;
}

}  // namespace

bool is_set_up_by_us(const WhatsappHooks& hooks, std::string_view provider, std::string_view token) {
  const bool same = equal_constant_time(hook_of(hooks, provider).verify_token.expose(), token);
  return same && hooks.contains(provider);
}

std::optional<WhatsappCallback> read_whatsapp_callback(const WhatsappHooks& hooks, std::string_view provider,
                                                       std::string_view body, std::string_view signature) {
  const auto& hook = hook_of(hooks, provider);
  const auto signed_with = [&](const SecretString& secret) {
    return !secret.expose().empty() && crypto::hub_signature_valid(secret.expose(), body, signature);
  };
  const bool valid = signed_with(hook.app_secret) || signed_with(hook.previous_app_secret);
  if (!valid || !hooks.contains(provider)) return std::nullopt;
  return WhatsappCallback{std::string(provider), delivery::read_whatsapp_reports(body)};
}

void take_whatsapp_reports(store::Tx& tx, const Context& context, const WhatsappHooks& hooks,
                           const WhatsappCallback& callback, Moment& moment) {
  const std::string& secret = hook_of(hooks, callback.provider).app_secret.expose();
  for (const auto& report : callback.reports) {
    const auto message = store::find_message(tx, report.account, report.message);
    const auto sender = message ? hooks.find(message->provider) : hooks.end();
    if (sender == hooks.end() || !equal_constant_time(sender->second.app_secret.expose(), secret)) continue;
    domain::Delivery said{report.stage, std::nullopt};
    if (report.error) said.reason = delivery::reason_of(report.error->fault);
    report_delivery(tx, context,
                    {report.account, report.message, report.provider_ref, said,
                     report.error ? report.error->provider_code : std::string(), true},
                    moment);
  }
}

}  // namespace countersign::usecase
