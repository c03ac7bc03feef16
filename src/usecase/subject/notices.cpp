#include "usecase/subject/notices.h"

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
#include "usecase/audit_log.h"
#include "usecase/outbox/carrier.h"
#include "usecase/queued_message.h"
#include "usecase/subject/standing.h"

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

/// Of a binding whose change is not known: as it is now.
NoticeAbout about_now(const Binding& binding) {
  if (binding.gone) return about_ended(binding.gone->why);
  if (binding.waits_anew_since) return NoticeAbout::kWaitsAnew;
  return binding.vouched ? NoticeAbout::kVouched : NoticeAbout::kAdded;
}

/// What happened to a binding since a time.
std::vector<NoticeAbout> happened_since(const Binding& binding, WallTime since) {
  std::vector<NoticeAbout> out;
  if (changed_at(binding) >= since) out.push_back(about_now(binding));
  if (binding.leaving && !binding.gone && binding.leaving->waiting.since >= since) out.push_back(NoticeAbout::kLeaving);
  if (binding.not_removed_at && *binding.not_removed_at >= since) out.push_back(NoticeAbout::kNotRemoved);
  if (binding.woken_at && *binding.woken_at >= since) out.push_back(NoticeAbout::kWoken);
  if (binding.renamed_at && *binding.renamed_at >= since) out.push_back(NoticeAbout::kRenamed);
  for (const WallTime used : binding.codes_used) {
    if (used >= since) out.push_back(NoticeAbout::kCodeUsed);
  }
  return out;
}

/// What the contact has been told of once the notice is accepted, and can object to. Of nothing by what only says that
/// things are as they were.
BindingId change_told(NoticeAbout what, const Binding& binding) {
  if (what == NoticeAbout::kLeaving) return binding.leaving->id;
  const bool is_no_change =
      what == NoticeAbout::kRenamed || what == NoticeAbout::kNotRemoved || what == NoticeAbout::kCodeUsed;
  return is_no_change ? BindingId{} : binding.id;
}

/// Since when a notice that goes later must tell of it.
WallTime told_since(NoticeAbout what, const Binding& binding, WallTime now) {
  if (what == NoticeAbout::kWoken || what == NoticeAbout::kCodeUsed || what == NoticeAbout::kRenamed) return now;
  WallTime at = changed_at(binding);
  if (what == NoticeAbout::kLeaving) at = binding.leaving->waiting.since;
  if (what == NoticeAbout::kNotRemoved) at = *binding.not_removed_at;
  return std::min(at, now);
}

bool made_now(const Change& change, const Binding& binding) {
  return !binding.waits_anew_since && std::ranges::find(change.announce, binding.id) != change.announce.end();
}

const ServiceSettings& settings_of(const Context& context, const AccountId& account, const ServiceId& id) {
  const auto& settings = context.settings.account(account);
  const ServiceSettings* configured = settings.service(id);
  return configured == nullptr ? settings.services.front() : *configured;
}

/// For all unproved contacts of a subject together: an application that adds any number of contacts must not send each
/// change to each of them.
constexpr domain::Rate kNoticesToUnproved{20, std::chrono::hours(24)};

struct Ceiling {
  std::string counter;
  domain::Rate rate;
};

/// Who has proved a contact has a count of her own there; all who have not share one, so that strangers who give her
/// number use up nothing of hers.
std::vector<Ceiling> ceilings_of(const Context& context, const History& history, const Id& contact) {
  std::vector<Ceiling> ceilings;
  const std::string of_contact = "notice " + AddressId{contact}.text();
  if (was_proved(history, contact)) {
    ceilings.push_back({of_contact + " " + history.subject.text(), context.settings.notices_per_contact});
  } else {
    ceilings.push_back({of_contact, context.settings.notices_per_contact});
    ceilings.push_back({"notice unproved " + history.subject.text(), kNoticesToUnproved});
  }
  std::erase_if(ceilings, [](const Ceiling& one) { return one.rate.max == 0; });
  return ceilings;
}

/// Sends the notices of one history. Caches how each contact is reached, because one change can cause several notices.
class Teller {
 public:
  /// `codes_left`: for notices of a used recovery code.
  Teller(const Work& work, const History& history, std::size_t codes_left = 0)
      : work_(work),
        history_(history),
        codes_left_(codes_left),
        service_(settings_of(work.context, work.caller.account, history.service)),
        rules_(standing_rules(work.context, work.caller.account, history.service)) {}

