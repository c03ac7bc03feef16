#include "usecase/outbox/obstacles.h"

#include <algorithm>
#include <array>

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

/// Twilio's own words where it has recognised them in the person's language (Advanced Opt-Out), else those that it
/// knows by default. They count only as the whole message.
std::optional<bool> stop_or_start(const delivery::FormPairs& form) {
  constexpr std::array<std::string_view, 8> kStop{"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL",
                                                  "END",  "QUIT",    "REVOKE",      "OPTOUT"};
  constexpr std::array<std::string_view, 3> kStart{"START", "YES", "UNSTOP"};
  const auto recognised = delivery::parameter_of(form, "OptOutType");
  std::string word(recognised.value_or(delivery::parameter_of(form, "Body").value_or("")));
  std::erase_if(word, [](char c) { return c == ' ' || c == '\r' || c == '\n' || c == '\t'; });
  word = lower_case(word);
  const auto is_word = [&](std::string_view one) { return lower_case(one) == word; };
  if (std::ranges::any_of(kStop, is_word)) return true;
  if (std::ranges::any_of(kStart, is_word)) return false;
  return std::nullopt;
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
  const auto stop = stop_or_start(inbound.form);
  auto from = delivery::parameter_of(inbound.form, "From").value_or("");
  constexpr std::string_view kWhatsapp = "whatsapp:";
  const bool whatsapp = from.starts_with(kWhatsapp);
  if (whatsapp) from.remove_prefix(kWhatsapp.size());
  const auto number = contact::PhoneNumber::parse(from);
  if (!stop || !number || !from.starts_with('+')) return Inbound{};
  return Inbound{Wish{whatsapp ? Channel::kWhatsapp : Channel::kSms, std::string(number->text()), *stop}};
}

void take_wish(store::Tx& tx, const Context& context, std::string_view provider, const Wish& wish, Moment& moment) {
  for (const auto& [account, settings] : context.settings.accounts) {
    if (is_test(account) || !sends_by(settings, provider)) continue;
    const auto known = store::find_known_address(tx, context.vault, account, wish.channel, wish.from);
    if (!known) continue;
    const domain::Obstacle said{wish.channel, ObstacleKind::kOptedOut, moment.now};
    // Whoever wants messages again has a telephone that gets them.
    const auto after = wish.stop ? domain::with_obstacle(known->obstacles, said, moment.now)
                                 : domain::without_obstacles(known->obstacles, wish.channel);
    if (!after) continue;
    store::save_obstacles(tx, account, known->id, *after);
    const Caller person{account, "person", "", std::nullopt};
    record({tx, context, person, moment}, wish.stop ? "contact.unreachable" : "contact.reachable",
           facts_of(wish.channel, ObstacleKind::kOptedOut));
  }
}

}  // namespace countersign::usecase
