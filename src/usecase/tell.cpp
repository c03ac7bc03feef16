#include "usecase/tell.h"

#include <algorithm>
#include <array>
#include <map>

#include "base/trace.h"
#include "contact/masking.h"
#include "contact/phone_number.h"
#include "domain/standing/due.h"
#include "domain/standing/notices.h"
#include "store/repository/counters.h"
#include "store/repository/notices.h"
#include "store/repository/transactions.h"
#include "usecase/journal.h"
#include "usecase/outgoing.h"
#include "usecase/standing.h"

namespace countersign::usecase {

namespace {

using domain::NoticeAbout;
using domain::standing::Binding;
using domain::standing::Change;
using domain::standing::GoneWhy;
using domain::standing::History;

NoticeAbout about_announced(const Change& change, const Binding& binding) {
  if (binding.by == domain::standing::BoundBy::kVouched && !binding.waits_anew_since) return NoticeAbout::kVouched;
  if (change.binding == binding.id && binding.vouched) return NoticeAbout::kVouched;
  return binding.waits_anew_since ? NoticeAbout::kWaitsAnew : NoticeAbout::kAdded;
}

NoticeAbout about_ended(GoneWhy why) {
  if (why == GoneWhy::kLost) return NoticeAbout::kLost;
  return why == GoneWhy::kReplaced ? NoticeAbout::kReplaced : NoticeAbout::kRemoved;
}

bool made_now(const Change& change, const Binding& binding) {
  return !binding.waits_anew_since && std::ranges::find(change.announce, binding.id) != change.announce.end();
}

const ServiceSettings& settings_of(const Context& context, const AccountId& account, const ServiceId& id) {
  const auto& settings = context.settings.account(account);
  const ServiceSettings* configured = settings.service(id);
  return configured == nullptr ? settings.services.front() : *configured;
}

/// To all contacts of a subject together that were given and never proved: whoever gives numbers, as many as he likes,
/// must not have each change told to each of them.
constexpr domain::Rate kNoticesToUnproved{20, std::chrono::hours(24)};

/// Tells of one history: remembers how each contact is reached, because a change can say several things to one.
class Teller {
 public:
  Teller(store::Tx& tx, const Context& context, const Caller& caller, const History& history, Moment& moment)
      : tx_(tx),
        context_(context),
        caller_(caller),
        history_(history),
        moment_(moment),
        service_(settings_of(context, caller.account, history.service)),
        rules_(standing_rules(context, caller.account, history.service)) {}

  /// Answers who was to be told.
  std::vector<Id> about(NoticeAbout what, const Binding* binding, FunctionRef<bool(const Binding&)> may_be_told) {
    const auto reachable = [&](const Binding& contact) { return may_be_told(contact) && reached(contact) != nullptr; };
    auto contacts = domain::standing::contacts_to_tell(history_, rules_, not_before(history_, moment_.now), reachable);
    for (const Id& contact : contacts) {
      if (kept_back_.contains(contact)) continue;  // Written down once, of however many sources one change speaks.
      if (has_room(contact))
        queue(what, binding, contact);
      else
        record(tx_, context_, caller_, "notice.suppressed", history_.subject, facts(what, binding, contact), moment_);
    }
    return contacts;
  }

  /// How long until that contact may be told again; zero where it was not beyond its ceiling.
  [[nodiscard]] Duration kept_back(const Id& contact) const {
    const auto found = kept_back_.find(contact);
    return found == kept_back_.end() ? Duration::zero() : found->second;
  }

 private:
  const Reached* reached(const Binding& contact) {
    const auto [slot, is_new] = reached_.try_emplace(contact.source);
    if (is_new) slot->second = reach(tx_, context_.vault, caller_.account, service_, contact);
    return slot->second ? &*slot->second : nullptr;
  }

  /// Of a telephone or mailbox; what people call their apps and keys is theirs to write, and says nothing here.
  std::string masked(const Binding& binding) {
    if (!domain::is_contact(binding.kind)) return {};
    const auto address = store::find_address(tx_, context_.vault, caller_.account, AddressId{binding.source});
    return address ? contact::mask_contact(address->expose()) : std::string();
  }

  Facts facts(NoticeAbout what, const Binding* binding, const Id& contact) const {
    Facts facts;
    facts.text("what", domain::to_text(what)).text("address", AddressId{contact}.text());
    if (binding != nullptr) facts.text("source", binding->id.text());
    return facts;
  }

  /// Counts it, if so; else notes how long there is none.
  bool has_room(const Id& contact) {
    const auto count = [&](const std::string& counter, const domain::Rate& rate) {
      if (rate.max == 0 || store::count_in_counter(tx_, caller_.account, counter, rate, moment_.now)) return true;
      kept_back_[contact] = store::wait_for_counter(tx_, caller_.account, counter, rate, moment_.now);
      return false;
    };
    if (!count("notice " + AddressId{contact}.text(), context_.settings.notices_per_contact)) return false;
    return was_proved(history_, contact) || count("notice unproved " + history_.subject.text(), kNoticesToUnproved);
  }

  const std::string& locale() {
    if (!locale_) locale_ = locale_of(tx_, caller_, history_.subject, service_);
    return *locale_;
  }

