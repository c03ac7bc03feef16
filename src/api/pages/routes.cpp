#include <algorithm>
#include <memory>

#include "api/client.h"
#include "api/json_writer.h"
#include "api/page_headers.h"
#include "api/pages/actions.h"
#include "api/pages/answer.h"
#include "api/pages/brand_files.h"
#include "api/pages/forms.h"
#include "api/pages/methods_page.h"
#include "api/pages/passkey_actions.h"
#include "api/pages/show_page.h"
#include "api/problem.h"
#include "api/run.h"
#include "api/template_files.h"
#include "base/check.h"
#include "usecase/idempotency.h"
#include "usecase/verification/allowance.h"

namespace countersign::api::pages {

namespace {

using Posted = std::optional<FormResult>;  // Nothing: the link is not valid.

int status_of(const store::StoreError& error) {
  using enum store::StoreError::Code;
  const bool bug =
      error.code == kFailed || error.code == kCorrupt || error.code == kUnreadable || error.code == kSchema;
  return bug ? 500 : 503;
}

/// Reads, and sends the result of `render`.
template <class Render>
void with_look_at(const SharedSite& site, Visit visit, http::Reply reply, Render render) {
  auto shared = std::make_shared<const Visit>(std::move(visit));
  run_on_snapshot(
      site->api, std::move(reply), [site, shared](store::Tx& tx) { return look(tx, *site, *shared); },
      [site, shared, render](const Result<std::optional<Seen>, store::StoreError>& seen, http::Reply to) {
        if (!seen) return to.send(unavailable(*site, shared->request, status_of(seen.error())));
        if (!*seen) return to.send(unavailable(*site, shared->request, 404));
        try {
          to.send(render(*site, *shared, **seen));
        } catch (const std::exception&) {
          to.send(broken(*site, *shared, (*seen)->view));
          throw;  // For the log.
        }
      });
}

/// A GET only reads. [WEB-6]
template <class Render>
void with_look(const SharedSite& site, const http::Request& request, http::Reply reply, Render render) {
  auto visit = visit_of(*site, request);
  if (!visit) return reply.send(unavailable(*site, request, 404));
  reply.say_object(visit->id.text());
  with_look_at(site, *std::move(visit), std::move(reply), std::move(render));
}

http::Response state_json(const Site&, const Visit&, const Seen& seen) {
  JsonWriter json;
  json.open_object().member("state", state_word(seen.view)).member("revision", revision_of(seen.view));
  return {200, "application/json", json.close_object().take(), {{"Cross-Origin-Resource-Policy", "same-origin"}}};
}

}  // namespace

void show_by_link(const SharedSite& site, const http::Request& request, http::Reply reply,
                  http::Response (*render)(const Site&, const Visit&, const Seen&)) {
  with_look(site, request, std::move(reply), render);
}

void open_by_link(const SharedSite& site, const http::Request& request, http::Reply reply,
                  http::Response (*render)(const Site&, const Visit&, const std::optional<Seen>&)) {
  auto visit = visit_of(*site, request);
  if (!visit) return reply.send(unavailable(*site, request, 404));
  reply.say_object(visit->id.text());
  auto shared = std::make_shared<const Visit>(*std::move(visit));
  run_on_snapshot(
      site->api, std::move(reply), [site, shared](store::Tx& tx) { return look(tx, *site, *shared); },
      [site, shared, render](const Result<std::optional<Seen>, store::StoreError>& seen) {
        if (!seen) return unavailable(*site, shared->request, status_of(seen.error()));
        return render(*site, *shared, *seen);
      });
}

http::Response answer_post(const Site& site, const Visit& visit, const Outcome& outcome) {
  const std::string enrol =
      outcome.enrol.empty() ? ""
                            : site.sessions.enrolment_token(*FactorId::parse(outcome.enrol), visit.id, visit.browser);
  // A browser that refuses cookies would not store a note in one, so the URL says that the form came without.
  const std::string_view cookies = visit.browser.is_new ? "none" : "";
  std::string where = page_url(visit, "", {{"way", outcome.way}, {"enrol", enrol}, {"cookies", cookies}});
  if (!outcome.go.empty()) {
    const Visit other{{}, outcome.go, {}, {}, {}, {}, {}, visit.lang};
    where = page_url(other);  // An operation's, also from the page of methods.
  }
  http::Response response = see_other(site, std::move(where));
  response.code = outcome.note;
  site.sessions.remember(visit.browser, response);
  site.sessions.set_note(visit.id, {outcome.note, outcome.until}, response);
  if (visit.shown_at) site.sessions.set_shown(visit.id, visit.browser, *visit.shown_at, response);
  if (!outcome.asked.empty()) site.sessions.set_asked(visit.request, visit.id, visit.browser, outcome.asked, response);
  if (outcome.proved) site.sessions.set_proved(visit.id, visit.browser, site.api.clock.now(), response);
  return response;
}

http::Response answer_failed_post(const Site& site, const Visit& visit, const store::StoreError& error) {
  if (status_of(error) == 500) return unavailable(site, visit.request, 500);
  return answer_post(site, visit, {"lost", std::nullopt, visit.way, "", false});
}

std::optional<store::TransactionRow> row_of(store::Tx& tx, const Site& site, const Visit& visit) {
  if (visit.approval) return usecase::open_prompt_page(tx, site.api.context, visit.id, visit.secret.expose());
  auto row = usecase::open_link(tx, site.api.context, visit.id, visit.secret.expose());
  if (row && !visit.any && (row->state.purpose == domain::Purpose::kShowMethods) != visit.methods) return std::nullopt;
  return row;
}

namespace {

bool is_form(std::string_view content_type) {
  constexpr std::string_view kForm = "application/x-www-form-urlencoded";
  return content_type.substr(0, content_type.find(';')) == kForm;
}

/// Answers the form directly with the page and the input, which must not go into a URL or a cookie. The script then
/// sets the page's own address; without it, a reload posts the same form, which has no effect the second time.
void answer_with_typed(const SharedSite& site, const Submission& submission, const Outcome& outcome,
                       http::Reply reply) {
  Visit visit = *visit_of(*site, submission.visit->request);
  visit.way = outcome.way;
  visit.shown_at = submission.visit->shown_at;
  if (!outcome.enrol.empty())
    visit.enrol = site->sessions.enrolment_token(*FactorId::parse(outcome.enrol), visit.id, visit.browser);
  visit.said = Note{outcome.note, outcome.until};
  visit.typed_code = SecretString(std::string(submission.form.value("code").value_or("")));
  visit.typed_name = submission.form.value("name").value_or("");
  with_look_at(site, std::move(visit), std::move(reply), [](const Site& s, const Visit& there, const Seen& seen) {
    http::Response response = show_page(s, there, seen);
    response.code = there.said->word;
    if (there.shown_at) s.sessions.set_shown(there.id, there.browser, *there.shown_at, response);
    return response;
  });
}

Submission submission_of(const Site& site, const std::shared_ptr<Visit>& visit) {
  const http::Request& request = visit->request;
  Submission submission{visit, {}, "", {}};
  auto form = is_form(request.header("content-type").value_or("")) ? http::parse_form(request.body) : std::nullopt;
  const bool is_read = form.has_value();
  if (is_read) submission.form = *std::move(form);
  // A form sent from another site is rejected, whatever its token. [WEB-5]
  const bool good = is_read && !says_another_site(request) && !visit->browser.is_new && submission.form.count("t") == 1;
  if (good) {
    const WallTime now = site.api.clock.now();
    const std::string given(*submission.form.value("t"));
    if (auto token = site.sessions.check_form_token(given, visit->id, visit->browser, now)) {
      submission.nonce = std::move(token->nonce);
      const auto before = site.sessions.shown_at(request, visit->id, visit->browser);
      visit->shown_at = std::min(token->made_at, before.value_or(token->made_at));
    }
  }
  submission.caller = {AccountId{}, "person", request.id, client_of(request, site.api.trusted_proxies)};
  if (visit->shown_at) submission.caller.shown_for = site.api.clock.now() - *visit->shown_at;
  return submission;
}

/// Identifies the submission: the same form with the same content counts once, however often it arrives.
usecase::IdempotencyKey key_of(const Submission& submission, std::string_view action) {
  std::string content;
  for (const auto& [name, value] : submission.form.fields) {
    content += std::to_string(name.size()) + ':' + name + std::to_string(value.size()) + ':' + value;
  }
  return {submission.nonce + content, "page " + std::string(action) + ' ' + submission.visit->id.text(), ""};
}

}  // namespace

Posted perform(store::Tx& tx, const Site& site, const Submission& submission, Perform action, std::string_view name) {
  const Visit& visit = *submission.visit;
  const auto row = row_of(tx, site, visit);
  if (!row) return std::nullopt;
  if (submission.nonce.empty()) {
    FormResult stale;
    stale.outcome.note = "stale";
    stale.outcome.way = submission.form.value("way").value_or("");
    return stale;
  }
  usecase::Caller caller = submission.caller;
  caller.account = row->state.account;
  Moment moment = site.api.moment(tx, caller.account);
  Afterwards after;
  const usecase::Work work{tx, site.api.context, caller, moment};
  const auto recorded =
      usecase::idempotent(work, key_of(submission, name), [&]() -> usecase::Answer<usecase::Recorded> {
        if (auto counted = usecase::count_form(work, visit.id); !counted) return fail(counted.error());
        FormResult done = action(work, site, visit, *row, submission.form);
        after = std::move(done.after);
        return usecase::Recorded{303, done.outcome.text()};
      });
  if (!recorded) {
    const usecase::Answer<usecase::Approved> refused = fail(recorded.error());
    const std::string way(submission.form.value("way").value_or(""));
    return FormResult{outcome_of(refused, way, std::nullopt, false, moment.now), {}, caller.account};
  }
  work_off(work);
  return FormResult{Outcome::parse(recorded->body), std::move(after), caller.account};
}

namespace {

/// The second half of a check that a provider judges.
void ask(const SharedSite& site, const Submission& submission, const usecase::AskProvider& asked, const Outcome& before,
         AccountId account, http::Reply reply) {
  reply.say_account(account.text());
  usecase::Caller caller = submission.caller;
  caller.account = account;
  ask_provider(
      site->api, std::move(caller), asked, std::move(reply),
      [asked](const usecase::Work& work, const ProviderVerdict& verdict) {
        return usecase::conclude_check(work, asked, verdict);
      },
      [site, before,
       visit = submission.visit](const Result<usecase::Answer<usecase::Approved>, store::StoreError>& result) {
        if (!result) return unavailable(*site, visit->request, status_of(result.error()));
        if (*result) site->api.courier.nudge();
        return answer_post(*site, *visit, outcome_of(*result, before.way, std::nullopt, false, site->api.clock.now()));
      });
}

}  // namespace

SharedSubmission received(const SharedSite& site, const http::Request& request, http::Reply& reply) {
  auto visit = visit_of(*site, request);
  if (!visit) {
    reply.send(unavailable(*site, request, 404));
    return nullptr;
  }
  reply.say_object(visit->id.text());
  return std::make_shared<const Submission>(submission_of(*site, std::make_shared<Visit>(*std::move(visit))));
}

namespace {

template <class Act>
void post(const SharedSite& site, const SharedSubmission& submission, http::Reply reply, Act action,
          std::string_view name) {
  run(
      site->api, std::move(reply),
      [site, submission, action, name](store::Tx& tx) { return perform(tx, *site, *submission, action, name); },
      [site, submission](Result<Posted, store::StoreError> result, http::Reply to) {
        const Visit& there = *submission->visit;
        if (!result) return to.send(answer_failed_post(*site, there, result.error()));
        if (!*result) return to.send(unavailable(*site, there.request, 404));
        FormResult done = **std::move(result);
        auto& courier = site->api.courier;
        if (done.after.message) courier.deliver(*std::move(done.after.message));
        if (done.after.announced) courier.nudge();
        site->api.nudge(done.account);
        if (done.after.ask) return ask(site, *submission, *done.after.ask, done.outcome, done.account, std::move(to));
        if (done.account != AccountId{}) to.say_account(done.account.text());
        if (done.outcome.keeps) return answer_with_typed(site, *submission, done.outcome, std::move(to));
        to.send(answer_post(*site, there, done.outcome));
      });
}

}  // namespace

void add_reload(http::Router& router, const SharedSite& site, const std::string& path, std::string_view metric) {
  router.add(http::Method::kGet, path, metric, [site](const http::Request& request, http::Reply reply) {
    const auto visit = visit_of(*site, request);
    if (!visit) return reply.send(unavailable(*site, request, 404));
    reply.send(see_other(*site, page_url(*visit)));
  });
}

void add_action(http::Router& router, const SharedSite& site, std::string_view base, std::string_view name,
                std::string_view metric, Action action) {
  const std::string path = std::string(base) + "{link}/" + std::string(name);
  router.add(http::Method::kPost, path, metric, [site, action, name](const http::Request& request, http::Reply reply) {
    if (const auto submission = received(site, request, reply)) post(site, submission, std::move(reply), action, name);
  });
  add_reload(router, site, path, metric);
}

namespace {

/// Options for the browser's dialog, or 409 and a note for the page, which the script loads again. Not remembered under
/// the form's token: each press asks for a challenge of its own.
http::Response challenge_response(const Site& site, const Visit& visit,
                                  const Result<Challenged, store::StoreError>& result) {
  if (!result) return problem_response(result.error());
  if (!*result) return problem_response(404, "not_found", "this link is not valid");
  const auto& [options, refusal] = **result;
  if (!options.empty()) return {200, "application/json", options, {{"Cross-Origin-Resource-Policy", "same-origin"}}};
  http::Response response{409, "application/json", "{}", {{"Cross-Origin-Resource-Policy", "same-origin"}}};
  response.code = refusal.note;
  site.sessions.remember(visit.browser, response);
  site.sessions.set_note(visit.id, {refusal.note, refusal.until}, response);
  return response;
}

void send_challenge(const SharedSite& site, const http::Request& request, http::Reply reply) {
  const auto submission = received(site, request, reply);
  if (!submission) return;
  run(
      site->api, std::move(reply),
      [site, submission](store::Tx& tx) -> Challenged {
        const Visit& visit = *submission->visit;
        const auto row = row_of(tx, *site, visit);
        if (!row) return std::nullopt;
        if (submission->nonce.empty()) return Challenge{"", {"stale", std::nullopt, "", "", false}};
        usecase::Caller caller = submission->caller;
        caller.account = row->state.account;
        Moment moment = site->api.moment(tx, caller.account);
        return give_challenge({tx, site->api.context, caller, moment}, visit.id);
      },
      [site, submission](const Result<Challenged, store::StoreError>& result) {
        return challenge_response(*site, *submission->visit, result);
      });
}

void post_judged(const SharedSite& site, const SharedSubmission& submission,
                 const std::shared_ptr<const PasskeyAnswer>& answer, usecase::JudgedAssertion judged,
                 http::Reply reply) {
  post(
      site, submission, std::move(reply),
      [answer, judged = std::move(judged)](const usecase::Work& work, const Site&, const Visit&,
                                           const store::TransactionRow& row,
                                           const http::Form&) { return check_passkey(work, row, *answer, judged); },
      "passkey");
}

/// A passkey's answer: its signature is verified here, by what this node remembers of its challenge, or else reads on a
/// snapshot, before the unit that stores it. Without scripts the form comes without one.
void post_passkey(const SharedSite& site, const http::Request& request, http::Reply reply) {
  const auto submission = received(site, request, reply);
  if (!submission) return;
  const auto answer = std::make_shared<const PasskeyAnswer>(read_passkey_answer(submission->form));
  const usecase::Context& context = site->api.context;
  if (!submission->nonce.empty() && answer->response) {
    auto judged = usecase::judge_assertion(context.passkey_keys,
                                           usecase::remembered_passkey(context, std::nullopt, submission->visit->id,
                                                                       answer->response->id, site->api.clock.now()),
                                           answer->response);
    if (!judged.salt.empty()) return post_judged(site, submission, answer, std::move(judged), std::move(reply));
  }
  using Seen = std::optional<usecase::SeenPasskey>;
  run_on_snapshot(
      site->api, std::move(reply),
      [site, submission, answer](store::Tx& tx) -> Seen {
        const Visit& visit = *submission->visit;
        if (submission->nonce.empty() || !answer->response) return std::nullopt;
        const auto row = row_of(tx, *site, visit);
        if (!row) return std::nullopt;
        usecase::Caller caller = submission->caller;
        caller.account = row->state.account;
        Moment moment = site->api.moment(tx, caller.account);
        return usecase::look_for_passkey({tx, site->api.context, caller, moment}, visit.id, answer->response->id);
      },
      [site, submission, answer](const Result<Seen, store::StoreError>& seen, http::Reply to) {
        if (!seen) return to.send(unavailable(*site, submission->visit->request, status_of(seen.error())));
        post_judged(site, submission, answer,
                    usecase::judge_assertion(site->api.context.passkey_keys, *seen, answer->response), std::move(to));
      });
}

/// The new recovery codes as a file. A form, because a link would be in the browser's history; it changes nothing.
void send_codes_file(const SharedSite& site, const http::Request& request, http::Reply reply) {
  auto visit = visit_of(*site, request);
  if (!visit) return reply.send(unavailable(*site, request, 404));
  reply.say_object(visit->id.text());
  const Submission submission = submission_of(*site, std::make_shared<Visit>(*visit));
  if (submission.nonce.empty()) return reply.send(answer_post(*site, *visit, {"stale", std::nullopt, "", "", false}));
  visit->enrol = submission.form.value("enrol").value_or("");
  with_look_at(site, *std::move(visit), std::move(reply),
               [](const Site& s, const Visit& there, const Seen& seen) { return codes_file(s, there, seen); });
}

SharedSite make_site(const Api& api, PageSettings settings) {
  const html::Catalogue& catalogue = html::built_in_catalogue();
  auto templates =
      html::Templates::parse(settings.templates.empty() ? template_files() : settings.templates, catalogue);
  CS_CHECK(templates.has_value());
  const std::string& url = api.context.settings.public_url;
  const bool https = url.starts_with("https://");
  const auto host = url.find("://");
  return std::make_shared<const Site>(Site{api, std::move(settings), catalogue, *std::move(templates),
                                           Sessions(api.context.vault.digester(), https),
                                           host == std::string::npos ? url : url.substr(host + 3), https});
}

}  // namespace

}  // namespace countersign::api::pages

