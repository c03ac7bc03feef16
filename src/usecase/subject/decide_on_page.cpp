#include "usecase/subject/decide_on_page.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"
#include "base/encoding.h"
#include "base/json.h"
#include "contact/masking.h"
#include "domain/notice_text.h"
#include "store/repository/counters.h"
#include "store/repository/notices.h"
#include "usecase/audit_log.h"
#include "usecase/subject/notices.h"
#include "usecase/subject/objections.h"
#include "usecase/subject/operation.h"
#include "usecase/subject/standing.h"
#include "usecase/tally.h"

namespace countersign::usecase {

namespace {

namespace standing = domain::standing;

constexpr domain::Rate kDecisions{10, std::chrono::hours(1)};

struct Decision {
  BindingId binding;
  bool keep = false;
};

std::string decision_json(const Decision& decision) {
  return canonical_json(json::object{{"binding", decision.binding.text()}, {"keep", decision.keep}});
}

std::optional<Decision> decision_of(const Context& context, const store::TransactionRow& operation) {
  const auto text = store::open_metadata(context.vault, operation);
  if (!text) return std::nullopt;
  const auto parsed = parse_json(text->expose());
  if (!parsed || !parsed->is_object()) return std::nullopt;
  const auto binding = BindingId::parse(json_text(parsed->get_object(), "binding").value_or(""));
  const auto* keep = parsed->get_object().if_contains("keep");
  if (!binding || keep == nullptr || !keep->is_bool()) return std::nullopt;
  return Decision{*binding, keep->get_bool()};
}

std::string masked_source(store::Tx& tx, const Context& context, const AccountId& account,
                          const standing::Binding& binding) {
  if (binding.kind != domain::Kind::kPhone && binding.kind != domain::Kind::kEmail) return {};
  const auto address = store::find_address(tx, context.vault, account, AddressId{binding.source});
  return address ? contact::mask_contact(address->expose()) : std::string();
}

/// The page shows the source to decide about; nothing for a source without an address. If it replaces another one and
/// is to be kept, it shows both.
std::optional<domain::DisplayLine> line_of(const Work& work, const standing::History& history,
                                           const standing::Binding& binding, bool keep, std::string_view locale) {
  const auto masked = [&](const standing::Binding& source) {
    return masked_source(work.tx, work.context, work.caller.account, source);
  };
  domain::DisplayLine line{std::string(domain::source_noun(locale, binding.kind)), masked(binding)};
  if (line.value.empty()) return std::nullopt;
  const auto old = std::ranges::find_if(
      history.bindings, [&](const auto& other) { return other.replaced && other.replaced->by == binding.id; });
  if (keep && old != history.bindings.end()) line.previous = masked(*old);
  return line;
}

/// Nothing if no source that may decide can be asked.
std::optional<domain::Policy> policy_of_decision(store::Tx& tx, const Context& context, const AccountId& account,
                                                 const standing::History& history, const standing::Binding& binding,
                                                 bool keep, WallTime now) {
  const ServiceSettings* service = context.settings.account(account).service(history.service);
  if (service == nullptr) return std::nullopt;
  domain::Policy policy;
  const Changer who{account, history.service, history.subject};
  // Presence alone may end something, but not let it count.
  policy.user_verification = keep;
  policy.any_of = askable(tx, context, who, *service, keep ? AskPasskeys::kVerifying : AskPasskeys::kAny,
                          [&](const Id& source) { return standing::may_decide(history, binding, source, now); });
  if (domain::policy_fault(policy)) return std::nullopt;
  return policy;
}

bool is_stopped(const standing::History& history, const standing::Binding& binding, WallTime now) {
  return !binding.shared && binding.stopped &&
         standing::counts(history, binding, now, now).why_not == standing::WhyNot::kStopped;
}

}  // namespace

std::optional<StoppedChange> stopped_change(store::Tx& tx, const Context& context, const standing::History& history,
                                            const AccountId& account, WallTime now) {
  const WallTime at = standing_now(history, now);
  const auto found =
      std::ranges::find_if(history.bindings, [&](const auto& binding) { return is_stopped(history, binding, at); });
  if (found == history.bindings.end()) return std::nullopt;
  StoppedChange change;
  change.binding = found->id;
  change.kind = found->kind;
  change.masked = masked_source(tx, context, account, *found);
  change.lapses_at = found->stopped->since + standing_rules(context, account, history.service).lapse;
  change.may_decide = policy_of_decision(tx, context, account, history, *found, false, at).has_value();
  change.may_keep = policy_of_decision(tx, context, account, history, *found, true, at).has_value();
  return change;
}

Answer<Addition> begin_decision(const Work& work, const standing::History& history, const BindingId& id, bool keep,
                                const AdditionPage& page) {
  const WallTime at = standing_now(history, work.moment.now);
  const standing::Binding* binding = find(history, id);
  if (binding == nullptr || !is_stopped(history, *binding, at))
    return refuse(Code::kNotStopped, "nobody has objected, or it was decided or has lapsed");
  auto policy = policy_of_decision(work.tx, work.context, work.caller.account, history, *binding, keep, at);
  if (!policy)
    return refuse(Code::kSourceDoesNotCount, "no source that counts and had no part in the change can be asked");
  const std::string counter = "decide " + std::string(history.subject.bytes());
  if (!store::count_in_counter(work.tx, work.caller.account, counter, kDecisions, work.moment.now)) {
    note_limit(work.tx, work.context, work.caller.account, "decisions");
    return fail(Problem{Code::kRateLimited, "decisions were begun too often", "", kDecisions.per});
  }
  OperationTerms terms;
  terms.account = work.caller.account;
  terms.service = history.service;
  terms.subject = history.subject;
  terms.locale = page.locale;
  terms.purpose = domain::Purpose::kDecideChange;
  terms.policy = *std::move(policy);
  terms.shown.title = domain::decision_title(page.locale, binding->kind, keep);
  if (auto line = line_of(work, history, *binding, keep, page.locale)) terms.shown.lines.push_back(*std::move(line));
  terms.back = page.back;
  terms.metadata = decision_json({id, keep});
  const SecretString secret(to_base64url(work.moment.random.bytes(32)));
  const auto row = new_operation(work.context, terms, secret, at, work.moment);
  store::insert_transaction(work.tx, row);
  record(work, "source.decision_begun", row.state, Facts().text("source", id.text()));
  return Addition{row.state.id, secret};
}

Answer<AskedToDecide> ask_person_to_decide(const Work& work, const SubjectAt& subject, const BindingId& binding,
                                           bool keep) {
  const auto history = history_of(work, subject);
  if (!history) return fail(history.error());
  const auto service = service_named(work.context, work.caller, subject.service);
  const std::string locale = locale_of(work.tx, work.caller, history->subject, **service);
  const auto begun = begin_decision(work, *history, binding, keep, {"", locale});
  if (!begun) return fail(begun.error());
  return AskedToDecide{
      begun->id,
      fmt::format("{}/verify/{}.{}", work.context.settings.public_url, begun->id.text(), begun->secret.expose()),
      work.moment.now + standing_rules(work.context, work.caller.account, history->service).operation};
}

bool may_answer(const Context& context, const store::TransactionRow& operation, const standing::History& history,
                const Id& source, WallTime now) {
  const WallTime at = standing_now(history, now);
  if (operation.state.purpose != domain::Purpose::kDecideChange)
    return standing::counts(history, source, operation.state.created_at, at).own();
  const auto decision = decision_of(context, operation);
  const auto* binding = decision ? find(history, decision->binding) : nullptr;
  return binding != nullptr && standing::may_decide(history, *binding, source, at);
}

void carry_out_decision(const Work& work, store::TransactionRow& operation, standing::History& history) {
  auto& held = operation.state;
  bool done = false;
  if (const auto decision = decision_of(work.context, operation)) {
    for (const auto& proof : held.proofs) {
      done = done || decide_by_source(work, history, decision->binding, proof.source, decision->keep);
    }
  }
  const auto end = done ? domain::completed_without_release : domain::not_carried_out;
  auto ended = end(std::move(held), work.moment.now);
  CS_CHECK(ended);  // It was verified in this same unit.
  held = *std::move(ended);
  store::save_transaction(work.tx, operation);
}

}  // namespace countersign::usecase
