#include "usecase/risk/shared_signals.h"

#include <algorithm>
#include <array>

#include "contact/email_address.h"
#include "contact/phone_number.h"
#include "store/repository/contacts.h"
#include "store/repository/subjects.h"
#include "usecase/audit_log.h"
#include "usecase/risk/alert.h"
#include "usecase/subject/standing.h"

namespace countersign::usecase {

namespace {

namespace standing = domain::standing;
using domain::SubjectName;
using Kind = SubjectName::Kind;

/// A number that more people share than this is nobody's.
constexpr std::size_t kSubjectsMax = 100;

constexpr std::array<std::string_view, 5> kRefusalNames = {"invalid_request", "invalid_key", "invalid_issuer",
                                                           "invalid_audience", "authentication_failed"};

SetRefusal refusal_of_token(crypto::ForeignTokenError error) {
  switch (error) {
    case crypto::ForeignTokenError::kAlgorithm:
    case crypto::ForeignTokenError::kUnknownKey:
    case crypto::ForeignTokenError::kSignature:
      return SetRefusal::kInvalidKey;
    default:
      return SetRefusal::kInvalidRequest;
  }
}

/// Who is meant, and by which contact if by one.
struct Meant {
  std::vector<SubjectId> subjects;
  std::optional<Id> contact;
};

Meant by_address(const Work& work, contact::Channel channel, std::string_view index_text) {
  const auto address = store::find_known_address(work.tx, work.context.vault, work.caller.account, channel, index_text);
  if (!address) return {};
  Meant meant{store::subjects_with_address(work.tx, work.caller.account, address->id), address->id.id};
  if (meant.subjects.size() > kSubjectsMax) meant.subjects.resize(kSubjectsMax);
  return meant;
}

Meant meant_by(const Work& work, const SignalReceiver& receiver, const SubjectName& name) {
  if (name.kind == Kind::kPhone) {
    const auto number = contact::PhoneNumber::parse(name.value);
    return number ? by_address(work, contact::Channel::kSms, number->text()) : Meant{};
  }
  if (name.kind == Kind::kEmail) {
    const auto address = contact::EmailAddress::parse(name.value);
    return address ? by_address(work, contact::Channel::kEmail, address->index_text()) : Meant{};
  }
  if (!name.issuer.empty() && name.issuer != receiver.subject_issuer) return {};
  const auto subject = store::find_subject(work.tx, work.context.vault, work.caller.account, name.value);
  return subject ? Meant{{*subject}, std::nullopt} : Meant{};
}

/// What was added and does not count on its own is stopped, as "it wasn't me" does: nobody's objection is used up, and
/// what was stopped, decided or made to wait before is left alone. [STD-11]
bool stop_changes(const Work& work, const SubjectId& subject) {
  bool any = false;
  for (const auto& service : services_to_change(work.tx, work.context, work.caller.account, subject)) {
    auto history = load_history(work.tx, work.context, work.caller.account, subject, service);
    const auto& rules = standing_rules(work.context, work.caller.account, service);
    const WallTime now = standing_now(history, work.moment.now);
    std::vector<BindingId> open;
    for (const auto& binding : history.bindings) {
      if (!binding.gone && !binding.shared && !counts(history, binding, now, now).own()) open.push_back(binding.id);
    }
    standing::Change all{history, {}, {}, {}};
    bool changed = false;
    for (const BindingId& id : open) {
      auto stopped = standing::disown(all.history, id, rules, binding_time(work, all.history, std::nullopt));
      if (!stopped) continue;
      follow_with(all, *std::move(stopped));
      changed = true;
    }
    if (changed) settle(work, history, std::move(all));
    any = any || changed;
  }
  return any;
}

/// The contact waits anew, unless that event is no news for it.
bool suspect_contact_of(const Work& work, const SubjectId& subject, const Id& contact, WallTime since) {
  bool any = false;
  for (const auto& service : services_to_change(work.tx, work.context, work.caller.account, subject)) {
    auto history = load_history(work.tx, work.context, work.caller.account, subject, service);
    if (!is_news_of(history, contact, since)) continue;
    const WallTime at = binding_time(work, history, std::nullopt);
    auto changed = suspect(history, contact, standing_rules(work.context, work.caller.account, service), at);
    if (!changed) continue;
    settle(work, history, *std::move(changed));
    any = true;
  }
  return any;
}

void apply(const Work& work, const SignalReceiver& receiver, const domain::ToldEvent& told, const SubjectName& name,
           WallTime issued_at) {
  const bool runs_contact = name.kind == Kind::kEmail   ? receiver.runs_mailboxes
                            : name.kind == Kind::kPhone ? receiver.runs_lines
                                                        : false;
  const auto effect = domain::effect_of(told, name.kind, runs_contact);
  if (effect == domain::EventEffect{}) return;
  const Meant meant = meant_by(work, receiver, name);
  for (const SubjectId& subject : meant.subjects) {
    const bool suspected =
        effect.suspects_contact && meant.contact && suspect_contact_of(work, subject, *meant.contact, issued_at);
    const bool stopped = effect.stops_changes && stop_changes(work, subject);
    alert(work, subject);
    std::string effects = "asks_for_more";
    if (suspected) effects += " contact_waits_anew";
    if (stopped) effects += " changes_stopped";
    record(work, "signal.received", subject,
           Facts().text("told_by", receiver.name).text("told_of", to_text(told.event)).text("effects", effects));
  }
}

}  // namespace

std::string_view to_text(SetRefusal refusal) { return kRefusalNames.at(static_cast<std::size_t>(refusal)); }

Result<domain::SecurityEvents, SetRefusal> read_set(std::string_view token, const std::vector<crypto::ForeignKey>& keys,
                                                    const SignalReceiver& receiver, WallTime now) {
  const auto claims = crypto::verify_foreign_token(token, keys, {receiver.algorithms, "secevent+jwt"});
  if (!claims) return fail(refusal_of_token(claims.error()));
  auto events = domain::read_security_events(*claims);
  if (!events) return fail(SetRefusal::kInvalidRequest);
  if (events->issuer != receiver.issuer) return fail(SetRefusal::kInvalidIssuer);
  if (std::ranges::find(events->audience, receiver.audience) == events->audience.end())
    return fail(SetRefusal::kInvalidAudience);
  if (events->issued_at > now + kSetAhead || events->issued_at < now - kSetAgeMax)
    return fail(SetRefusal::kInvalidRequest);
  return *std::move(events);
}

Answer<Recorded> take_security_events(const Work& work, const SignalReceiver& receiver,
                                      const domain::SecurityEvents& events, std::string_view token) {
  const IdempotencyKey key{events.jti, "shared signals " + receiver.name, std::string(token)};
  return idempotent(work, key, [&]() -> Answer<Recorded> {
    for (const auto& told : events.events) {
      // All names are of one subject; each person that any of them finds is meant.
      for (const SubjectName& name : told.subjects) apply(work, receiver, told, name, events.issued_at);
    }
    return Recorded{202, ""};
  });
}

}  // namespace countersign::usecase