  void queue(NoticeAbout what, const Binding* binding, const Id& contact) {
    const Reached& to = *reached_.at(contact);
    const std::string about_source = binding == nullptr ? std::string() : masked(*binding);
    const domain::NoticeParts parts{
        service_.friendly_name, locale(),          what, binding == nullptr ? domain::Kind::kPhone : binding->kind,
        about_source,           service_.objection};
    const MessageId id = MessageId::make(moment_);
    const WallTime expires_at = moment_.now + rules_.no_notice;
    delivery::OutgoingMessage message;
    message.id = id;
    message.channel = to.channel;
    message.to = to.address.expose();
    if (to.channel == contact::Channel::kEmail) message.subject = domain::notice_subject(parts);
    message.body = domain::notice_text(to.channel, parts);
    message.locale = locale();
    message.expires_at = expires_at;

    store::NoticeRow row;
    row.account = caller_.account;
    row.id = id;
    row.subject = history_.subject;
    row.service = history_.service;
    row.contact = AddressId{contact};
    if (binding != nullptr) row.about = {binding->id};
    row.channel = to.channel;
    row.provider = to.provider;
    row.content_sealed = seal_content(context_.vault, id, message, moment_.random);
    row.due_at = moment_.now;
    row.expires_at = expires_at;
    store::insert_notice(tx_, row);
    trace::remember(row.id.text());
    record(tx_, context_, caller_, "notice.queued", history_.subject,
           facts(what, binding, contact).text("notice", id.text()).text("channel", contact::to_text(to.channel)),
           moment_);
  }

  store::Tx& tx_;
  const Context& context_;
  const Caller& caller_;
  const History& history_;
  Moment& moment_;
  const ServiceSettings& service_;
  const domain::standing::Rules& rules_;
  std::map<Id, std::optional<Reached>> reached_;
  std::map<Id, Duration> kept_back_;
  std::optional<std::string> locale_;
};

bool may_carry_text(const Road* road, contact::Channel channel, std::string_view address) {
  if (road == nullptr || road->checks_codes) return false;
  if (channel != contact::Channel::kSms) return true;
  const auto phone = contact::PhoneNumber::parse(address);
  return phone && contact::can_receive_sms(phone->kind());
}

}  // namespace

std::optional<Reached> reach(store::Tx& tx, const store::Vault& vault, const AccountId& account,
                             const ServiceSettings& service, const Binding& contact, const Reached* after) {
  using contact::Channel;
  static constexpr std::array kPhoneChannels{Channel::kSms, Channel::kWhatsapp, Channel::kCall};
  static constexpr std::array kMailChannels{Channel::kEmail};
  const std::span<const Channel> channels =
      contact.kind == domain::Kind::kEmail ? std::span<const Channel>(kMailChannels) : kPhoneChannels;
  auto address = store::find_address(tx, vault, account, AddressId{contact.source});
  if (!address) return std::nullopt;
  bool passed = after == nullptr;
  for (const Channel channel : channels) {
    const Road* routed = service.road(channel, address->expose());
    const Road* own = service.road(channel);  // Of the channel, where a route diverts the number from it.
    if (own != nullptr && routed != nullptr && own->provider == routed->provider) own = nullptr;
    for (const Road* road : {routed, own}) {
      if (!may_carry_text(road, channel, address->expose())) continue;
      if (passed) return Reached{channel, road->provider, *std::move(address)};
      passed = after->channel == channel && after->provider == road->provider;
    }
  }
  return std::nullopt;
}

std::string locale_of(store::Tx& tx, const Caller& caller, const SubjectId& subject, const ServiceSettings& service) {
  if (!caller.locale.empty()) return caller.locale;
  auto last = store::last_locale(tx, caller.account, subject);
  return last && !last->empty() ? *std::move(last) : service.locale;
}

bool can_tell(const ServiceSettings& service) {
  return std::ranges::any_of(service.roads, [](const auto& road) { return !road.second.checks_codes; });
}

void tell(store::Tx& tx, const Context& context, const Caller& caller, const Change& change, Moment& moment) {
  if (caller.test_only || (change.announce.empty() && change.ended.empty())) return;
  Teller teller(tx, context, caller, change.history, moment);
  for (const BindingId& id : change.announce) {
    const Binding& binding = *find(change.history, id);
    const bool is_new = made_now(change, binding);
    teller.about(about_announced(change, binding), &binding, [&](const Binding& contact) {
      return !is_new || (contact.source != binding.source && !made_now(change, contact));
    });
  }
  for (const BindingId& id : change.ended) {
    const Binding& binding = *find(change.history, id);
    teller.about(about_ended(binding.gone->why), &binding,
                 [&](const Binding& contact) { return !made_now(change, contact); });
  }
}

void tell_of_waking(store::Tx& tx, const Context& context, const Caller& caller, const History& history,
                    const Binding& binding, Moment& moment) {
  if (caller.test_only) return;
  const auto everybody = [](const Binding&) { return true; };
  Teller(tx, context, caller, history, moment).about(NoticeAbout::kWoken, &binding, everybody);
}

void tell_of_erasure(store::Tx& tx, const Context& context, const Caller& caller, const History& history,
                     ErasureNotices& notices, Moment& moment) {
  if (caller.test_only) return;
  Teller teller(tx, context, caller, history, moment);
  const auto not_yet = [&](const Binding& contact) { return !notices.contacts.contains(contact.source); };
  for (const Id& contact : teller.about(NoticeAbout::kErasure, nullptr, not_yet)) {
    notices.contacts.insert(contact);
    const Duration wait = teller.kept_back(contact);
    if (wait == Duration::zero()) ++notices.queued;
    auto& longest = was_proved(history, contact) ? notices.proved_kept_back : notices.other_kept_back;
    longest = std::max(longest, wait);
  }
}

}  // namespace countersign::usecase
