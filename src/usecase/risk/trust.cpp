#include "usecase/risk/trust.h"

#include <algorithm>
#include <charconv>
#include <initializer_list>
#include <set>
#include <utility>

#include "domain/standing/counts.h"
#include "domain/standing/due.h"
#include "store/repository/verifications.h"
#include "usecase/audit_log.h"
#include "usecase/outbox/webhooks.h"
#include "usecase/risk/decide.h"
#include "usecase/risk/rule_book.h"
#include "usecase/risk/trust_book.h"
#include "usecase/subject/standing.h"

namespace countersign::usecase {

namespace {

namespace standing = domain::standing;
using risk::Feature;

double hours_between(WallTime from, WallTime to) {
  return std::max(0.0, std::chrono::duration<double, std::ratio<3600>>(to - from).count());
}

/// A person who is known for longer than that counts in the guard of rules gone wild.
constexpr double kEstablishedDays = 30;

void add_person(risk::Features& features, const PersonFeatures& person, WallTime now) {
  features.set(Feature::kEstablished, person.oldest ? 1 : 0);
  if (person.oldest) features.set(Feature::kEstablishedDays, hours_between(*person.oldest, now) / 24);
  if (person.changed) features.set(Feature::kContactsChangedHours, hours_between(*person.changed, now));
}

std::optional<double> amount_of(const domain::Display& display) {
  if (!display.amount) return std::nullopt;
  const std::string& written = display.amount->value;
  double value = 0;
  const auto [end, bad] =
      std::from_chars(written.data(), written.data() + written.size(), value, std::chars_format::fixed);
  if (bad != std::errc() || end != written.data() + written.size()) return std::nullopt;
  return value;
}

/// What is remembered of her, and of others; and this hold with it, once it is durable.
void add_trust(const Work& work, const JudgedHold& hold, risk::Features& features, store::TransactionRow& row) {
  TrustBook* const book = work.context.trust;
  if (book == nullptr) return;
  const TrustBook::Person person{work.caller.account, row.state.subject};
  auto profile = book->profile_of(person, hold.stored.profile);
  const auto& ask = hold.question.stored;
  const auto people = [&](store::LinkKind kind, std::int64_t bucket, const std::string& key, std::int64_t stored) {
    return key.empty() ? 0 : stored + book->unwritten(work.caller.account, {kind, bucket, key});
  };
  const risk::Profile::Others others{people(store::LinkKind::kDevice, ask.day, ask.device, hold.stored.on_device),
                                     people(store::LinkKind::kAddress, ask.day, ask.address, hold.stored.at_address),
                                     people(store::LinkKind::kPayout, 0, ask.payout, hold.stored.with_payout)};
  profile.describe(hold.question.asked, others, work.moment.now, features);
  row.risk.learn = profile.to_learn(hold.question.asked);
  if (!row.risk.learn.payout.empty()) row.risk.payout_others = others.with_payout;
  work.tx.when_durable([book, person, profile = std::move(profile), asked = hold.question.asked,
                        now = work.moment.now] { book->note_hold(person, profile, asked, now); });
}

/// What rules at later points ask for, and only that.
risk::Features asked_later(const std::vector<risk::Rule>& rules, const risk::Features& known) {
  risk::Features kept;
  for (std::size_t f = 0; f < risk::kFeatures; ++f) {
    const auto feature = static_cast<Feature>(f);
    const auto value = known.get(feature);
    // These change, and are known there anyway.
    const bool is_new_there = feature == Feature::kEstablished || feature == Feature::kEstablishedDays ||
                              feature == Feature::kContactsChangedHours || feature == Feature::kLocalHour;
    if (!value || is_new_there) continue;
    const bool asked = std::ranges::any_of(rules, [&](const risk::Rule& rule) {
      return (rule.points.contains(risk::Point::kApprove) || rule.points.contains(risk::Point::kClaim)) &&
             rule.when.asks(feature);
    });
    if (asked) kept.set(feature, *value);
  }
  return kept;
}

void note_in_guard(const Work& work, const SubjectId& subject, const std::vector<risk::Match>& matches) {
  std::vector<std::string> hard;
  for (const auto& match : matches) {
    if (!match.shadow && match.outcome > risk::Outcome::kAnotherKind) hard.push_back(match.rule);
  }
  std::uint64_t person = 0;  // The end of an id is random.
  for (const char c : subject.bytes().substr(8)) person = (person << 8U) | static_cast<unsigned char>(c);
  work.tx.when_durable([rules = work.context.rules, account = work.caller.account, person, hard = std::move(hard),
                        now = work.moment.now] { rules->note(account, person, hard, now); });
}

/// About whom and what it is decided.
struct Judged {
  ServiceId service;
  SubjectId subject;
  std::optional<TransactionId> transaction;
  std::string device = {};
  bool allowed = false;  ///< By an operator.
};

Decided judge_at(const Work& work, risk::Point point, const Judged& judged, risk::Features features) {
  const auto rules = work.context.rules->rules_of(work.caller.account, judged.service);
  Deciding deciding;
  deciding.point = point;
  deciding.service = judged.service;
  deciding.transaction = judged.transaction;
  deciding.subject = judged.subject;
  deciding.matches = risk::judge(*rules, point, features);
  deciding.leniency.operator_allowed = judged.allowed;
  if (!deciding.matches.empty())
    deciding.leniency.fell_back = work.context.rules->fallen(work.caller.account, work.moment.now);
  if (features.get(Feature::kEstablishedDays).value_or(0) > kEstablishedDays)
    note_in_guard(work, judged.subject, deciding.matches);
  deciding.features = std::move(features);
  deciding.keys.device = judged.device;
  return decide(work, std::move(deciding));
}

Decided judge_at(const Work& work, risk::Point point, const store::TransactionRow& row, risk::Features features) {
  return judge_at(work, point,
                  {row.state.service, row.state.subject, row.state.id, row.risk.learn.device, row.risk.allowed},
                  std::move(features));
}

/// The rules that decided, for whoever reads the transaction.
void note_rules(store::TransactionRow& row, const Decided& decided) {
  for (const auto& match : decided.decision.matches) {
    const bool decides = !match.shadow && match.outcome > risk::Outcome::kNote;
    if (decides && std::ranges::find(row.risk.rules, match.rule) == row.risk.rules.end())
      row.risk.rules.push_back(match.rule);
  }
}

bool has_another_kind(const standing::History& history, const store::TransactionRow& row, domain::MethodSet offered,
                      WallTime now) {
  return person_features(history, offered, row.state.created_at, now).kinds > row.state.policy.min_kinds;
}

/// To review, or refused. From held, or verified.
void stop(const Work& work, risk::Outcome outcome, store::TransactionRow& row) {
  const auto transition = outcome == risk::Outcome::kRefuse ? domain::refused : domain::sent_to_review;
  auto next = transition(row.state, work.moment.now + work.context.settings.review_within, work.moment.now);
  if (next) row.state = *std::move(next);
}

/// What is counted of her, and goes on between a hold and its approval: the most of what the database knew at the hold,
/// while that is no older than what is counted, and what this node knows now. To ask again would be a statement more.
void add_events(const Work& work, const store::TransactionRow& row, risk::Features& features) {
  if (work.context.trust == nullptr) return;
  risk::Features here;
  work.context.trust->profile_of({row.state.account, row.state.subject}, {}).describe_events(work.moment.now, here);
  const Duration age = work.moment.now - row.state.created_at;
  constexpr std::pair<Feature, std::chrono::hours> kEvents[] = {
      {Feature::kPromptsHour, std::chrono::hours(1)},
      {Feature::kDenialsDay, std::chrono::hours(24)},
      {Feature::kRecoveryFailuresDay, std::chrono::hours(24)}};
  for (const auto& [feature, counted_for] : kEvents) {
    const double before = age < counted_for ? features.get(feature).value_or(0) : 0;
    features.set(feature, std::max(before, here.get(feature).value_or(0)));
  }
}

/// From when she could first see what she approves to `until`, as far as anybody here knows: on a page of ours, or in a
/// message with a code. Where neither is known, since the hold, before which she saw nothing.
double seconds_to_read(const Work& work, const store::TransactionRow& row, WallTime until) {
  const Duration held_for = until - row.state.created_at;
  std::optional<Duration> known = work.caller.shown_for;
  for (const auto& sent : store::verifications_of(work.tx, row))
    known = std::max(known.value_or(Duration::zero()), Duration(until - sent.state.created_at));
  const Duration took = std::clamp(known.value_or(held_for), Duration::zero(), std::max(held_for, Duration::zero()));
  return std::chrono::duration<double>(took).count();
}

risk::Features features_of_later(const Work& work, const standing::History& history, domain::MethodSet offered,
                                 const store::TransactionRow& row) {
  risk::Features features = row.risk.features;
  const WallTime now = standing::not_before(history, work.moment.now);
  add_person(features, person_features(history, offered, row.state.created_at, now), now);
  const auto* service = work.context.settings.account(work.caller.account).service(row.state.service);
  add_local_hour(features, service, work.moment.now);
  add_events(work, row, features);
  features.words.type = row.type;
  if (service != nullptr) features.words.service = service->name;
  features.set(Feature::kApprovalSeconds, seconds_to_read(work, row, row.state.verified_at.value_or(work.moment.now)));
  return features;
}

bool is_judged(const Work& work, const store::TransactionRow& row) {
  return work.context.rules != nullptr && row.state.purpose == domain::Purpose::kRelease;
}

/// Whether any rule at that point asks for one of those.
bool asks_any(const std::vector<risk::Rule>& rules, risk::Point point, std::initializer_list<Feature> features) {
  return std::ranges::any_of(rules, [&](const risk::Rule& rule) {
    return rule.points.contains(point) && std::ranges::any_of(features, [&](Feature f) { return rule.when.asks(f); });
  });
}

/// What is remembered of her. A statement, and so only where a rule asks for it.
void add_remembered(const Work& work, const NewSource& source, risk::Features& features) {
  using enum Feature;
  const auto rules = work.context.rules->rules_of(work.caller.account, source.service);
  const bool asked = asks_any(*rules, risk::Point::kEnrol,
                              {kNewNetwork, kSubjectAddressesDay, kPromptsHour, kDenialsDay, kRecoveryFailuresDay});
  if (work.context.trust == nullptr || !asked) return;
  const auto profile = work.context.trust->profile_of(
      {work.caller.account, source.subject}, store::find_profile(work.tx, work.caller.account, source.subject));
  const auto from = trust_question(work, {}, "", {}).asked;
  profile.describe_place(from, work.moment.now, features);
  profile.describe_events(work.moment.now, features);
}

}  // namespace

void add_local_hour(risk::Features& features, const ServiceSettings* service, WallTime now) {
  constexpr int kHours = 24;
  const auto hours = std::chrono::floor<std::chrono::hours>(now.time_since_epoch()).count();
  const int utc = static_cast<int>(((hours % kHours) + kHours) % kHours);
  features.set(Feature::kLocalHour, service != nullptr && service->local_hour ? service->local_hour(now) : utc);
}

TrustQuestion trust_question(const Work& work, const GivenRisk& given, std::string_view type,
                             const domain::Display& display) {
  constexpr std::size_t kDigest = 8;
  TrustQuestion question;
  question.asked.type = type;
  question.asked.amount = amount_of(display);
  question.stored.day = trust_day(work.moment.now);
  const auto& digester = work.context.vault.digester();
  const auto digest = [&](std::string_view purpose, std::string_view value) {
    std::string of_account(work.caller.account.bytes());
    return digester.blind_index(purpose, of_account.append(value)).substr(0, kDigest);
  };
  if (!given.device.empty()) question.asked.device = digest("risk device", given.device);
  if (!given.payout_fingerprint.empty()) question.asked.payout = digest("risk payout", given.payout_fingerprint);
  if (work.caller.end_user) {
    question.asked.address = digest("risk address", work.caller.end_user->limit_key());
    question.asked.network = digest("risk network", work.caller.end_user->network_text());
  }
  question.stored.device = question.asked.device;
  question.stored.address = question.asked.address;
  question.stored.payout = question.asked.payout;
  return question;
}

void learn_from_approval(const Work& work, const store::TransactionRow& row) {
  const auto& learn = row.risk.learn;
  if (work.context.trust == nullptr || (learn.device.empty() && learn.network.empty() && learn.payout.empty())) return;
  work.tx.when_durable([book = work.context.trust, person = TrustBook::Person{row.state.account, row.state.subject},
                        learn, others = row.risk.payout_others,
                        now = work.moment.now] { book->note_approval(person, learn, others, now); });
}

void note_event(const Work& work, const SubjectId& subject, risk::Profile::Event event) {
  if (work.context.trust == nullptr) return;
  work.tx.when_durable([book = work.context.trust, person = TrustBook::Person{work.caller.account, subject}, event,
                        now = work.moment.now] { book->note_event(person, event, now); });
}

domain::MethodSet methods_offered(const ServiceSettings& service) {
  domain::MethodSet methods{domain::Method::kTotp, domain::Method::kPush, domain::Method::kRecoveryCode};
  if (service.passkeys) methods.add(domain::Method::kWebauthn);
  for (const auto& [channel, provider] : service.providers) methods.add(domain::method_of(channel));
  return methods;
}

PersonFeatures person_features(const standing::History& history, domain::MethodSet usable, WallTime held_at,
                               WallTime now) {
  PersonFeatures person;
  std::set<domain::Kind> kinds;
  const auto note_change = [&](WallTime at) { person.changed = std::max(person.changed.value_or(at), at); };
  for (const auto& binding : history.bindings) {
    note_change(binding.bound_at);
    if (binding.gone) note_change(binding.gone->at);
    if (binding.leaving) note_change(binding.leaving->waiting.since);
    const auto counted = standing::counts(history, binding, held_at, now);
    if (!counted.any()) continue;
    if (counted.own() && (!person.oldest || counted.since < *person.oldest)) person.oldest = counted.since;
    const auto methods = usable.list();
    const bool can_be_used =
        std::ranges::any_of(methods, [&](domain::Method method) { return domain::kind_of(method) == binding.kind; });
    if (can_be_used && binding.kind != domain::Kind::kRecovery) kinds.insert(binding.kind);
  }
  person.kinds = static_cast<int>(kinds.size());
  return person;
}

void judge_hold(const Work& work, const JudgedHold& hold, store::TransactionRow& row) {
  if (!is_judged(work, row)) return;
  const WallTime now = standing::not_before(hold.history, work.moment.now);
  risk::Features features = hold.features;
  add_person(features, person_features(hold.history, hold.offered, row.state.created_at, now), now);
  if (const auto amount = amount_of(hold.display)) {
    features.set(Feature::kAmount, *amount);
    features.words.currency = hold.display.amount->currency;
  }
  add_trust(work, hold, features, row);
  add_local_hour(features, &hold.service, work.moment.now);
  features.words.type = row.type;
  features.words.service = hold.service.name;
  row.risk.features = asked_later(*work.context.rules->rules_of(work.caller.account, row.state.service), features);
  const auto decided = judge_at(work, risk::Point::kHold, row, std::move(features));
  auto outcome = decided.outcome();
  if (outcome > risk::Outcome::kNote) note_rules(row, decided);
  if (outcome == risk::Outcome::kAnotherKind) {
    if (has_another_kind(hold.history, row, hold.offered, now))
      row.state.policy = domain::with_another_kind(std::move(row.state.policy), hold.offered);
    else
      outcome = risk::Outcome::kReview;
  }
  if (outcome > risk::Outcome::kAnotherKind) stop(work, outcome, row);
}

void judge_approval(const Work& work, const standing::History& history, domain::MethodSet offered,
                    store::TransactionRow& row) {
  if (!is_judged(work, row) || row.state.status != domain::TransactionStatus::kVerified) return;
  const auto decided = judge_at(work, risk::Point::kApprove, row, features_of_later(work, history, offered, row));
  auto outcome = decided.outcome();
  if (outcome <= risk::Outcome::kNote) return;
  note_rules(row, decided);
  const WallTime now = standing::not_before(history, work.moment.now);
  if (outcome == risk::Outcome::kAnotherKind) {
    if (has_another_kind(history, row, offered, now)) {
      domain::Transaction asked = row.state;
      asked.policy = domain::with_another_kind(std::move(asked.policy), offered);
      row.state.policy = asked.policy;
      if (!judge_now(history, asked, work.moment.now).met()) row.state = domain::held_for_more(std::move(row.state));
    } else {
      outcome = risk::Outcome::kReview;
    }
  }
  if (outcome > risk::Outcome::kAnotherKind) stop(work, outcome, row);
}

bool stops_claim(const Work& work, const standing::History& history, domain::MethodSet offered,
                 store::TransactionRow& row) {
  if (!is_judged(work, row)) return false;
  const auto decided = judge_at(work, risk::Point::kClaim, row, features_of_later(work, history, offered, row));
  auto outcome = decided.outcome();
  if (outcome <= risk::Outcome::kNote) return false;
  note_rules(row, decided);
  if (outcome == risk::Outcome::kAnotherKind) {
    // She was asked before: there is nobody on a page any more.
    domain::Transaction asked = row.state;
    asked.policy = domain::with_another_kind(std::move(asked.policy), offered);
    if (judge_now(history, asked, work.moment.now).met()) return false;
    outcome = risk::Outcome::kReview;
  }
  stop(work, outcome, row);
  return row.state.status != domain::TransactionStatus::kVerified;
}

Answer<Done> judge_enrolment(const Work& work, const standing::History& history, const NewSource& source) {
  if (work.context.rules == nullptr) return Done{};
  const WallTime now = standing::not_before(history, work.moment.now);
  risk::Features features;
  // Her methods at the service do not matter: nobody is asked for a proof.
  add_person(features, person_features(history, {}, now, now), now);
  const auto* service = work.context.settings.account(work.caller.account).service(source.service);
  add_local_hour(features, service, work.moment.now);
  add_remembered(work, source, features);
  if (service != nullptr) features.words.service = service->name;
  features.words.channel = domain::to_text(source.method);
  const auto decided =
      judge_at(work, risk::Point::kEnrol, {source.service, source.subject, source.operation}, std::move(features));
  const auto refused = [] { return refuse(Code::kNotAvailableNow, "this cannot be added now; nothing has changed"); };
  switch (decided.outcome()) {
    case risk::Outcome::kAllow:
    case risk::Outcome::kNote:
      return Done{};
    case risk::Outcome::kAnotherKind:
      if (source.by == NewSource::By::kPerson || source.by == NewSource::By::kSupport) return Done{};
      return refused();
    case risk::Outcome::kReview:
      if (source.by == NewSource::By::kSupport) return Done{};
      return refused();
    case risk::Outcome::kRefuse:
      break;
  }
  return refused();
}

bool announce_stopped(const Work& work, store::TransactionRow& row) {
  const bool refused = row.state.end_reason == domain::EndReason::kRefused;
  if (!refused && row.state.status != domain::TransactionStatus::kInReview) return false;
  Facts facts;
  std::string rules;
  for (const auto& rule : row.risk.rules) rules.append(rules.empty() ? "" : ",").append(rule);
  facts.text("rules", rules);
  if (refused) facts.text("reason", domain::to_text(domain::EndReason::kRefused));
  if (refused)
    record(work, "transaction.denied", row.state, facts);
  else
    record(work, "transaction.review_needed", row.state, facts);
  enqueue_webhooks(work.tx, work.context, refused ? "transaction.denied" : "transaction.review_needed", row,
                   work.moment);
  return true;
}

}  // namespace countersign::usecase
