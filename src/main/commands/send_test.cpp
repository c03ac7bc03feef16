#include "main/commands/send_test.h"

#include <fmt/format.h>

#include <algorithm>
#include <future>
#include <ostream>
#include <ranges>

#include "contact/email_address.h"
#include "contact/phone_number.h"
#include "domain/code_mail.h"
#include "domain/spoken_code.h"
#include "main/commands/exit_status.h"
#include "main/config/parts.h"
#include "main/settings.h"

namespace countersign::main {

namespace {

using delivery::ProviderError;

constexpr std::chrono::minutes kLife{10};
constexpr std::string_view kTitle = "Test message. The code approves nothing";

Result<std::string, std::string> address_of(const SendTestCommand& command, contact::Channel channel) {
  if (channel == contact::Channel::kEmail) {
    const auto address = contact::EmailAddress::parse(command.to);
    if (address) return address->text();
    return fail(fmt::format("\"{}\" is no e-mail address: {}", command.to, contact::to_text(address.error())));
  }
  const auto number = contact::PhoneNumber::parse(command.to, "");
  if (number) return std::string(number->text());
  return fail(fmt::format("\"{}\" is no telephone number in E.164, such as +5511987654321: {}", command.to,
                          contact::to_text(number.error())));
}

Result<contact::Channel, std::string> channel_of(const SendTestCommand& command) {
  if (command.channel.empty()) return command.to.contains('@') ? contact::Channel::kEmail : contact::Channel::kSms;
  const auto channel = contact::parse_channel(command.channel);
  if (channel && *channel != contact::Channel::kPush) return *channel;
  return fail(fmt::format("\"{}\" is no channel: sms, call, whatsapp or email", command.channel));
}

/// The name that people see in messages by this provider: that of the first service which uses it.
std::string sender_of(const Config& config, const std::string& provider) {
  for (const auto& service : config.services) {
    const auto carries = [&](const auto& channel) {
      const auto carrying = providers_of(service, channel.first);
      return std::ranges::find(carrying, provider) != carrying.end();
    };
    if (std::ranges::any_of(service.channels, carries))
      return service.branding.name.empty() ? service.friendly_name : service.branding.name;
  }
  return "Countersign";
}

template <class T>
Result<T, ProviderError> wait_for(const std::function<void(delivery::ProviderDone<T>)>& call) {
  std::promise<Result<T, ProviderError>> promise;
  auto answer = promise.get_future();
  call([&](Result<T, ProviderError> result) { promise.set_value(std::move(result)); });
  return answer.get();  // Every call of a provider ends by its time-out.
}

delivery::OutgoingMessage message_for(const Config& config, const SendTestCommand& command, contact::Channel channel,
                                      const std::string& to, Moment& moment) {
  const std::string sender = sender_of(config, command.provider);
  const domain::MessageParts parts{sender, command.locale, "", static_cast<int>(kLife.count())};
  domain::Display display;
  display.title = kTitle;
  const std::string code = moment.random.digits(6);
  delivery::OutgoingMessage message{MessageId::make(moment), channel, to, {}, {}, SecretString(code), command.locale,
                                    moment.now + kLife,      {}};
  if (channel == contact::Channel::kEmail) {
    auto mail = domain::code_mail(display, code, parts);
    message.subject = std::move(mail.subject);
    message.body = mail.text.expose();
    message.html = mail.html.expose();
  } else {
    message.body = domain::code_message(channel, display, code, parts).expose();
  }
  if (channel == contact::Channel::kCall) {
    auto words = domain::spoken_code(display, parts);
    message.call = {std::move(words.ask), std::move(words.before), std::move(words.again), std::move(words.after), ""};
  }
  return message;
}

Result<delivery::Accepted, ProviderError> send_by(delivery::Sender& sender, delivery::OutgoingMessage message) {
  return wait_for<delivery::Accepted>([&](auto done) { sender.send(std::move(message), std::move(done)); });
}

Result<delivery::Accepted, ProviderError> start_by(delivery::Verifier& verifier, delivery::VerificationStart start) {
  auto started = wait_for<delivery::Accepted>([&](auto done) { verifier.start(std::move(start), std::move(done)); });
  if (started) {
    static_cast<void>(wait_for<Done>([&](auto done) { verifier.cancel(started->provider_ref, std::move(done)); }));
  }
  return started;
}

std::string sentence_of(const std::string& provider, const ProviderError& error) {
  std::string text = fmt::format("{} did not take the message: {}", provider, delivery::name_of(error.fault));
  if (!error.provider_code.empty()) text += fmt::format(" {}", error.provider_code);
  text += ": " + error.detail;
  if (error.maybe_sent) text += "; it may have been sent all the same";
  return text;
}

Result<std::string, std::string> send_test(const Config& config, const SendTestCommand& command, Clock& clock,
                                           Random& random) {
  const auto entry = config.providers.find(command.provider);
  if (entry == config.providers.end()) {
    return fail(fmt::format("there is no provider \"{}\": the configuration has {}", command.provider,
                            fmt::join(std::views::keys(config.providers), ", ")));
  }
  if (std::holds_alternative<InboxConfig>(entry->second))
    return fail(fmt::format("\"{}\" is the inbox of the development mode, from which nothing leaves", entry->first));
  const auto channel = channel_of(command);
  if (!channel) return fail(channel.error());
  const auto to = address_of(command, *channel);
  if (!to) return fail(to.error());

  Config alone = config;
  std::erase_if(alone.providers, [&](const auto& provider) { return provider.first != entry->first; });
  delivery::HttpClient http({.concurrent_max = 1}, clock);
  const auto built = build_providers(alone, http, http, clock, {}, nullptr);
  const auto sender = built.by_name.senders.find(entry->first);
  const auto verifier = built.by_name.verifiers.find(entry->first);
  const bool is_sender = sender != built.by_name.senders.end();
  if (!(is_sender ? sender->second->supports(*channel) : verifier->second->supports(*channel)))
    return fail(fmt::format("\"{}\" does not carry {}", entry->first, contact::to_text(*channel)));

  Moment moment{clock.now(), random};
  const auto accepted =
      is_sender ? send_by(*sender->second, message_for(config, command, *channel, *to, moment))
                : start_by(*verifier->second, {MessageId::make(moment), *channel, *to, command.locale, {}, {}, {}});
  for (const auto& used : built.senders) used->stop();
  http.stop(std::chrono::milliseconds(0));
  if (!accepted) return fail(sentence_of(entry->first, accepted.error()));
  return fmt::format("{} took the message, as {}. Whether it arrives, its reports say.", entry->first,
                     accepted->provider_ref);
}

}  // namespace

int run_send_test_command(const Config& config, const SendTestCommand& command, Clock& clock, Random& random,
                          std::ostream& out, std::ostream& err) {
  const auto sent = send_test(config, command, clock, random);
  if (!sent) {
    err << "countersign: " << sent.error() << '\n';
    return kFailed;
  }
  out << *sent << '\n';
  return kDone;
}

}  // namespace countersign::main