  /// Returns the recipients, those included that are told later.
  std::vector<Id> about(NoticeAbout what, const Binding* binding, FunctionRef<bool(const Binding&)> may_be_told) {
    const auto reachable = [&](const Binding& contact) { return may_be_told(contact) && reached(contact) != nullptr; };
    auto contacts =
        domain::standing::contacts_to_tell(history_, rules_, not_before(history_, work_.moment.now), reachable);
    for (const Id& contact : contacts) {
      if (!kept_back_.contains(contact)) {
        if (count_notice_to(work_.tx, work_.context, work_.caller.account, history_, contact, work_.moment.now)) {
          queue(what, binding, contact, {});
          continue;
        }
        kept_back_[contact] =
            wait_for_notice(work_.tx, work_.context, work_.caller.account, history_, contact, work_.moment.now);
        record(work_, "notice.suppressed", history_.subject, facts(what, binding, contact));
      }
      if (binding != nullptr) tell_later(what, *binding, contact);
    }
    return contacts;
  }

  /// The notices that follow later.
  [[nodiscard]] const std::vector<domain::standing::KeptBack>& later() const { return later_; }

  /// How long until that contact may be notified again; zero if it is below its ceiling.
  [[nodiscard]] Duration kept_back(const Id& contact) const {
    const auto found = kept_back_.find(contact);
    return found == kept_back_.end() ? Duration::zero() : found->second;
  }

 private:
  const Reached* reached(const Binding& contact) {
    const auto [slot, is_new] = reached_.try_emplace(contact.source);
    if (is_new) slot->second = reach(work_.tx, work_.context, work_.caller.account, service_, contact);
    return slot->second ? &*slot->second : nullptr;
  }

  /// Of a phone number or mailbox only: people choose the names of their apps and keys, so those are not repeated.
  std::string masked(const Binding& binding) {
    if (!domain::is_contact(binding.kind)) return {};
    const auto address =
        store::find_address(work_.tx, work_.context.vault, work_.caller.account, AddressId{binding.source});
    return address ? contact::mask_contact(address->expose()) : std::string();
  }

  Facts facts(NoticeAbout what, const Binding* binding, const Id& contact) const {
    Facts facts;
    facts.text("what", domain::to_text(what)).text("address", AddressId{contact}.text());
    if (binding != nullptr) facts.text("source", binding->id.text());
    return facts;
  }

  /// One notice for each contact tells all that changes until it can be sent.
  void tell_later(NoticeAbout what, const Binding& binding, const Id& contact) {
    const WallTime since = told_since(what, binding, work_.moment.now);
    if (!waiting_) {
      work_.tx.alone();
      waiting_.emplace();
      for (auto& notice : store::waiting_notices(work_.tx, work_.caller.account, history_.subject, history_.service))
        waiting_->insert_or_assign(notice.contact.id, notice);
    }
    const auto waiting = waiting_->find(contact);
    // One that is given up within a day might not bring this change any more.
    if (waiting == waiting_->end() || waiting->second.expires_at - work_.moment.now < rules_.no_notice) {
      queue(what, &binding, contact, since);
    } else if (since < waiting->second.since) {
      waiting->second.since = since;
      store::widen_notice(work_.tx, work_.caller.account, waiting->second.id, since);
    }
    later_.push_back({change_told(what, binding), contact, waiting_->at(contact).expires_at});
  }

  const std::string& locale() {
    if (!locale_) locale_ = locale_of(work_.tx, work_.caller, history_.subject, service_);
    return *locale_;
  }

