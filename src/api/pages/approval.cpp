#include <memory>

#include "api/client.h"
#include "api/json_writer.h"
#include "api/page_headers.h"
#include "api/pages/answer.h"
#include "api/pages/brand_files.h"
#include "api/pages/forms.h"
#include "api/pages/push_page.h"
#include "api/problem.h"
#include "api/run.h"
#include "assets/assets.h"
#include "base/encoding.h"
#include "base/number.h"
#include "usecase/push/answer.h"

// What a notification opens, and what a device needs beside it: the worker that shows notifications, the way to renew a
// subscription, and the manifest by which the page goes to the home screen.
namespace countersign::api::pages {

namespace {

usecase::DeviceAnswer read_device_answer(const Visit& visit, const http::Form& form) {
  const auto bytes = [&](std::string_view name) { return from_base64url(form.value(name).value_or("")).value_or(""); };
  usecase::DeviceAnswer answer;
  answer.prompt = visit.secret.expose();
  answer.challenge = bytes("challenge");
  answer.public_key = bytes("public_key");
  answer.signature = bytes("signature");
  if (form.value("denied").value_or("").empty())
    answer.number = SecretString(std::string(form.value("number").value_or("")));
  return answer;
}

FormResult answer_prompt(const usecase::Work& work, const store::TransactionRow& row,
                         const usecase::DeviceAnswer& answer, bool genuine) {
  FormResult done;
  if (answer.signature.empty()) {  // Without the script nothing is signed.
    done.outcome.note = "push_unsigned";
    return done;
  }
  const bool denies = !answer.number;
  const auto given = denies ? usecase::deny_on_device(work, row.state.id, answer, genuine)
                            : usecase::approve_on_device(work, row.state.id, answer, genuine);
  if (given) {
    done.outcome.note = denies ? "push_denied" : "push_approved";
    done.after.announced = true;
    return done;
  }
  using enum usecase::Code;
  done.outcome = refused(given.error(), "", work.moment.now);
  switch (given.error().code) {
    case kWrongCode:
      done.outcome.note = "push_number";
      break;
    case kWrongResponse:
      done.outcome.note = "push_refused";
      break;
    case kLocked:
      done.outcome.note = "push_locked";
      break;
    default:
      break;
  }
  return done;
}

void receive_answer(const SharedSite& site, const http::Request& request, http::Reply reply) {
  const auto submission = received(site, request, reply);
  if (!submission) return;
  const auto answer =
      std::make_shared<const usecase::DeviceAnswer>(read_device_answer(*submission->visit, submission->form));
  const bool genuine = !answer->signature.empty() && usecase::is_genuine(*answer);
  run(
      site->api, std::move(reply),
      [site, submission, answer, genuine](store::Tx& tx) {
        return perform(
            tx, *site, *submission,
            [&](const usecase::Work& work, const Site&, const Visit&, const store::TransactionRow& held,
                const http::Form&) { return answer_prompt(work, held, *answer, genuine); },
            "answer");
      },
      [site, submission](const Result<std::optional<FormResult>, store::StoreError>& result, http::Reply to) {
        finish_post(site, *submission, result, std::move(to));
      });
}

/// Says nothing of whose device it is. At 404 the browser forgets its key, so that is for devices that are none.
http::Response renewed(int status) { return {status, "", "", {{"Cross-Origin-Resource-Policy", "same-origin"}}}; }

int renewal_status(const usecase::Answer<usecase::FactorView>& renewal) {
  if (renewal) return 204;
  if (renewal.error().code == usecase::Code::kNotFound) return 404;
  return renewal.error().code == usecase::Code::kRateLimited ? 429 : 409;
}

/// A browser renewed its subscription: its key says which device it is, and nobody else can sign with it.
void receive_renewal(const SharedSite& site, const http::Request& request, http::Reply reply) {
  const auto form = http::parse_form(request.body);
  if (!form || says_another_site(request)) return reply.send(renewed(400));
  const auto answer = std::make_shared<const usecase::PushAnswer>(read_device_form(*form));
  const auto factor = FactorId::parse(form->value("factor").value_or(""));
  const auto signed_at = parse_number<std::int64_t>(form->value("signed_at").value_or(""));
  if (!factor || !signed_at || !usecase::is_own_renewal(*answer, *factor, *signed_at)) return reply.send(renewed(400));
  const usecase::Caller caller{AccountId{}, "person", request.id, client_of(request, site->api.trusted_proxies)};
  using Found = std::optional<usecase::KnownDevice>;
  // A stranger's key costs a read, and nothing is written for it.
  run_on_snapshot(
      site->api, std::move(reply),
      [site, answer](store::Tx& tx) -> Found {
        return usecase::find_device(tx, site->api.context, answer->public_key);
      },
      [site, answer, caller, id = *factor, at = *signed_at](const Result<Found, store::StoreError>& found,
                                                            http::Reply to) {
        if (!found) return to.send(problem_response(found.error()));
        if (!*found || (*found)->factor != id) return to.send(renewed(404));
        run(
            site->api, std::move(to),
            [site, answer, caller, at, known = **found](store::Tx& tx) {
              usecase::Caller own = caller;
              own.account = known.account;
              Moment moment = site->api.moment(tx, known.account);
              const usecase::Work work{tx, site->api.context, own, moment};
              return usecase::renew_subscription(work, known.identity, known.factor, *answer, at);
            },
            [](const Result<usecase::Answer<usecase::FactorView>, store::StoreError>& done, http::Reply again) {
              if (!done) return again.send(problem_response(done.error()));
              again.send(renewed(renewal_status(*done)));
            });
      });
}

/// Shows notifications, and nothing else: it has no handler for fetches, so it can neither keep nor change a page. Its
/// own policy lets it ask this server alone.
http::Response worker_script() {
  const auto* script = assets::find(assets::url("push_worker.js").substr(std::string_view("/assets/").size()));
  return {200,
          std::string(script->content_type),
          std::string(script->plain),
          {{"Cache-Control", "no-cache"},
           {"Content-Security-Policy", "default-src 'none'; connect-src 'self'"},
           {"Cross-Origin-Resource-Policy", "same-origin"}}};
}

http::Response server_key(const Site& site) {
  const auto& push = site.api.context.settings.push;
  if (!push) return renewed(404);
  return {200,
          "application/json",
          JsonWriter().open_object().member("server_key", to_base64url(push->keys->point())).close_object().take(),
          {{"Cross-Origin-Resource-Policy", "same-origin"}}};
}

/// For the home screen: what is added there opens the page from which it was added.
http::Response manifest_of(const Site& site, const Visit& visit, const Seen& seen) {
  const auto& brand = site.brand(seen.view.service);
  const std::string logo = seen.view.service == nullptr ? "" : logo_url(seen.view.service->id, brand);
  std::string start = "/approve/open/" + visit.link;
  char separator = '?';
  for (const std::string_view name : {"k", "way"}) {
    const auto value = visit.request.query_value(name);
    if (!value) continue;
    start.append(1, separator).append(name).append("=").append(percent_encode(*value));
    separator = '&';
  }
  JsonWriter json;
  json.open_object().member("id", usecase::kHostedPushPage).member("name", brand.name);
  json.member("short_name", brand.name).member("start_url", start).member("scope", "/");
  json.member("display", "standalone").key("icons").open_array().open_object();
  json.member("src", logo.empty() ? assets::url("icon.svg") : logo).member("sizes", "any");
  json.member("type", logo.empty() ? "image/svg+xml" : brand.logo.content_type).close_object().close_array();
  return {
      200, "application/manifest+json", json.close_object().take(), {{"Cross-Origin-Resource-Policy", "same-origin"}}};
}

/// From the home screen, to the page from which it was added; where that is over, to what can be said without it.
http::Response open_from_home(const Site& site, const Visit& opened, const std::optional<Seen>& seen) {
  if (!seen) return see_other(site, std::string(usecase::kHostedPushPage));
  Visit visit = opened;
  visit.methods = seen->methods.has_value();
  http::Response response = see_other(site, page_url(visit, "", {{"way", visit.way}}));
  site.sessions.remember(visit.browser, response);
  const std::string token = opened.request.query_value("k").value_or("");
  if (site.sessions.check_handover(token, visit.id, site.api.clock.now()))
    site.sessions.set_proved(visit.id, visit.browser, site.api.clock.now(), response);
  return response;
}

/// What the home screen opens when nothing waits.
http::Response device_home(const Site& site, const http::Request& request) {
  const html::Language& language = language_for(site, request);
  const ServiceId* service = site.only_service();
  const Brand& brand = service == nullptr ? site.brand(nullptr) : site.settings.brands.at(*service);
  html::Object values = frame_values(site, language, brand, service, site.api.clock.now());
  values.insert_or_assign("page", "approve_home");
  values.insert_or_assign("page_title", language.text("approve.home_title"));
  values.insert_or_assign("push_script", assets::url("push.js"));
  values.insert_or_assign("back_url", "");
  values.insert_or_assign("languages", links_to_other_languages(site, language));
  http::Response response = html_response(site, 200, site.templates.render("approve_home", values, language));
  allow_worker(response);
  return response;
}

http::Response approval_json(const Site&, const Visit&, const Seen& seen) {
  JsonWriter json;
  json.open_object().member("state", approval_state(seen)).member("revision", approval_revision(seen));
  return {200, "application/json", json.close_object().take(), {{"Cross-Origin-Resource-Policy", "same-origin"}}};
}

}  // namespace

void add_approval_routes(http::Router& router, const SharedSite& site) {
  using http::Method;
  const auto get = [&](std::string_view path, std::string_view metric,
                       http::Response (*render)(const Site&, const Visit&, const Seen&)) {
    router.add(Method::kGet, path, metric, [site, render](const http::Request& request, http::Reply reply) {
      show_by_link(site, request, std::move(reply), render);
    });
  };
  get("/approve/{link}", "page_approve", show_page);
  get("/approve/{link}/state", "page_approve_state", approval_json);
  get("/approve/manifest/{link}", "page_manifest", manifest_of);
  router.add(
      Method::kPost, "/approve/{link}/answer", "page_answer",
      [site](const http::Request& request, http::Reply reply) { receive_answer(site, request, std::move(reply)); });
  add_reload(router, site, "/approve/{link}/answer", "page_answer");
  router.add(Method::kPost, "/approve/renew", "page_renew", [site](const http::Request& request, http::Reply reply) {
    receive_renewal(site, request, std::move(reply));
  });
  router.add(Method::kGet, "/approve/key", "page_push_key",
             [site](const http::Request&, http::Reply reply) { reply.send(server_key(*site)); });
  router.add(Method::kGet, "/approve/worker.js", "page_worker",
             [](const http::Request&, http::Reply reply) { reply.send(worker_script()); });
  router.add(Method::kGet, "/approve/open/{link}", "page_open",
             [site](const http::Request& request, http::Reply reply) {
               open_by_link(site, request, std::move(reply), open_from_home);
             });
  router.add(Method::kGet, std::string(usecase::kHostedPushPage), "page_approve_home",
             [site](const http::Request& request, http::Reply reply) { reply.send(device_home(*site, request)); });
  router.add(Method::kGet, "/approve/{rest*}", "page_unknown",
             [site](const http::Request& request, http::Reply reply) { reply.send(unavailable(*site, request, 404)); });
}

}  // namespace countersign::api::pages
