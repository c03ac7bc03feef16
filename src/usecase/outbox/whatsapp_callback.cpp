#include "usecase/outbox/whatsapp_callback.h"

#include "contact/whatsapp_id.h"
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

bool same_app(const WhatsappHook& one, const WhatsappHook& other) {
  return equal_constant_time(one.app_secret.expose(), other.app_secret.expose());
}

std::optional<Wish> wish_in(const delivery::WhatsappText& text) {
  const auto word = domain::opt_word(text.text);
  const auto number = word ? contact::phone_of_whatsapp_id(text.from) : std::nullopt;
  if (!number) return std::nullopt;
  return Wish{contact::Channel::kWhatsapp, std::string(number->text()), *word, text.sent};
}

/// Of a webhook that was signed by the app of `hook`.
std::vector<WhatsappCallback::Wished> wishes_in(const WhatsappHooks& hooks, const WhatsappHook& hook,
                                                const std::vector<delivery::WhatsappText>& texts) {
  std::vector<WhatsappCallback::Wished> wishes;
  for (const auto& text : texts) {
    const auto wish = wish_in(text);
    if (!wish) continue;
    for (const auto& [name, other] : hooks) {
      if (other.phone_number_id == text.phone_number_id && same_app(hook, other)) wishes.push_back({name, *wish});
    }
  }
  return wishes;
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
  auto webhook = delivery::read_whatsapp_webhook(body);
  return WhatsappCallback{std::string(provider), std::move(webhook.reports), wishes_in(hooks, hook, webhook.texts)};
}

void take_whatsapp_callback(store::Tx& tx, const Context& context, const WhatsappHooks& hooks,
                            const WhatsappCallback& callback, Moment& moment) {
  const auto& hook = hook_of(hooks, callback.provider);
  for (const auto& report : callback.reports) {
    const auto message = store::find_message(tx, report.account, report.message);
    const auto sender = message ? hooks.find(message->provider) : hooks.end();
    if (sender == hooks.end() || !same_app(sender->second, hook)) continue;
    domain::Delivery said{report.stage, std::nullopt};
    if (report.error) said.reason = delivery::reason_of(report.error->fault);
    report_delivery(tx, context,
                    {report.account, report.message, report.provider_ref, said,
                     report.error ? report.error->provider_code : std::string(), true},
                    moment);
  }
  for (const auto& [provider, wish] : callback.wishes) take_wish(tx, context, provider, wish, moment);
}

}  // namespace countersign::usecase
