#include "api/pages/actions.h"

#include <algorithm>

#include "api/json_writer.h"
#include "api/pages/typed_code.h"
#include "base/json.h"
#include "usecase/decide_here.h"
#include "usecase/enrol_here.h"
#include "usecase/standing.h"
#include "usecase/start_verification.h"

namespace countersign::api::pages {

namespace {

using usecase::Code;
using usecase::Problem;

std::string field(const http::Form& form, std::string_view name) { return std::string(form.value(name).value_or("")); }

/// What the page that shows how it ended gets told: that the person came there by something she did.
constexpr std::string_view kEnded = "ended";

/// Which note says why something was refused. States that the page shows by itself (locked, expired, ended) need none.
std::string_view note_for(Code code) {
  switch (code) {
    case Code::kWrongCode:
      return "wrong";
    case Code::kAttemptsExhausted:
      return "exhausted";
    case Code::kResendTooSoon:
      return "too_soon";
    case Code::kSendsExhausted:
      return "sends_out";
    case Code::kRateLimited:
    case Code::kTooManyFactors:
      return "busy";
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

Outcome refused(const Problem& problem, std::string way, WallTime now) {
  Outcome outcome;
  outcome.note = note_for(problem.code);
  outcome.way = std::move(way);
  if (problem.retry_after) outcome.until = now + *problem.retry_after;
  if (problem.code == Code::kTooManyFactors) outcome.until = now + std::chrono::minutes(30);
  return outcome;
}

/// The operation has a page of its own, which leads back here when it is over.
Done begin_addition(store::Tx& tx, const Site& site, const Visit& visit, const usecase::PersonView& view,
                    const store::TransactionRow& row, const usecase::Caller& caller, Moment& moment) {
  const usecase::AdditionPage page{site.api.context.settings.public_url + page_url(visit),
                                   std::string(language_for(site, visit, view).tag())};
  const auto addition = usecase::begin_addition(tx, site.api.context, caller, row, page, moment);
  if (!addition) return {refused(addition.error(), "", moment.now), {}};
  Done done;
  done.outcome.go = addition->id.text() + "." + addition->secret.expose();
  return done;
}

}  // namespace

std::string Outcome::text() const {
  JsonWriter json;
  json.open_object().key("note").text(note).key("way").text(way).key("enrol").text(enrol).key("go").text(go);
  json.key("until").number(until ? to_micros(*until) / 1'000'000 : 0);
  return json.key("proved").boolean(proved).key("keeps").boolean(keeps).close_object().take();
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

Outcome outcome_of(const usecase::Answer<usecase::Approved>& answer, std::string way, bool app, bool empty,
                   WallTime now) {
  if (!answer) {
    Outcome outcome = refused(answer.error(), std::move(way), now);
    if (outcome.note == "length" && empty) outcome.note = "empty";
    if (outcome.note == "wrong" && app) outcome.note = "wrong_app";
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

Done send_code(store::Tx& tx, const Site& site, const Visit&, const store::TransactionRow& row, const http::Form& form,
               const usecase::Caller& caller, Moment& moment) {
  const std::string id = field(form, "way");
  const auto view = usecase::view_for_person(tx, site.api.context, row, moment.now);
  const usecase::Way* way = find_way(view, id);
  const auto channel = way == nullptr ? std::nullopt : domain::channel_of(way->method);
  if (!channel) {
    const bool open = view.status == domain::TransactionStatus::kHeld;
    return {{open ? "way_gone" : std::string(kEnded), std::nullopt, "", "", false}, {}};
  }
  auto started = usecase::start_verification(tx, site.api.context, caller, {row.state.id, *channel, id}, moment);
  if (!started) return {refused(started.error(), id, moment.now), {}};
  Done done;
  done.outcome.way = id;
  if (started->sends > 1) done.outcome.note = "sent";
  done.after.message = std::move(started->queued);
  return done;
}

Done check_code(store::Tx& tx, const Site& site, const Visit&, const store::TransactionRow& row, const http::Form& form,
                const usecase::Caller& caller, Moment& moment) {
  const std::string proves = field(form, "for");
  const std::string typed = field(form, "code");
  const bool empty = typed.find_first_not_of(" \t\r\n") == std::string::npos;
  const auto verification = VerificationId::parse(proves);
  const auto factor = FactorId::parse(proves);
  if (!verification && !factor) return {{"way_gone", std::nullopt, "", "", false}, {}};

  const auto view = usecase::view_for_person(tx, site.api.context, row, moment.now);
  const auto way = std::ranges::find_if(
      view.ways, [&](const usecase::Way& w) { return w.id == proves || (w.sent && w.sent->id.text() == proves); });
  const std::string way_id = way == view.ways.end() ? "" : way->id;
  const std::size_t digits = way == view.ways.end() ? 6 : static_cast<std::size_t>(way->code_length);
  usecase::CheckRequest request;
  request.transaction = row.state.id;
  request.code = SecretString(code_in(typed, digits));
  if (factor)
    request.factor = proves;
  else
    request.verification = verification;
  auto answer = usecase::check(tx, site.api.context, caller, request, moment);
  if (answer && std::holds_alternative<usecase::AskProvider>(*answer)) {
    Done done;
    done.outcome = {"checking", std::nullopt, way_id, "", false};
    done.after.ask = std::get<usecase::AskProvider>(*std::move(answer));
    return done;
  }
  const usecase::Answer<usecase::Approved> approved =
      answer ? usecase::Answer<usecase::Approved>(std::get<usecase::Approved>(*answer)) : fail(answer.error());
  Done done{outcome_of(approved, way_id, factor.has_value(), empty, moment.now), {}};
  done.outcome.keeps = done.outcome.note == "length" && !kept_code(typed, digits).empty();
  done.after.announced = approved.has_value();
  return done;
}

Done deny(store::Tx& tx, const Site& site, const Visit&, const store::TransactionRow& row, const http::Form&,
          const usecase::Caller& caller, Moment& moment) {
  Done done;
  done.outcome.note = kEnded;
  // Where it ended in another way before, the page shows which.
  done.after.announced = usecase::deny(tx, site.api.context, caller, row.state.id, moment).has_value();
  return done;
}

Done decide(store::Tx& tx, const Site& site, const Visit& visit, const store::TransactionRow& row,
            const http::Form& form, const usecase::Caller& caller, Moment& moment) {
  const auto& held = row.state;
  const auto binding = BindingId::parse(field(form, "binding"));
  const std::string keep = field(form, "keep");
  const auto history = usecase::load_history(tx, site.api.context, held.account, held.subject, held.service);
  const bool known = binding && (keep == "yes" || keep == "no");
  // The operation has a page of its own, which leads back here when it is over.
  const std::string back = site.api.context.settings.public_url + page_url(visit);
  const auto view = usecase::view_for_person(tx, site.api.context, row, moment.now);
  const usecase::AdditionPage page{back, std::string(language_for(site, visit, view).tag())};
  const auto decision =
      known ? usecase::begin_decision(tx, site.api.context, caller, history, *binding, keep == "yes", page, moment)
            : usecase::Answer<usecase::Addition>(usecase::refuse(Code::kNotStopped));
  Done done;
  if (decision) {
    done.outcome.go = decision->id.text() + "." + decision->secret.expose();
    return done;
  }
  done.outcome = refused(decision.error(), "", moment.now);
  if (decision.error().code != Code::kRateLimited) done.outcome.note = "stopped_gone";
  return done;
}

Done enrol(store::Tx& tx, const Site& site, const Visit& visit, const store::TransactionRow& row, const http::Form&,
           const usecase::Caller& caller, Moment& moment) {
  const auto view = usecase::view_for_person(tx, site.api.context, row, moment.now);
  if (view.may_add) return begin_addition(tx, site, visit, view, row, caller, moment);
  if (!may_enrol_from(site, visit, view)) return {{"enrol_not", std::nullopt, "", "", false}, {}};
  const auto enrolment = usecase::enrol_here(tx, site.api.context, caller, row, moment);
  if (!enrolment) return {refused(enrolment.error(), "", moment.now), {}};
  Done done;
  done.outcome.enrol = enrolment->id.text();
  return done;
}

Done confirm(store::Tx& tx, const Site& site, const Visit& visit, const store::TransactionRow& row,
             const http::Form& form, const usecase::Caller& caller, Moment& moment) {
  const auto factor = site.sessions.check_enrolment_token(field(form, "enrol"), visit.id, visit.browser);
  if (!factor) return {{"stale", std::nullopt, "enrol", "", false}, {}};
  const auto view = usecase::view_for_person(tx, site.api.context, row, moment.now);
  if (!may_enrol_from(site, visit, view)) return {{"enrol_not", std::nullopt, "", "", false}, {}};
  const std::string typed = field(form, "code");
  const auto confirmed = usecase::confirm_here(tx, site.api.context, caller, row, *factor, field(form, "name"),
                                               SecretString(code_in(typed, 6)), moment);
  Done done;
  if (confirmed) {
    const bool use_now = view.enrol_counts;
    const bool held = view.status == domain::TransactionStatus::kHeld;
    done.outcome.note = held && use_now ? "enrolled_use" : "enrolled";
    if (held && use_now) done.outcome.way = factor->text();
    return done;
  }
  const Problem& problem = confirmed.error();
  done.outcome = refused(problem, "", moment.now);
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
  const bool same_page = !done.outcome.enrol.empty();
  done.outcome.keeps = same_page && (!field(form, "name").empty() || !kept_code(typed, 6).empty());
  return done;
}

}  // namespace countersign::api::pages
