#include "usecase/outbox/obstacles.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/test_account.h"
#include "contact/phone_number.h"
#include "crypto/twilio_signature.h"
#include "store/repository/verifications.h"
#include "usecase/audit_log.h"

namespace countersign::usecase {

namespace {

using contact::Channel;
using contact::DeliveryStage;
using domain::ObstacleKind;

Facts facts_of(Channel channel, ObstacleKind kind) {
  return Facts().text("channel", contact::to_text(channel)).text("reason", domain::to_text(kind));
}

/// Twilio's own reading where it has recognised a word in the person's language (Advanced Opt-Out), else ours.
std::optional<domain::OptWord> word_in(const delivery::FormPairs& form) {
  const auto recognised = delivery::parameter_of(form, "OptOutType");
  return domain::opt_word(recognised.value_or(delivery::parameter_of(form, "Body").value_or("")));
}

/// A gateway's form of a number: E.164, mostly without its `+`. A sender's name is none.
std::optional<contact::PhoneNumber> number_of(std::string_view from) {
  if (from.starts_with('+')) from.remove_prefix(1);
  if (from.empty() || !std::ranges::all_of(from, is_digit)) return std::nullopt;
  auto number = contact::PhoneNumber::parse('+' + std::string(from));
  return number ? std::optional(*number) : std::nullopt;
}

bool sends_by(const AccountSettings& account, std::string_view provider) {
  bool names = false;
  for (const auto& service : account.services)
    service.each_provider([&](const ChannelProvider& one) { names = names || one.name == provider; });
  return names;
}

}  // namespace

std::optional<ObstacleKind> obstacle_of(const store::ContactRow& contact, WallTime now) {
  const auto met = domain::obstacle_to(contact.obstacles, contact.channel, now);
  if (!met) return std::nullopt;
  const bool counts =
      met->kind == ObstacleKind::kBounced || domain::stops_messages(*met, contact.proved_at.has_value());
  return counts ? std::optional(met->kind) : std::nullopt;
}

std::optional<Problem> obstacle_fault(const store::ContactRow& contact, WallTime now) {
  const auto kind = obstacle_of(contact, now);
  if (kind == ObstacleKind::kOptedOut) {
    return Problem{Code::kOptedOut,
                   "its holder has asked for no more messages; she lifts that by START, or the operator does"};
  }
  if (kind == ObstacleKind::kLandline)
    return Problem{Code::kAddressRefused, "a text message to this number failed a short while ago: it is a landline"};
  return std::nullopt;
}

void note_end(store::Tx& tx, const Context& context, const MessageEnd& end, Moment& moment) {
  const auto kind = domain::obstacle_shown_by(end.channel, end.said, end.sure);
  // Only of a mailbox is a delivery reported so seldom that its address can be looked up for each.
  const bool arrived = end.channel == Channel::kEmail && end.said.stage > DeliveryStage::kFailed;
  if (!kind && !arrived) return;
  static_cast<void>(store::why_unreadable([&] {
    const auto held = store::find_transaction(tx, end.account, end.transaction);
    const auto row = held ? store::find_verification(tx, *held, end.verification) : std::nullopt;
    const auto contact = row ? store::find_contact(tx, end.account, row->state.contact) : std::nullopt;
    if (!contact) return;
    const domain::Obstacle met{end.channel, kind.value_or(ObstacleKind::kBounced), end.message.id.time()};
    const auto after = kind ? domain::with_obstacle(contact->obstacles, met, moment.now)
                            : domain::after_arrival(contact->obstacles, end.channel);
    if (!after) return;
    store::save_obstacles(tx, end.account, contact->address_id, *after);
    const Caller system{end.account, "system", "", std::nullopt};
    record({tx, context, system, moment}, kind ? "contact.unreachable" : "contact.reachable", held->state,
           facts_of(end.channel, met.kind).text("contact", contact->id.text()).text("message", end.message.text()));
  }));
}

void note_arrival(const Work& work, const store::ContactRow& contact) {
  if (contact.obstacles.empty()) return;
  const auto after = domain::after_arrival(contact.obstacles, contact.channel);
  if (!after) return;
  store::save_obstacles(work.tx, work.caller.account, contact.address_id, *after);
  record(work, "contact.reachable", contact.subject,
         Facts().text("channel", contact::to_text(contact.channel)).text("contact", contact.id.text()));
}

std::optional<Inbound> read_inbound(const CallbackTokens& tokens, const TwilioInbound& inbound) {
  const auto token = tokens.find(inbound.provider);
  if (token == tokens.end()) return std::nullopt;
  if (!crypto::twilio_signature_valid(token->second.expose(), inbound.url, inbound.form, inbound.signature))
    return std::nullopt;
  const auto word = word_in(inbound.form);
  auto from = delivery::parameter_of(inbound.form, "From").value_or("");
  constexpr std::string_view kWhatsapp = "whatsapp:";
  const bool whatsapp = from.starts_with(kWhatsapp);
  if (whatsapp) from.remove_prefix(kWhatsapp.size());
  const auto number = contact::PhoneNumber::parse(from);
  if (!word || !number || !from.starts_with('+')) return Inbound{};
  return Inbound{Wish{whatsapp ? Channel::kWhatsapp : Channel::kSms, std::string(number->text()), *word, {}}};
}

std::optional<std::vector<Wish>> read_gateway_inbound(const GatewayInboundForms& forms, std::string_view provider,
                                                      const delivery::ReceivedReport& received) {
  const auto form = forms.find(provider);
  // A token stands in the logs of proxies, and this is not about one message: whoever has it could stop anybody's.
  if (form == forms.end() || form->second.auth.kind == delivery::ReportAuth::Kind::kToken) return std::nullopt;
  if (!delivery::is_believed(form->second.auth, received)) return std::nullopt;
  std::vector<Wish> wishes;
  const auto texts =
      delivery::read_gateway_texts(form->second, received).value_or(std::vector<delivery::GatewayText>());
  for (const auto& text : texts) {
    const auto word = domain::opt_word(text.text);
    const auto number = word ? number_of(text.from) : std::nullopt;
    if (number) wishes.push_back({Channel::kSms, std::string(number->text()), *word, text.sent});
  }
  return wishes;
}

void take_wish(store::Tx& tx, const Context& context, std::string_view provider, const Wish& wish, Moment& moment) {
  for (const auto& [account, settings] : context.settings.accounts) {
    if (is_test(account) || !sends_by(settings, provider)) continue;
    const auto known = store::find_known_address(tx, context.vault, account, wish.channel, wish.from);
    if (!known) continue;
    const auto after =
        domain::after_word(known->obstacles, wish.channel, wish.word, wish.at.value_or(moment.now), moment.now);
    if (!after) continue;
    store::save_obstacles(tx, account, known->id, *after);
    // Said once more, it is no news.
    const bool stop = wish.word == domain::OptWord::kStop;
    if (stop && domain::is_opted_out(known->obstacles, wish.channel)) continue;
    const Caller person{account, "person", "", std::nullopt};
    record({tx, context, person, moment}, stop ? "contact.unreachable" : "contact.reachable",
           facts_of(wish.channel, ObstacleKind::kOptedOut));
  }
}

}  // namespace countersign::usecase
