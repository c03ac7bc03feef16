#include "usecase/outbox/whatsapp_callback.h"

#include "crypto/hub_signature.h"
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
  const bool valid = crypto::hub_signature_valid(hook_of(hooks, provider).app_secret.expose(), body, signature);
  if (!valid || !hooks.contains(provider)) return std::nullopt;
  WhatsappCallback callback{std::string(provider), delivery::read_whatsapp_reports(body)};
  std::erase_if(callback.reports, [](const delivery::WhatsappReport& r) { return !status_for(r.status); });
  return callback;
}

std::optional<store::MessageStatus> status_for(delivery::WhatsappStatus status) {
  using enum delivery::WhatsappStatus;
  if (status == kFailed) return store::MessageStatus::kFailed;
  if (status == kDelivered || status == kRead) return store::MessageStatus::kDelivered;
  return std::nullopt;  // Sent: as we know from the answer.
}

void take_whatsapp_reports(store::Tx& tx, const Context& context, const WhatsappHooks& hooks,
                           const WhatsappCallback& callback, Moment& moment) {
  const std::string& secret = hook_of(hooks, callback.provider).app_secret.expose();
  for (const auto& report : callback.reports) {
    const auto status = status_for(report.status);
    const auto message = store::find_message(tx, report.account, report.message);
    const auto sender = message ? hooks.find(message->provider) : hooks.end();
    if (!status || sender == hooks.end() || !equal_constant_time(sender->second.app_secret.expose(), secret)) continue;
    static_cast<void>(report_delivery(
        tx, context, {report.account, report.message, report.provider_ref, *status, report.error}, moment));
  }
}

}  // namespace countersign::usecase
