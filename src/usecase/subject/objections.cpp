#include "usecase/subject/objections.h"

#include <algorithm>

#include "base/json.h"
#include "base/trace.h"
#include "contact/masking.h"
#include "domain/notice_text.h"
#include "store/repository/counters.h"
#include "store/repository/erasures.h"
#include "store/repository/notices.h"
#include "usecase/audit_log.h"
#include "usecase/outbox/obstacles.h"
#include "usecase/outbox/webhooks.h"
#include "usecase/queued_message.h"
#include "usecase/risk/sending.h"
#include "usecase/subject/change_events.h"
#include "usecase/subject/erase.h"
#include "usecase/subject/notices.h"
#include "usecase/subject/standing.h"
#include "usecase/tally.h"
#include "usecase/transaction/held.h"
#include "usecase/verification/allowance.h"
#include "usecase/verification/guessing.h"

namespace countersign::usecase {

namespace {

using domain::standing::Binding;
using domain::standing::Change;
using domain::standing::History;
using domain::standing::Objected;

constexpr domain::Rate kObjectionCodes{5, std::chrono::hours(1)};

/// A change of a source that somebody objects to.
struct NamedChange {
  BindingId source;
  Objected what;
  BindingId id;  ///< As domain::standing::object() takes it.
};

Problem no_removal() {
  return {Code::kObjectedBefore, "its removal was stopped, or took place, or nobody asked for it"};
}

/// The change of a source that a contact, or the application, objects to.
Answer<NamedChange> change_of(const Work& work, const History& history, const BindingId& source, ObjectedTo what,
                              const std::optional<Id>& by) {
  const Binding* binding = find(history, source);
  if (binding == nullptr || binding->gone) return refuse(Code::kNotFound);
  const auto& rules = standing_rules(work.context, work.caller.account, history.service);
  if (!what) what = objected_to(history, *binding, by, rules, standing_now(history, work.moment.now));
  if (*what == Objected::kAddition) return NamedChange{source, *what, source};
  if (!binding->leaving) return fail(no_removal());
  return NamedChange{source, *what, binding->leaving->id};
}

/// What a code was sent for; nullopt for a removal that is over.
std::optional<NamedChange> change_with(const History& history, const BindingId& id) {
  if (find(history, id) != nullptr) return NamedChange{id, Objected::kAddition, id};
  const auto leaves = std::ranges::find_if(
      history.bindings, [&](const Binding& b) { return !b.gone && b.leaving && b.leaving->id == id; });
  if (leaves == history.bindings.end()) return std::nullopt;
  return NamedChange{leaves->id, Objected::kRemoval, id};
}

/// Enqueues the webhook `objected` or `decided`. `to`: what was objected to; else it was decided.
void enqueue_objection_webhook(const Work& work, const History& history, const Binding& binding, ObjectedTo to,
                               std::string_view by, std::optional<bool> kept) {
  const ServiceSettings* service = work.context.settings.account(work.caller.account).service(history.service);
  Facts facts;
  facts.text("source", binding.id.text()).text("service", history.service.text()).text("by", by);
  if (kept) facts.text("kept", *kept ? "yes" : "no");
  // A dropped source also gets an event of its own, source.objected.
  const bool stays = to == Objected::kRemoval;
  record(work, stays ? "source.stays" : kept ? "source.decided" : "source.stopped", history.subject, facts);
  json::object data{{"subject", history.subject.text()},
                    {"service", service == nullptr ? json::value(nullptr) : json::value(service->name)},
                    {"binding", binding.id.text()},
                    {"kind", public_kind(binding.kind)},
                    {"by", by}};
  if (kept) data["kept"] = *kept;
  if (to) data["change"] = to_text(*to);
  const std::string type = to ? "subject.source_objected" : "subject.source_decided";
  enqueue_webhook_body(work.tx, work.caller.account, type,
                       canonical_json(json::object{
                           {"type", type}, {"timestamp", to_rfc3339(work.moment.now)}, {"data", std::move(data)}}),
                       work.moment);
}

/// Records that one change was stopped.
Answer<Done> stop(const Work& work, History& history, const BindingId& source, Objected what,
                  domain::standing::Changed change, std::string_view who) {
  if (!change) return fail(problem_of(change.error()));
  settle(work, history, *std::move(change));
  enqueue_objection_webhook(work, history, *find(history, source), what, who, std::nullopt);
  return Done{};
}

/// Records the decision about a stopped change. `by`: a source that may decide; absent: the application.
Answer<Done> decide_and_tell(const Work& work, History& history, const BindingId& binding, const std::optional<Id>& by,
                             bool keep) {
  const auto& rules = standing_rules(work.context, work.caller.account, history.service);
  auto change = domain::standing::decide(history, binding, by, keep, rules, standing_now(history, work.moment.now));
  if (!change) return fail(problem_of(change.error()));
  settle(work, history, *std::move(change));
  enqueue_objection_webhook(work, history, *find(history, binding), std::nullopt, by ? "person" : "application", keep);
  return Done{};
}

/// Whether the contact was notified of that change and the change can be stopped.
std::optional<Problem> told_fault(const Work& work, const History& history, const std::optional<NamedChange>& change,
                                  const Id& contact) {
  if (!change) {
    const auto erasure = store::find_erasure(work.tx, work.caller.account, history.subject);
    if (!erasure || !erasure->state.acts_at) return Problem{Code::kNotFound};
    const bool told = std::ranges::find(erasure->told, AddressId{contact}) != erasure->told.end();
    return told ? std::nullopt : std::optional(problem_of(domain::standing::Refused::kNotTold));
  }
  const auto& rules = standing_rules(work.context, work.caller.account, history.service);
  const auto stopped =
      domain::standing::object(history, change->id, contact, rules, standing_now(history, work.moment.now));
  return stopped ? std::nullopt : std::optional(problem_of(stopped.error()));
}

// digest of an objection's code := code digest "objection" (crypto/digest.cpp), bound to account and objection, 16
// bytes each
std::string objection_digest(const store::Vault& vault, const AccountId& account, const ObjectionId& id,
                             std::string_view code) {
  return vault.digester().code_digest("objection", {account.bytes(), id.bytes()}, code);
}

void queue_code(const Work& work, const History& history, const ServiceSettings& service,
                const store::ObjectionRow& row, const Reached& to, const SecretString& code) {
  delivery::OutgoingMessage message;
  message.id = MessageId::make(work.moment);
  message.channel = to.channel;
  message.to = to.address.expose();
  message.code = code;
  message.locale = locale_of(work.tx, work.caller, history.subject, service);
  message.expires_at = row.state.expires_at;
  const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(domain::kObjectionCodeLife).count();
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
  notice.account = work.caller.account;
  notice.id = message.id;
  notice.subject = history.subject;
  notice.service = history.service;
  notice.contact = row.contact;
  if (row.binding) notice.about = {*row.binding};
  notice.channel = to.channel;
  notice.provider = to.provider;
  notice.content_sealed = seal_content(work.context.vault, message.id, message, work.moment.random);
  notice.due_at = work.moment.now;
  notice.expires_at = row.state.expires_at;
  store::insert_notice(work.tx, notice);
  trace::remember(notice.id.text());
}

/// The contact's line, which counts guesses at its codes of any purpose. [STD-21]
std::optional<store::ContactRow> line_of(store::Tx& tx, const AccountId& account, const History& history,
                                         const AddressId& address) {
  return store::find_line(tx, account, history.subject, address, was_proved(history, address.id));
}

/// By the first channel that reaches the contact, and by which its holder does not refuse messages. A notice is tried
/// in any case [ADR 48]; a code is asked for, and she can ask by another contact.
Answer<Reached> reach_where_wanted(const Work& work, const ServiceSettings& service, const Binding& contact,
                                   store::ContactRow line) {
  std::vector<std::pair<contact::Channel, std::string>> refused_by;
  std::optional<Problem> fault;
  while (auto to = reach(work.tx, work.context, work.caller.account, service, contact, refused_by)) {
    line.channel = to->channel;
    // That it is a landline is a guess.
    auto in_the_way = obstacle_fault(line, work.moment.now);
    if (!in_the_way || in_the_way->code != Code::kOptedOut) return *std::move(to);
    if (!fault) fault = std::move(in_the_way);
    refused_by.emplace_back(to->channel, std::move(to->provider));
  }
  if (fault) return fail(*std::move(fault));
  return refuse(Code::kNotTold, "no provider brings free text to this contact any more");
}

/// A slowed line may get one code an hour, this one included.
std::optional<Problem> note_code_to(const Work& work, store::ContactRow& line, const domain::Limits& limits) {
  const Guard guard = guard_of(line, false);
  if (auto fault = slow_fault(guard, limits, work.moment.now)) return fault;
  if (const auto next = domain::after_send(guard.state, limits.failures, work.moment.now))
    store::save_guard(work.tx, work.caller.account, line, guard.whose, *next);
  return std::nullopt;
}

/// Spends an attempt, and judges it unless the line is locked. True once, for the right code.
Answer<bool> judge_objection(const Work& work, store::ObjectionRow& row, store::ContactRow& line,
                             const SecretString& code) {
  const auto& limits = work.context.settings.account(work.caller.account).limits;
  const Guard guard = guard_of(line, false);
  const std::string digest = objection_digest(work.context.vault, work.caller.account, row.id, code.expose());
  auto checked = domain::check_objection(
      row.state, digest, std::min(domain::kObjectionAttempts, attempts_for(guard, limits)), work.moment.now);
  if (!checked) return refuse(Code::kAttemptsExhausted);
  if (auto locked = lock_fault(guard.state.failures, work.moment.now)) return fail(*std::move(locked));
  const auto guesser = guard.whose == store::Guessers::kOwn ? Guesser::kKnown : Guesser::kStranger;
  if (const auto counted = count_check(work, limits, guesser); !counted) return fail(counted.error());
  row.state = std::move(checked->next);
  if (checked->outcome == domain::ObjectionOutcome::kRight) forget_failures(work.tx, work.caller.account, line, guard);
  // A finished objection cannot be guessed, and causes no lock.
  if (checked->outcome == domain::ObjectionOutcome::kWrong)
    count_wrong_guess(work, line, guard, limits.failures, 1, false);
  store::save_objection(work.tx, row);
  return checked->outcome == domain::ObjectionOutcome::kRight;
}

}  // namespace

Answer<SourceView> object_to_source(const Work& work, const SubjectAt& subject, const BindingId& binding,
                                    ObjectedTo what) {
  auto history = history_of(work, subject);
  if (!history) return fail(history.error());
  const auto named = change_of(work, *history, binding, what, std::nullopt);
  if (!named) return fail(named.error());
  const auto& rules = standing_rules(work.context, work.caller.account, history->service);
  auto change =
      domain::standing::object(*history, named->id, std::nullopt, rules, standing_now(*history, work.moment.now));
  const auto stopped = stop(work, *history, binding, named->what, std::move(change), "application");
  if (!stopped) return fail(stopped.error());
  return show_source(work, *history, binding);
}

Answer<SourceView> decide_about_source(const Work& work, const SubjectAt& subject, const BindingId& binding,
                                       bool keep) {
  // Otherwise a key that can add sources could also override the objections of notified contacts.
  if (keep && !work.caller.may_vouch) return refuse(Code::kMayNotVouch, "use an API key with the scope vouch");
  auto history = history_of(work, subject);
  if (!history) return fail(history.error());
  const auto decided = decide_and_tell(work, *history, binding, std::nullopt, keep);
  if (!decided) return fail(decided.error());
  return show_source(work, *history, binding);
}

bool decide_by_source(const Work& work, History& history, const BindingId& binding, const Id& source, bool keep) {
  return decide_and_tell(work, history, binding, source, keep).has_value();
}

Answer<StartedObjection> start_objection(const Work& work, const SubjectAt& subject, const ObjectionRequest& request) {
  const auto history = history_of(work, subject);
  if (!history) return fail(history.error());
  const Binding* contact = find(*history, request.contact);
  if (contact == nullptr) return refuse_field("contact", "must be the id of a source of the subject");
  std::optional<NamedChange> change;
  if (request.binding) {
    const auto named = change_of(work, *history, *request.binding, request.what, contact->source);
    if (!named) return fail(named.error());
    change = *named;
  }
  if (auto fault = told_fault(work, *history, change, contact->source)) return fail(*std::move(fault));
  const auto service = service_named(work.context, work.caller, subject.service);
  auto line = line_of(work.tx, work.caller.account, *history, AddressId{contact->source});
  if (!line) return refuse(Code::kNotTold, "the contact is forgotten");
  const auto to = reach_where_wanted(work, **service, *contact, *line);
  if (!to) return fail(to.error());
  const std::string counter = "objection " + AddressId{contact->source}.text();
  if (!store::count_in_counter(work.tx, work.caller.account, counter, kObjectionCodes, work.moment.now)) {
    note_limit(work.tx, work.context, work.caller.account, "objection_codes");
    return fail(
        Problem{Code::kRateLimited, "too many codes to this contact", "",
                store::wait_for_counter(work.tx, work.caller.account, counter, kObjectionCodes, work.moment.now)});
  }
  const auto& limits = work.context.settings.account(work.caller.account).limits;
  if (auto slowed = note_code_to(work, *line, limits)) {
    store::take_back(work.tx, work.caller.account, counter);
    return fail(*std::move(slowed));
  }
  CodeToSend about{history->service, std::nullopt, history->subject, to->channel, to->address.expose(), ""};
  about.proved = contact->proved_at.has_value();
  auto decided = decide_send(work, about);
  if (!decided) {
    work.tx.abandon();  // Also undoes what was counted for the line.
    return fail(decided.error());
  }
  if (const auto counted = count_objection_code(
          work, limits, AddressId{contact->source},
          {to->channel, to->address.expose(), contact->proved_at.has_value(), history->service, to->provider});
      !counted) {
    work.tx.abandon();  // Also undoes what was counted for the line.
    return fail(counted.error());
  }
  const int length = code_length_for(guard_of(*line, false), limits, **service, work.moment.now);
  const SecretString code(work.moment.random.digits(static_cast<std::size_t>(length)));
  store::ObjectionRow row;
  row.account = work.caller.account;
  row.id = ObjectionId::make(work.moment);
  row.subject = history->subject;
  row.service = history->service;
  if (change) row.binding = change->id;
  row.contact = AddressId{contact->source};
  row.state.digest = objection_digest(work.context.vault, work.caller.account, row.id, code.expose());
  row.state.expires_at = work.moment.now + domain::kObjectionCodeLife;
  store::insert_objection(work.tx, row);
  decided->count(work, VerificationId{row.id.id});
  queue_code(work, *history, **service, row, *to, code);
  record(work, "objection.started", history->subject,
         Facts().text("objection", row.id.text()).text("address", row.contact.text()));
  return StartedObjection{row.id, to->channel, contact::mask_contact(to->address.expose()), row.state.expires_at,
                          change ? std::optional(change->what) : std::nullopt};
}

Answer<Done> confirm_objection(const Work& work, const SubjectAt& subject, const ObjectionId& id,
                               const SecretString& code) {
  auto history = history_of(work, subject);
  if (!history) return fail(history.error());
  auto row = store::find_objection(work.tx, work.caller.account, id);
  if (!row || row->subject != history->subject || row->service != history->service) return refuse(Code::kNotFound);
  auto line = line_of(work.tx, work.caller.account, *history, row->contact);
  if (!line) return refuse(Code::kNotFound);
  const auto right = judge_objection(work, *row, *line, code);
  if (!right) return fail(right.error());
  if (!*right) {
    record(work, "objection.failed", history->subject, Facts().text("objection", id.text()));
    Problem wrong{Code::kWrongCode};
    wrong.attempts_left = domain::kObjectionAttempts - row->state.attempts;
    return fail(std::move(wrong));
  }
  if (!row->binding) return stop_erasure(work, history->subject, "contact");
  const auto named = change_with(*history, *row->binding);
  if (!named) return fail(no_removal());
  const auto& rules = standing_rules(work.context, work.caller.account, history->service);
  auto change =
      domain::standing::object(*history, named->id, row->contact.id, rules, standing_now(*history, work.moment.now));
  return stop(work, *history, named->source, named->what, std::move(change), "contact");
}

void object_to_changes_since(const Work& work, const domain::Transaction& held) {
  auto history = load_history(work.tx, work.context, held.account, held.subject, held.service);
  const WallTime now = standing_now(history, work.moment.now);
  std::vector<BindingId> recent;
  for (const Binding& binding : history.bindings) {
    if (binding.gone || binding.bound_at <= held.created_at) continue;
    if (!domain::standing::counts(history, binding, now, now).own()) recent.push_back(binding.id);
  }
  const auto& rules = standing_rules(work.context, held.account, held.service);
  for (const BindingId& binding : recent) {
    auto change = domain::standing::disown(history, binding, rules, now);
    static_cast<void>(stop(work, history, binding, Objected::kAddition, std::move(change), "person"));
  }
}

}  // namespace countersign::usecase