namespace countersign::api {

std::span<const EmbeddedFile> page_templates() { return pages::template_files(); }

void add_page_routes(http::Router& router, const Api& api, PageSettings settings) {
  using namespace pages;
  const SharedSite site = make_site(api, std::move(settings));
  router.add(http::Method::kGet, "/verify/{link}", "page", [site](const http::Request& request, http::Reply reply) {
    with_look(site, request, std::move(reply),
              [](const Site& s, const Visit& visit, const Seen& seen) { return show_page(s, visit, seen); });
  });
  router.add(http::Method::kGet, "/verify/{link}/state", "page_state",
             [site](const http::Request& request, http::Reply reply) {
               with_look(site, request, std::move(reply), state_json);
             });
  add_action(router, site, "/verify/", "send", "page_send", send_code);
  add_action(router, site, "/verify/", "check", "page_check", check_code);
  add_action(router, site, "/verify/", "deny", "page_deny", deny);
  add_action(router, site, "/verify/", "decide", "page_decide", decide);
  add_action(router, site, "/verify/", "enrol", "page_enrol", enrol);
  add_action(router, site, "/verify/", "confirm", "page_confirm", confirm);
  router.add(
      http::Method::kPost, "/verify/{link}/challenge", "page_challenge",
      [site](const http::Request& request, http::Reply reply) { send_challenge(site, request, std::move(reply)); });
  add_reload(router, site, "/verify/{link}/challenge", "page_challenge");
  router.add(
      http::Method::kPost, "/verify/{link}/passkey", "page_passkey",
      [site](const http::Request& request, http::Reply reply) { post_passkey(site, request, std::move(reply)); });
  add_reload(router, site, "/verify/{link}/passkey", "page_passkey");
  router.add(
      http::Method::kPost, "/verify/{link}/codes", "page_codes",
      [site](const http::Request& request, http::Reply reply) { send_codes_file(site, request, std::move(reply)); });
  add_reload(router, site, "/verify/{link}/codes", "page_codes");
  router.add(http::Method::kGet, "/verify/{rest*}", "page_unknown",
             [site](const http::Request& request, http::Reply reply) { reply.send(unavailable(*site, request, 404)); });
  add_passkey_enrolment_routes(router, site);
  add_device_enrolment_routes(router, site);
  add_approval_routes(router, site);
  router.add(http::Method::kGet, "/methods/{link}", "page_methods",
             [site](const http::Request& request, http::Reply reply) {
               with_look(site, request, std::move(reply),
                         [](const Site& s, const Visit& visit, const Seen& seen) { return show_page(s, visit, seen); });
             });
  add_methods_routes(router, site);
  router.add(http::Method::kGet, "/methods/{rest*}", "page_unknown",
             [site](const http::Request& request, http::Reply reply) { reply.send(unavailable(*site, request, 404)); });
  add_brand_routes(router, site);
}

}  // namespace countersign::api