  /// `since`: later, of all changes since then.
  void queue(NoticeAbout what, const Binding* binding, const Id& contact, std::optional<WallTime> since) {
    const Reached& to = *reached_.at(contact);
    const std::string about_source = binding == nullptr ? std::string() : masked(*binding);
    const domain::NoticeParts parts{service_.friendly_name,
                                    locale(),
                                    what,
                                    binding == nullptr ? domain::Kind::kPhone : binding->kind,
                                    about_source,
                                    service_.objection,
                                    codes_left_};
    const MessageId id = MessageId::make(work_.moment);
    const WallTime due_at = since ? work_.moment.now + kept_back(contact) : work_.moment.now;
    const WallTime expires_at = due_at + (since ? rules_.wait_alone : rules_.no_notice);
    delivery::OutgoingMessage message;
    message.id = id;
    message.channel = to.channel;
    message.to = to.address.expose();
    if (to.channel == contact::Channel::kEmail) message.subject = domain::notice_subject(parts);
    message.body = domain::notice_text(to.channel, parts);
    message.locale = locale();
    message.expires_at = expires_at;

    store::NoticeRow row;
    row.account = work_.caller.account;
    row.id = id;
    row.subject = history_.subject;
    row.service = history_.service;
    row.contact = AddressId{contact};
    row.since = since;
    if (binding != nullptr && !since) row.about = {change_told(what, *binding)};
    row.channel = to.channel;
    row.provider = to.provider;
    row.content_sealed = seal_content(work_.context.vault, id, message, work_.moment.random);
    row.due_at = due_at;
    row.expires_at = expires_at;
    store::insert_notice(work_.tx, row);
    if (since) waiting_->insert_or_assign(contact, store::WaitingNotice{id, row.contact, *since, expires_at});
    trace::remember(row.id.text());
    record(work_, "notice.queued", history_.subject,
           facts(what, binding, contact).text("notice", id.text()).text("channel", contact::to_text(to.channel)));
  }

  const Work& work_;
  const History& history_;
  std::size_t codes_left_;
  const ServiceSettings& service_;
  const domain::standing::Rules& rules_;
  std::map<Id, std::optional<Reached>> reached_;
  std::map<Id, Duration> kept_back_;
  std::optional<std::map<Id, store::WaitingNotice>> waiting_;  ///< By contact; read once somebody is told later.
  std::vector<domain::standing::KeptBack> later_;
  std::optional<std::string> locale_;
};

bool may_carry_text(const ChannelProvider* provider, contact::Channel channel, std::string_view address) {
  if (provider == nullptr || provider->checks_codes || !provider->shows_display(channel)) return false;
  if (channel != contact::Channel::kSms) return true;
  const auto phone = contact::PhoneNumber::parse(address);
  return phone && contact::can_receive_sms(phone->kind());
}

/// All that may bring a notice to the address: the list of a routing rule that takes it, then the channel's own.
Preferred carriers_of_notices(const ServiceSettings& service, contact::Channel channel, std::string_view address) {
  Preferred list = service.preferred_for(channel, address);
  const auto also = [&](const ChannelProvider& provider) {
    if (std::ranges::find(list, provider.name, &ChannelProvider::name) == list.end()) list.push_back(&provider);
  };
  if (const auto* own = service.provider_for(channel)) also(*own);
  if (const auto more = service.further.find(channel); more != service.further.end())
    std::ranges::for_each(more->second.providers, also);
  std::erase_if(list, [&](const ChannelProvider* provider) { return !may_carry_text(provider, channel, address); });
  return list;
}

}  // namespace

std::optional<Reached> reach(store::Tx& tx, const Context& context, const AccountId& account,
                             const ServiceSettings& service, const Binding& contact,
                             std::span<const std::pair<contact::Channel, std::string>> but) {
  using contact::Channel;
  static constexpr std::array kPhoneChannels{Channel::kSms, Channel::kWhatsapp, Channel::kCall};
  static constexpr std::array kMailChannels{Channel::kEmail};
  const std::span<const Channel> channels =
      contact.kind == domain::Kind::kEmail ? std::span<const Channel>(kMailChannels) : kPhoneChannels;
  auto address = store::find_address(tx, context.vault, account, AddressId{contact.source});
  if (!address) return std::nullopt;
  for (const Channel channel : channels) {
    Preferred list = carriers_of_notices(service, channel, address->expose());
    std::erase_if(list, [&](const ChannelProvider* provider) {
      return std::ranges::find(but, std::pair(channel, provider->name)) != but.end();
    });
    if (const auto place = first_in_use(context, account, list, country_by(channel, address->expose())))
      return Reached{channel, list[*place]->name, *std::move(address)};
  }
  return std::nullopt;
}

std::string locale_of(store::Tx& tx, const Caller& caller, const SubjectId& subject, const ServiceSettings& service) {
  if (!caller.locale.empty()) return caller.locale;
  auto last = store::last_locale(tx, caller.account, subject);
  return last && !last->empty() ? *std::move(last) : service.locale;
}

