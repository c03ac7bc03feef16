#include "usecase/verification/message_text.h"

#include <algorithm>

#include "domain/code_mail.h"
#include "domain/message.h"
#include "store/attempt.h"
#include "store/repository/transactions.h"
#include "usecase/outbox/mail_report.h"

namespace countersign::usecase {

namespace {

delivery::ProviderError unwritable(std::string detail) {
  return {delivery::Fault::kMisconfigured,
          delivery::PersonNotice::kTryAnotherWay,
          "",
          std::move(detail),
          std::nullopt,
          false};
}

const ServiceSettings* service_of(const Context& context, const AccountId& account, const ServiceId& service) {
  const auto found = context.settings.accounts.find(account);
  return found == context.settings.accounts.end() ? nullptr : found->second.service(service);
}

}  // namespace

int minutes_left(WallTime valid_until, WallTime now) {
  const auto minutes = std::chrono::floor<std::chrono::minutes>(valid_until - now + std::chrono::seconds(1));
  return static_cast<int>(std::max<std::int64_t>(1, minutes.count()));
}

std::optional<delivery::ProviderError> write_text(const Context& context, QueuedMessage& message, WallTime now) {
  if (!message.text_source) return std::nullopt;
  const auto* service = service_of(context, message.account, message.text_source->service);
  if (service == nullptr) return unwritable("the service of this message is no longer configured");
  domain::Display display;
  const auto error = store::attempt(
      [&] { display = store::open_display(context.vault, message.transaction, message.text_source->display_sealed); });
  if (error) return unwritable(error->detail);

  auto& ours = std::get<delivery::OutgoingMessage>(message.content);
  const domain::MessageParts parts{service->friendly_name, ours.locale, service->origin_host,
                                   minutes_left(ours.expires_at, now)};
  if (ours.channel == contact::Channel::kEmail) {
    auto mail = domain::code_mail(display, ours.code.expose(), parts);
    ours.subject = std::move(mail.subject);
    ours.body = std::move(mail.text.expose_for_writing());
    ours.html = std::move(mail.html.expose_for_writing());
    ours.return_tag = return_tag(context.vault, message.account, message.id);
  } else {
    ours.body = domain::code_message(ours.channel, display, ours.code.expose(), parts).expose();
  }
  if (ours.channels.empty()) message.text_source.reset();  // Otherwise another channel may need another text.
  return std::nullopt;
}

}  // namespace countersign::usecase
