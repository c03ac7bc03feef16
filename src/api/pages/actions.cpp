#include "api/pages/actions.h"

#include <algorithm>

#include "api/json_writer.h"
#include "api/pages/typed_code.h"
#include "base/json.h"
#include "usecase/subject/decide_on_page.h"
#include "usecase/subject/enrol_on_page.h"
#include "usecase/subject/standing.h"
#include "usecase/verification/page_work.h"
#include "usecase/verification/start.h"

namespace countersign::api::pages {

namespace {

using usecase::Code;
using usecase::Problem;

std::string field(const http::Form& form, std::string_view name) { return std::string(form.value(name).value_or("")); }

/// Tells the final page that the person's own action led there.
constexpr std::string_view kEnded = "ended";

/// The note for a refusal. States that the page shows by itself (locked, expired, ended) need none.
std::string_view note_for(Code code) {
  switch (code) {
    case Code::kWrongCode:
      return "wrong";
    case Code::kWrongResponse:
      return "passkey_refused";
    case Code::kAttemptsExhausted:
      return "exhausted";
    case Code::kResendTooSoon:
      return "too_soon";
    case Code::kSendsExhausted:
      return "sends_out";
    case Code::kRateLimited:
    case Code::kTooManyFactors:
      return "busy";
    case Code::kBudgetSpent:
    case Code::kSpendingStopped:
      return "no_messages";
    case Code::kOptedOut:
    case Code::kAddressRefused:
      return "refused_number";
    case Code::kNotAvailableNow:
      return "not_available";
    case Code::kSourceDoesNotCount:
      return "fresh";
    case Code::kNotSentYet:
      return "not_yet";
    case Code::kUpstreamUnavailable:
      return "upstream";
    case Code::kInvalidField:
      return "length";
    case Code::kLocked:
    case Code::kTransactionNotHeld:
    case Code::kTransactionExpired:
    case Code::kProofVoided:
    case Code::kNotVerified:
    case Code::kAlreadyClaimed:
      return kEnded;
    default:
      return "way_gone";
  }
}

/// The operation has its own page, which leads back here when it is over.
FormResult begin_addition(const usecase::Work& work, const Site& site, const Visit& visit,
                          const usecase::PersonView& view, const store::TransactionRow& row, domain::Method method) {
  const usecase::AdditionPage page{work.context.settings.public_url + page_url(visit),
                                   std::string(language_for(site, visit, view).tag()), method};
  const auto addition = usecase::begin_addition(work, row, page);
  if (!addition) return {refused(addition.error(), "", work.moment.now), {}};
  FormResult done;
  done.outcome.go = addition->id.text() + "." + addition->secret.expose();
  return done;
}

}  // namespace

Outcome refused(const Problem& problem, std::string way, WallTime now) {
  Outcome outcome;
  outcome.note = note_for(problem.code);
  outcome.way = std::move(way);
  if (problem.retry_after) outcome.until = now + *problem.retry_after;
  if (problem.code == Code::kTooManyFactors) outcome.until = now + std::chrono::minutes(30);
  return outcome;
}

std::string Outcome::text() const {
  JsonWriter json;
  json.open_object().member("note", note).member("way", way).member("enrol", enrol).member("go", go);
  json.member("asked", asked);
  json.member("until", until ? to_micros(*until) / 1'000'000 : 0);
  return json.member("proved", proved).member("keeps", keeps).close_object().take();
}

Outcome Outcome::parse(std::string_view text) {
  Outcome outcome;
  const auto json = parse_json(text);
  if (!json || !json->is_object()) return outcome;
  const auto& object = json->get_object();
  outcome.note = json_text(object, "note").value_or("");
  outcome.way = json_text(object, "way").value_or("");
  outcome.enrol = json_text(object, "enrol").value_or("");
  outcome.go = json_text(object, "go").value_or("");
  outcome.asked = json_text(object, "asked").value_or("");
  const auto until = json_integer(object, "until").value_or(0);
  if (until > 0) outcome.until = WallTime(std::chrono::seconds(until));
  const auto flag = [&](std::string_view name) {
    const auto* value = object.if_contains(name);
    return value != nullptr && value->is_bool() && value->get_bool();
  };
  outcome.proved = flag("proved");
  outcome.keeps = flag("keeps");
  return outcome;
}

Outcome outcome_of(const usecase::Answer<usecase::Approved>& answer, std::string way,
                   std::optional<domain::Method> method, bool empty, WallTime now) {
  if (!answer) {
    Outcome outcome = refused(answer.error(), std::move(way), now);
    const bool is_recovery = method == domain::Method::kRecoveryCode;
    if (outcome.note == "length") outcome.note = empty ? "empty" : is_recovery ? "length_recovery" : "length";
    if (outcome.note == "wrong" && method) outcome.note = is_recovery ? "wrong_recovery" : "wrong_app";
    return outcome;
  }
  Outcome outcome;
  outcome.proved = true;
  if (answer->status != domain::TransactionStatus::kHeld)
    outcome.note = "done";
  else
    outcome.note = answer->judgement.missing == domain::standing::Missing::kSourceThatCounts ? "fresh" : "one_more";
  return outcome;
}

FormResult send_code(const usecase::Work& work, const Site&, const Visit&, const store::TransactionRow& row,
                     const http::Form& form) {
  const std::string id = field(form, "way");
  const auto view = usecase::view_for_person(work.tx, work.context, row, work.moment.now);
  const usecase::Way* way = find_way(view, id);
  const bool sends = way != nullptr && way->method != domain::Method::kPush;
  const auto channel = sends ? domain::channel_of(way->method) : std::nullopt;
  if (!channel) {
    const bool open = view.status == domain::TransactionStatus::kHeld;
    return {{open ? "way_gone" : std::string(kEnded), std::nullopt, "", "", false}, {}};
  }
  const bool worked = usecase::accept_page_work(work, row.state.id, field(form, "work"));
  auto started = usecase::start_verification(work, {row.state.id, *channel, id, worked});
  // Work, or a wait, may be enough for somebody who is not known there.
  if (!started && started.error().code == Code::kNotAvailableNow && !worked)
    return {{"work", std::nullopt, id, "", false}, {}};
  if (!started) return {refused(started.error(), id, work.moment.now), {}};
  FormResult done;
  done.outcome.way = id;
  if (started->sends > 1) done.outcome.note = "sent";
  done.after.message = std::move(started->queued);
  return done;
}

FormResult check_code(const usecase::Work& work, const Site&, const Visit&, const store::TransactionRow& row,
                      const http::Form& form) {
  const std::string proves = field(form, "for");
  const std::string typed = field(form, "code");
  const bool empty = typed.find_first_not_of(" \t\r\n") == std::string::npos;
  const auto verification = VerificationId::parse(proves);
  const auto factor = FactorId::parse(proves);
  if (!verification && !factor) return {{"way_gone", std::nullopt, "", "", false}, {}};

  const auto view = usecase::view_for_person(work.tx, work.context, row, work.moment.now);
  const auto way = std::ranges::find_if(
      view.ways, [&](const usecase::Way& w) { return w.id == proves || (w.sent && w.sent->id.text() == proves); });
  const std::string way_id = way == view.ways.end() ? "" : way->id;
  const std::size_t digits = way == view.ways.end() ? 6 : static_cast<std::size_t>(way->code_length);
  std::optional<domain::Method> method;
  if (factor) method = way == view.ways.end() ? domain::Method::kTotp : way->method;
  const bool is_recovery = method == domain::Method::kRecoveryCode;
  usecase::CheckRequest request;
  request.transaction = row.state.id;
  request.code = SecretString(is_recovery ? typed : code_in(typed, digits));
  if (is_recovery)  // Whichever of her sets it is from.
    request.factor = domain::to_text(*method);
  else if (factor)
    request.factor = proves;
  else
    request.verification = verification;
  auto answer = usecase::check(work, request);
  if (answer && std::holds_alternative<usecase::AskProvider>(*answer)) {
    FormResult done;
    done.outcome = {"checking", std::nullopt, way_id, "", false};
    done.after.ask = std::get<usecase::AskProvider>(*std::move(answer));
    return done;
  }
  const usecase::Answer<usecase::Approved> approved =
      answer ? usecase::Answer<usecase::Approved>(std::get<usecase::Approved>(*answer)) : fail(answer.error());
  FormResult done{outcome_of(approved, way_id, method, empty, work.moment.now), {}};
  done.outcome.keeps = (done.outcome.note == "length" && !kept_code(typed, digits).empty()) ||
                       (done.outcome.note == "length_recovery" && !kept_recovery_code(typed).empty());
  done.after.announced = approved.has_value();
  return done;
}

FormResult deny(const usecase::Work& work, const Site&, const Visit&, const store::TransactionRow& row,
                const http::Form&) {
  FormResult done;
  done.outcome.note = kEnded;
  // If it ended differently before, the page shows how.
  done.after.announced = usecase::deny(work, row.state.id).has_value();
  return done;
}

FormResult decide(const usecase::Work& work, const Site& site, const Visit& visit, const store::TransactionRow& row,
                  const http::Form& form) {
  const auto& held = row.state;
  const auto binding = BindingId::parse(field(form, "binding"));
  const std::string keep = field(form, "keep");
  const auto history = usecase::load_history(work.tx, work.context, held.account, held.subject, held.service);
  const bool known = binding && (keep == "yes" || keep == "no");
  // The operation has its own page, which leads back here when it is over.
  const std::string back = work.context.settings.public_url + page_url(visit);
  const auto view = usecase::view_for_person(work.tx, work.context, row, work.moment.now);
  const usecase::AdditionPage page{back, std::string(language_for(site, visit, view).tag())};
  const auto decision = known ? usecase::begin_decision(work, history, *binding, keep == "yes", page)
                              : usecase::Answer<usecase::Addition>(usecase::refuse(Code::kNotStopped));
  FormResult done;
  if (decision) {
    done.outcome.go = decision->id.text() + "." + decision->secret.expose();
    return done;
  }
  done.outcome = refused(decision.error(), "", work.moment.now);
  if (decision.error().code != Code::kRateLimited) done.outcome.note = "stopped_gone";
  return done;
}

FormResult enrol(const usecase::Work& work, const Site& site, const Visit& visit, const store::TransactionRow& row,
                 const http::Form& form) {
  const auto view = usecase::view_for_person(work.tx, work.context, row, work.moment.now);
  const bool codes = form.value("what") == "codes";
  if (form.value("what") == "passkey") {
    if (view.may_add_passkey) return begin_addition(work, site, visit, view, row, domain::Method::kWebauthn);
    return {{"enrol_not", std::nullopt, "", "", false}, {}};
  }
  if (form.value("what") == "device") {
    if (view.may_add_device) return begin_addition(work, site, visit, view, row, domain::Method::kPush);
    return {{"enrol_not", std::nullopt, "", "", false}, {}};
  }
  if (codes ? view.may_add_codes : view.may_add) {
    return begin_addition(work, site, visit, view, row, codes ? domain::Method::kRecoveryCode : domain::Method::kTotp);
  }
  if (!may_enrol_from(site, visit, view)) return {{codes ? "codes_not" : "enrol_not", std::nullopt, "", "", false}, {}};
  FormResult done;
  if (view.adds == domain::Method::kRecoveryCode) {
    const auto made = usecase::make_codes_here(work, row);
    if (!made) return {refused(made.error(), "", work.moment.now), {}};
    done.outcome.enrol = made->id.text();
    return done;
  }
  const auto enrolment = usecase::enrol_here(work, row);
  if (!enrolment) return {refused(enrolment.error(), "", work.moment.now), {}};
  done.outcome.enrol = enrolment->id.text();
  return done;
}

namespace {

/// The person says that she keeps her new recovery codes.
FormResult keep_codes(const usecase::Work& work, const store::TransactionRow& row, const FactorId& id) {
  FormResult done;
  const auto kept = usecase::confirm_here(work, row, id, "", std::nullopt);
  if (kept) {
    done.outcome.note = "codes_kept";
    done.after.announced = true;
    return done;
  }
  done.outcome = refused(kept.error(), "", work.moment.now);
  if (kept.error().code == Code::kNotFound || kept.error().code == Code::kFactorUnusable)
    done.outcome.note = "codes_again";
  if (kept.error().code == Code::kNotAvailableNow) done.outcome.note = "enrol_refused";
  return done;
}

}  // namespace

FormResult confirm(const usecase::Work& work, const Site& site, const Visit& visit, const store::TransactionRow& row,
                   const http::Form& form) {
  const auto factor = site.sessions.check_enrolment_token(field(form, "enrol"), visit.id, visit.browser);
  if (!factor) return {{"stale", std::nullopt, "enrol", "", false}, {}};
  const auto view = usecase::view_for_person(work.tx, work.context, row, work.moment.now);
  if (!may_enrol_from(site, visit, view)) return {{"enrol_not", std::nullopt, "", "", false}, {}};
  if (view.adds == domain::Method::kRecoveryCode) return keep_codes(work, row, *factor);
  const std::string typed = field(form, "code");
  const auto confirmed =
      usecase::confirm_here(work, row, *factor, field(form, "name"), SecretString(code_in(typed, 6)));
  FormResult done;
  if (confirmed) {
    const bool use_now = view.enrol_counts;
    const bool held = view.status == domain::TransactionStatus::kHeld;
    done.outcome.note = held && use_now ? "enrolled_use" : "enrolled";
    if (held && use_now) done.outcome.way = factor->text();
    return done;
  }
  const Problem& problem = confirmed.error();
  done.outcome = refused(problem, "", work.moment.now);
  done.outcome.enrol = factor->text();
  if (problem.code == Code::kWrongCode) done.outcome.note = "wrong_app";
  if (problem.code == Code::kInvalidField) {
    const bool empty = typed.find_first_not_of(" \t\r\n") == std::string::npos;
    done.outcome.note = problem.field == "name" ? "name" : empty ? "empty" : "length";
  }
  if (problem.code == Code::kNotFound || problem.code == Code::kFactorUnusable) {
    done.outcome.note = "enrol_again";
    done.outcome.enrol.clear();
    done.outcome.way = "enrol";
  }
  if (problem.code == Code::kLocked) done.outcome.note = "busy";
  if (problem.code == Code::kNotAvailableNow) {
    done.outcome.note = "enrol_refused";
    done.outcome.enrol.clear();
  }
  const bool same_page = !done.outcome.enrol.empty();
  done.outcome.keeps = same_page && (!field(form, "name").empty() || !kept_code(typed, 6).empty());
  return done;
}

}  // namespace countersign::api::pages