bool can_tell(const ServiceSettings& service) {
  bool can = false;
  for (const auto& [channel, first] : service.providers) {
    service.each_provider(
        [&, on = channel](const ChannelProvider& one) { can = can || (!one.checks_codes && one.shows_display(on)); },
        channel);
  }
  return can;
}

Duration wait_for_notice(store::Tx& tx, const Context& context, const AccountId& account, const History& history,
                         const Id& contact, WallTime now) {
  Duration longest{};
  for (const auto& [counter, rate] : ceilings_of(context, history, contact))
    longest = std::max(longest, store::wait_for_counter(tx, account, counter, rate, now));
  return longest;
}

bool count_notice_to(store::Tx& tx, const Context& context, const AccountId& account, const History& history,
                     const Id& contact, WallTime now) {
  std::vector<std::string> counted;
  for (auto& [counter, rate] : ceilings_of(context, history, contact)) {
    if (!store::count_in_counter(tx, account, counter, rate, now)) {
      for (const auto& before : counted) store::take_back(tx, account, before);
      return false;
    }
    counted.push_back(std::move(counter));
  }
  return true;
}

std::string text_of_changes_since(const Context& context, store::NoticeRow& row, const History& history,
                                  std::string_view locale, WallTime now) {
  row.until = not_before(history, now);
  std::vector<domain::NoticeChange> changes;
  for (const Binding& binding : history.bindings) {
    if (binding.shared) continue;
    for (const NoticeAbout what : happened_since(binding, *row.since)) {
      if (binding.source == row.contact.id && what == NoticeAbout::kAdded) continue;
      const auto same = std::ranges::find_if(
          changes, [&](const auto& change) { return change.about == what && change.kind == binding.kind; });
      if (same == changes.end())
        changes.push_back({what, binding.kind, 1});
      else
        ++same->count;
    }
  }
  if (changes.empty()) return {};
  std::ranges::stable_sort(changes, {}, &domain::NoticeChange::about);  // What was added comes first.
  const auto& service = settings_of(context, row.account, row.service);
  return domain::notice_of_changes(row.channel,
                                   {.service_name = service.friendly_name,
                                    .locale = locale,
                                    .about = changes.front().about,
                                    .kind = changes.front().kind,
                                    .masked = {},
                                    .objection = service.objection},
                                   changes);
}

void tell(const Work& work, Change& change) {
  const bool nothing =
      change.announce.empty() && change.ended.empty() && change.leaving.empty() && change.not_removed.empty();
  if (work.caller.test_only || nothing) return;
  const auto everybody = [](const Binding&) { return true; };
  Teller teller(work, change.history);
  for (const BindingId& id : change.announce) {
    const Binding& binding = *find(change.history, id);
    const bool is_new = made_now(change, binding);
    teller.about(about_announced(change, binding), &binding, [&](const Binding& contact) {
      return !is_new || (contact.source != binding.source && !made_now(change, contact));
    });
  }
  for (const BindingId& id : change.leaving) teller.about(NoticeAbout::kLeaving, find(change.history, id), everybody);
  for (const BindingId& id : change.not_removed)
    teller.about(NoticeAbout::kNotRemoved, find(change.history, id), everybody);
  for (const BindingId& id : change.ended) {
    const Binding& binding = *find(change.history, id);
    teller.about(about_ended(binding.gone->why), &binding,
                 [&](const Binding& contact) { return !made_now(change, contact); });
  }
  if (!teller.later().empty()) change.history = domain::standing::kept_back(std::move(change.history), teller.later());
}

void tell_of_waking(const Work& work, const History& history, const Binding& binding) {
  if (work.caller.test_only) return;
  const auto everybody = [](const Binding&) { return true; };
  Teller(work, history).about(NoticeAbout::kWoken, &binding, everybody);
}

void tell_of_renaming(const Work& work, const History& history, const Binding& binding) {
  if (work.caller.test_only) return;
  const auto everybody = [](const Binding&) { return true; };
  Teller(work, history).about(NoticeAbout::kRenamed, &binding, everybody);
}

void tell_of_code_used(const Work& work, const History& history, const Binding& binding, std::size_t left) {
  if (work.caller.test_only) return;
  const auto everybody = [](const Binding&) { return true; };
  Teller(work, history, left).about(NoticeAbout::kCodeUsed, &binding, everybody);
}

void tell_of_erasure(const Work& work, const History& history, ErasureNotices& notices) {
  if (work.caller.test_only) return;
  Teller teller(work, history);
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
