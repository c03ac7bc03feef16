#include "usecase/objections.h"

#include <algorithm>

#include "base/json.h"
#include "base/trace.h"
#include "contact/masking.h"
#include "domain/notice_text.h"
#include "store/repository/counters.h"
#include "store/repository/erasures.h"
#include "store/repository/notices.h"
#include "usecase/allowance.h"
#include "usecase/announce.h"
#include "usecase/erase.h"
#include "usecase/gate.h"
#include "usecase/guessing.h"
#include "usecase/journal.h"
#include "usecase/notices.h"
#include "usecase/outgoing.h"
#include "usecase/standing.h"
#include "usecase/tally.h"
#include "usecase/tell.h"

namespace countersign::usecase {

namespace {

using domain::standing::Binding;
using domain::standing::Change;
using domain::standing::History;

constexpr int kObjectionAttempts = 5;
constexpr domain::Rate kObjectionCodes{5, std::chrono::hours(1)};
constexpr auto kObjectionCodeLife = std::chrono::minutes(10);

/// The trail and the webhook: `objected` or `decided`.
void announce_objection(store::Tx& tx, const Context& context, const Caller& caller, const History& history,
                        const Binding& binding, std::string_view what, std::string_view by, std::optional<bool> kept,
                        Moment& moment) {
  const ServiceSettings* service = context.settings.account(caller.account).service(history.service);
  Facts facts;
  facts.text("source", binding.id.text()).text("service", history.service.text()).text("by", by);
  if (kept) facts.text("kept", *kept ? "yes" : "no");
  // That it was dropped in the end is an event of its own, source.objected.
  record(tx, context, caller, kept ? "source.decided" : "source.stopped", history.subject, facts, moment);
  json::object data{{"subject", history.subject.text()},
                    {"service", service == nullptr ? json::value(nullptr) : json::value(service->name)},
                    {"binding", binding.id.text()},
                    {"kind", public_kind(binding.kind)},
                    {"by", by}};
  if (kept) data["kept"] = *kept;
  const std::string type = "subject.source_" + std::string(what);
  announce_body(
      tx, caller.account, type,
      canonical_json(json::object{{"type", type}, {"timestamp", to_rfc3339(moment.now)}, {"data", std::move(data)}}),
      moment);
}

/// Writes down that one change was stopped.
Answer<Done> stop(store::Tx& tx, const Context& context, const Caller& caller, History& history,
                  const BindingId& binding, domain::standing::Changed change, std::string_view who, Moment& moment) {
  if (!change) return fail(problem_of(change.error()));
  settle(tx, context, caller, history, *std::move(change), moment);
  announce_objection(tx, context, caller, history, *find(history, binding), "objected", who, std::nullopt, moment);
  return Done{};
}

/// Writes down what became of a change that was stopped. `by`: a source that may decide; nothing for the application.
Answer<Done> decide_and_tell(store::Tx& tx, const Context& context, const Caller& caller, History& history,
                             const BindingId& binding, const std::optional<Id>& by, bool keep, Moment& moment) {
  const auto& rules = standing_rules(context, caller.account, history.service);
  auto change = domain::standing::decide(history, binding, by, keep, rules, standing_now(history, moment.now));
  if (!change) return fail(problem_of(change.error()));
  settle(tx, context, caller, history, *std::move(change), moment);
  announce_objection(tx, context, caller, history, *find(history, binding), "decided", by ? "person" : "application",
                     keep, moment);
  return Done{};
}

/// Whether that contact was told of what it wants to stop, and that can be stopped.
std::optional<Problem> told_fault(store::Tx& tx, const AccountId& account, const History& history,
                                  const std::optional<BindingId>& about, const Id& contact,
                                  const domain::standing::Rules& rules, WallTime now) {
  if (!about) {
    const auto erasure = store::find_erasure(tx, account, history.subject);
    if (!erasure || !erasure->acts_at) return Problem{Code::kNotFound};
    const bool told = std::ranges::find(erasure->told, AddressId{contact}) != erasure->told.end();
    return told ? std::nullopt : std::optional(problem_of(domain::standing::Refused::kNotTold));
  }
  const Binding* binding = find(history, *about);
  if (binding == nullptr || binding->gone) return Problem{Code::kNotFound};
  const auto stopped = domain::standing::object(history, *about, contact, rules, now);
  return stopped ? std::nullopt : std::optional(problem_of(stopped.error()));
}

std::string objection_digest(const store::Vault& vault, const AccountId& account, const ObjectionId& id,
                             std::string_view code) {
  return vault.digester().code_digest("objection", {account.bytes(), id.bytes()}, code);
}

void queue_code(store::Tx& tx, const Context& context, const Caller& caller, const History& history,
                const ServiceSettings& service, const store::ObjectionRow& row, const Reached& to,
                const SecretString& code, Moment& moment) {
  delivery::OutgoingMessage message;
  message.id = MessageId::make(moment);
  message.channel = to.channel;
  message.to = to.address.expose();
  message.code = code;
  message.locale = locale_of(tx, caller, history.subject, service);
  message.expires_at = row.expires_at;
  const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(kObjectionCodeLife).count();
  message.body = domain::objection_code_text(
      to.channel, {service.friendly_name, message.locale, code.expose(), static_cast<int>(minutes)});
  if (to.channel == contact::Channel::kEmail)
    message.subject = domain::notice_subject({.service_name = service.friendly_name,
                                              .locale = message.locale,
                                              .about = domain::NoticeAbout::kAdded,
                                              .kind = domain::Kind::kEmail,
                                              .masked = {},
                                              .objection = {}});
  store::NoticeRow notice;
  notice.account = caller.account;
  notice.id = message.id;
  notice.subject = history.subject;
  notice.service = history.service;
  notice.contact = row.contact;
  if (row.binding) notice.about = {*row.binding};
  notice.channel = to.channel;
  notice.provider = to.provider;
  notice.content_sealed = seal_content(context.vault, message.id, message, moment.random);
  notice.due_at = moment.now;
  notice.expires_at = row.expires_at;
  store::insert_notice(tx, notice);
  trace::remember(notice.id.text());
}

/// The contact's line, where guesses at its codes are counted, whatever the code is for. [STD-21]
std::optional<store::ContactRow> line_of(store::Tx& tx, const AccountId& account, const History& history,
                                         const AddressId& address) {
  return store::find_line(tx, account, history.subject, address, was_proved(history, address.id));
}

/// A slowed line has one code an hour, this one among them.
std::optional<Problem> note_code_to(store::Tx& tx, const AccountId& account, store::ContactRow& line,
                                    const Limits& limits, WallTime now) {
  Guard guard = guard_of(line, false);
  if (auto fault = slow_fault(guard, limits, now)) return fault;
  if (!domain::is_slowed(guard.state, limits.failures)) return std::nullopt;
  guard.state.slow_send_at = now;
  store::save_guard(tx, account, line, guard.whose, guard.state);
  return std::nullopt;
}

/// Spends an attempt, and judges it where the line is not locked. True for the right code, once.
Answer<bool> judge_objection(store::Tx& tx, const Context& context, const Caller& caller, store::ObjectionRow& row,
                             store::ContactRow& line, const SecretString& code, Moment& moment) {
  const auto& limits = context.settings.account(caller.account).limits;
  const Guard guard = guard_of(line, false);
  if (row.attempts >= std::min(kObjectionAttempts, attempts_for(guard, limits)))
    return refuse(Code::kAttemptsExhausted);
  if (auto locked = lock_fault(guard.state.failures, moment.now)) return fail(*std::move(locked));
  const auto guesser = guard.whose == store::Guessers::kOwn ? Guesser::kKnown : Guesser::kStranger;
  if (const auto counted = count_check(tx, context, caller, limits, guesser, moment.now); !counted)
    return fail(counted.error());
  ++row.attempts;
  const bool good = moment.now < row.expires_at && !row.code_digest.empty();
  const std::string digest = objection_digest(context.vault, caller.account, row.id, code.expose());
  const bool right = good && equal_constant_time(row.code_digest, digest);
  if (right) {
    row.code_digest.clear();
    forget_failures(tx, caller.account, line, guard);
  } else if (good) {  // What is over cannot be guessed, and locks nobody.
    count_wrong_guess(tx, context, caller.account, line, guard, limits.failures, 1, false, moment.now);
  }
  store::save_objection(tx, row);
  return right;
}

}  // namespace

Answer<SourceView> object_to_source(store::Tx& tx, const Context& context, const Caller& caller,
                                    const SubjectAt& subject, const BindingId& binding, Moment& moment) {
  auto history = history_of(tx, context, caller, subject);
  if (!history) return fail(history.error());
  const auto& rules = standing_rules(context, caller.account, history->service);
  auto change = domain::standing::object(*history, binding, std::nullopt, rules, standing_now(*history, moment.now));
  const auto stopped = stop(tx, context, caller, *history, binding, std::move(change), "application", moment);
  if (!stopped) return fail(stopped.error());
  return show_source(tx, context, caller, *history, binding, moment.now);
}

Answer<SourceView> decide_about_source(store::Tx& tx, const Context& context, const Caller& caller,
                                       const SubjectAt& subject, const BindingId& binding, bool keep, Moment& moment) {
  // Else whoever may add something could also lift what those say who were told of it.
  if (keep && !caller.may_vouch) return refuse(Code::kMayNotVouch, "use an API key with the scope vouch");
  auto history = history_of(tx, context, caller, subject);
  if (!history) return fail(history.error());
  const auto decided = decide_and_tell(tx, context, caller, *history, binding, std::nullopt, keep, moment);
  if (!decided) return fail(decided.error());
  return show_source(tx, context, caller, *history, binding, moment.now);
}

bool decide_by_source(store::Tx& tx, const Context& context, const Caller& caller, History& history,
                      const BindingId& binding, const Id& source, bool keep, Moment& moment) {
  return decide_and_tell(tx, context, caller, history, binding, source, keep, moment).has_value();
}

Answer<StartedObjection> start_objection(store::Tx& tx, const Context& context, const Caller& caller,
                                         const SubjectAt& subject, const ObjectionRequest& request, Moment& moment) {
  const auto history = history_of(tx, context, caller, subject);
  if (!history) return fail(history.error());
  const Binding* contact = find(*history, request.contact);
  if (contact == nullptr) return refuse_field("contact", "must be the id of a source of the subject");
  const auto& rules = standing_rules(context, caller.account, history->service);
  if (auto fault = told_fault(tx, caller.account, *history, request.binding, contact->source, rules,
                              standing_now(*history, moment.now)))
    return fail(*std::move(fault));
  const auto service = service_named(context, caller, subject.service);
  const auto to = reach(tx, context.vault, caller.account, **service, *contact);
  if (!to) return refuse(Code::kNotTold, "no provider brings free text to this contact any more");
  const std::string counter = "objection " + AddressId{contact->source}.text();
  if (!store::count_in_counter(tx, caller.account, counter, kObjectionCodes, moment.now)) {
    note_limit(tx, context, caller.account, "objection_codes");
    return fail(Problem{Code::kRateLimited, "too many codes to this contact", "",
                        store::wait_for_counter(tx, caller.account, counter, kObjectionCodes, moment.now)});
  }
  auto line = line_of(tx, caller.account, *history, AddressId{contact->source});
  if (!line) return refuse(Code::kNotTold, "the contact is forgotten");
  const auto& limits = context.settings.account(caller.account).limits;
  if (auto slowed = note_code_to(tx, caller.account, *line, limits, moment.now)) {
    store::take_back(tx, caller.account, counter);
    return fail(*std::move(slowed));
  }
  if (const auto counted =
          count_objection_code(tx, context, caller.account, limits, to->channel, AddressId{contact->source},
                               to->address.expose(), contact->proved_at.has_value(), moment.now);
      !counted) {
    tx.abandon();  // What was counted for the line, too.
    return fail(counted.error());
  }
  const int length = code_length_for(guard_of(*line, false), limits, **service, moment.now);
  const SecretString code(moment.random.digits(static_cast<std::size_t>(length)));
  store::ObjectionRow row;
  row.account = caller.account;
  row.id = ObjectionId::make(moment);
  row.subject = history->subject;
  row.service = history->service;
  row.binding = request.binding;
  row.contact = AddressId{contact->source};
  row.code_digest = objection_digest(context.vault, caller.account, row.id, code.expose());
  row.expires_at = moment.now + kObjectionCodeLife;
  store::insert_objection(tx, row);
  queue_code(tx, context, caller, *history, **service, row, *to, code, moment);
  record(tx, context, caller, "objection.started", history->subject,
         Facts().text("objection", row.id.text()).text("address", row.contact.text()), moment);
  return StartedObjection{row.id, to->channel, contact::mask_contact(to->address.expose()), row.expires_at};
}

Answer<Done> confirm_objection(store::Tx& tx, const Context& context, const Caller& caller, const SubjectAt& subject,
                               const ObjectionId& id, const SecretString& code, Moment& moment) {
  auto history = history_of(tx, context, caller, subject);
  if (!history) return fail(history.error());
  auto row = store::find_objection(tx, caller.account, id);
  if (!row || row->subject != history->subject || row->service != history->service) return refuse(Code::kNotFound);
  auto line = line_of(tx, caller.account, *history, row->contact);
  if (!line) return refuse(Code::kNotFound);
  const auto right = judge_objection(tx, context, caller, *row, *line, code, moment);
  if (!right) return fail(right.error());
  if (!*right) {
    record(tx, context, caller, "objection.failed", history->subject, Facts().text("objection", id.text()), moment);
    Problem wrong{Code::kWrongCode};
    wrong.attempts_left = kObjectionAttempts - row->attempts;
    return fail(std::move(wrong));
  }
  if (!row->binding) return stop_erasure(tx, context, caller, history->subject, "contact", moment);
  const auto& rules = standing_rules(context, caller.account, history->service);
  auto change =
      domain::standing::object(*history, *row->binding, row->contact.id, rules, standing_now(*history, moment.now));
  return stop(tx, context, caller, *history, *row->binding, std::move(change), "contact", moment);
}

void object_to_changes_since(store::Tx& tx, const Context& context, const Caller& caller,
                             const domain::Transaction& held, Moment& moment) {
  auto history = load_history(tx, context, held.account, held.subject, held.service);
  const WallTime now = standing_now(history, moment.now);
  std::vector<BindingId> recent;
  for (const Binding& binding : history.bindings) {
    if (binding.gone || binding.bound_at <= held.created_at) continue;
    if (!domain::standing::counts(history, binding, now, now).own()) recent.push_back(binding.id);
  }
  const auto& rules = standing_rules(context, held.account, held.service);
  for (const BindingId& binding : recent) {
    auto change = domain::standing::disown(history, binding, rules, now);
    static_cast<void>(stop(tx, context, caller, history, binding, std::move(change), "person", moment));
  }
}

}  // namespace countersign::usecase
