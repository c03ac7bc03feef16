#include "usecase/outbox/voice_callback.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/encoding.h"
#include "crypto/twilio_signature.h"
#include "domain/spoken_code.h"
#include "store/attempt.h"
#include "store/repository/transactions.h"
#include "store/repository/verifications.h"
#include "usecase/outbox/work_messages.h"

namespace countersign::usecase {

namespace {

/// A text of the Verify-compatible API has at most two segments; with that, all of what is said first fits into a
/// request to Twilio.
constexpr std::size_t kTextMax = 600;

/// What the URL of a call holds.
struct SealedCall {
  WallTime expires_at;
  std::string locale;
  SecretString code;
  std::string text;  ///< Of the Verify-compatible API; empty: it comes from the display of the transaction.
};

// call, which is sealed := lines
//    expires at    microseconds since the epoch, in decimal
//    locale
//    code
//    text          the rest
std::string seal_call(const store::Vault& vault, const MessageId& id, const SealedCall& call, Random& random) {
  const SecretString plain(
      fmt::format("{}\n{}\n{}\n{}", to_micros(call.expires_at), call.locale, call.code.expose(), call.text));
  return to_base64url(vault.seal(plain.expose(), "calls", id.bytes(), "url", random));
}

/// Nothing for what was not sealed here for this message.
std::optional<SealedCall> open_call(const store::Vault& vault, const MessageId& id, std::string_view sealed) {
  const auto bytes = from_base64url(sealed);
  if (!bytes) return std::nullopt;
  SecretString plain;
  if (store::attempt([&] { plain = vault.open(*bytes, "calls", id.bytes(), "url"); })) return std::nullopt;
  std::string_view rest = plain.expose();
  const auto line = [&] {
    const auto end = std::min(rest.find('\n'), rest.size());
    const std::string_view taken = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    return taken;
  };
  std::int64_t micros = 0;
  const auto expires = line();
  std::from_chars(expires.data(), expires.data() + expires.size(), micros);
  SealedCall call;
  call.expires_at = from_micros(micros);
  call.locale = line();
  call.code = SecretString(std::string(line()));
  call.text = rest;
  return call;
}

std::string name_of_service(const Context& context, const AccountId& account, const ServiceId& service) {
  const auto found = context.settings.accounts.find(account);
  const auto* settings = found == context.settings.accounts.end() ? nullptr : found->second.service(service);
  return settings == nullptr ? "" : settings->friendly_name;
}

delivery::CallWords words_of(domain::SpokenCode spoken) {
  return {std::move(spoken.ask), std::move(spoken.before), std::move(spoken.again), std::move(spoken.after), ""};
}

constexpr std::size_t kSidMax = 64;

}  // namespace

std::optional<delivery::ProviderError> write_call(const Context& context, QueuedMessage& message, Random& random) {
  auto* const ours = std::get_if<delivery::OutgoingMessage>(&message.content);
  if (ours == nullptr || ours->channel != contact::Channel::kCall || ours->code.expose().empty()) return std::nullopt;
  const auto& source = message.text_source;
  const std::string name = name_of_service(context, message.account, source ? source->service : message.service);
  const domain::MessageParts parts{name, ours->locale, "", 0};
  SealedCall call{ours->expires_at, ours->locale, ours->code, ""};
  if (source) {
    domain::Display display;
    if (const auto error = store::attempt(
            [&] { display = store::open_display(context.vault, message.transaction, source->display_sealed); }))
      return delivery::ProviderError{delivery::Fault::kMisconfigured, delivery::PersonNotice::kTryAnotherWay, "",
                                     error->detail, std::nullopt};
    ours->call = words_of(domain::spoken_code(display, parts));
  } else {
    call.text = ours->body.size() > kTextMax ? ours->code.expose() : ours->body;
    ours->call = words_of(domain::spoken_text(call.text, ours->code.expose(), parts));
  }
  ours->call.next_url =
      fmt::format("{}/callbacks/twilio/voice/{}/{}?call={}", context.settings.public_url, message.account.text(),
                  message.id.text(), seal_call(context.vault, message.id, call, random));
  return std::nullopt;
}

void write_call_at_once(delivery::OutgoingMessage& message) {
  if (message.channel != contact::Channel::kCall || message.code.expose().empty()) return;
  message.call = words_of(domain::spoken_text(message.body, message.code.expose(), {"", message.locale, "", 0}));
}

std::optional<CallAnswer> answer_call(store::Tx& tx, const Context& context, const CallbackTokens& tokens,
                                      const KeyPressed& pressed, Moment& moment) {
  const auto& [account, id, url, signature, form] = pressed.callback;
  const auto message = store::find_message(tx, account, id);
  const auto token = message ? tokens.find(message->provider) : tokens.end();
  if (token == tokens.end() || message->channel != contact::Channel::kCall) return std::nullopt;
  if (!crypto::twilio_signature_valid(token->second.expose(), url, form, signature)) return std::nullopt;
  const auto sid = delivery::parameter_of(form, "CallSid").value_or("");
  const auto call = open_call(context.vault, id, pressed.sealed);
  if (!call || !sid.starts_with("CA") || sid.size() > kSidMax) return std::nullopt;

  CallAnswer answer{message->provider, call->locale, {}, {}, std::string(domain::spoken_over(call->locale))};
  const auto held = store::find_transaction(tx, account, message->transaction);
  if (delivery::parameter_of(form, "Digits").value_or("").empty() || moment.now >= call->expires_at || !held)
    return answer;
  if (!is_waited_for(tx, *held, message->verification, moment.now)) return answer;
  // Not once the page says that nobody took the call.
  if (message->delivery && message->delivery->stage == contact::DeliveryStage::kFailed) return answer;
  // Only the first time: a request that comes again finds the message delivered.
  const domain::Delivery heard{contact::DeliveryStage::kDelivered};
  if (report_delivery(tx, context, {account, id, std::string(sid), heard}, moment) != domain::ReportEffect::kAdvanced)
    return answer;

  const std::string name = name_of_service(context, account, held->state.service);
  const domain::MessageParts parts{name, call->locale, "", 0};
  answer.words = words_of(call->text.empty() ? domain::spoken_code(store::open_display(context.vault, *held), parts)
                                             : domain::spoken_text(call->text, call->code.expose(), parts));
  answer.code = call->code;
  answer.instead.clear();
  return answer;
}

}  // namespace countersign::usecase
