#include <memory>

#include "api/json_writer.h"
#include "api/pages/answer.h"
#include "api/pages/forms.h"
#include "api/problem.h"
#include "api/run.h"
#include "base/encoding.h"
#include "usecase/push/on_page.h"
#include "usecase/subject/enrol_on_page.h"
#include "usecase/verification/allowance.h"

// This browser becomes a device: the operation's page asks it to subscribe, and to sign with a key of its own.
namespace countersign::api::pages {

namespace {

using Subscribed = usecase::Answer<store::PushSubscription>;

http::Response device_json(int status, std::string body) {
  return {status, "application/json", std::move(body), {{"Cross-Origin-Resource-Policy", "same-origin"}}};
}

/// What the browser is to sign, or why not: `stale`, `not_here`, `busy`.
std::pair<int, std::string> device_options(store::Tx& tx, const Site& site, const Submission& submission) {
  const auto refuse = [](std::string_view word, int status) {
    return std::pair(status, JsonWriter().open_object().member("refused", word).close_object().take());
  };
  const Visit& visit = *submission.visit;
  const auto row = row_of(tx, site, visit);
  if (!row) return refuse("not_here", 404);
  if (submission.nonce.empty()) return refuse("stale", 409);
  usecase::Caller caller = submission.caller;
  caller.account = row->state.account;
  Moment moment = site.api.moment(tx, caller.account);
  const usecase::Work work{tx, site.api.context, caller, moment};
  const auto view = usecase::view_for_person(tx, site.api.context, *row, moment.now);
  if (!may_enrol_from(site, visit, view)) return refuse("not_here", 409);
  if (!usecase::count_form(work, visit.id)) return refuse("busy", 429);
  const auto made = usecase::enrol_device_here(work, *row);
  if (!made) return refuse("not_here", made.error().code == usecase::Code::kRateLimited ? 429 : 409);
  JsonWriter json;
  json.open_object().member("factor", made->id).member("server_key", made->server_key);
  return {200, json.member("challenge", to_base64url(made->challenge)).close_object().take()};
}

void send_device_options(const SharedSite& site, const http::Request& request, http::Reply reply) {
  const auto submission = received(site, request, reply);
  if (!submission) return;
  run(
      site->api, std::move(reply), [site, submission](store::Tx& tx) { return device_options(tx, *site, *submission); },
      [](const Result<std::pair<int, std::string>, store::StoreError>& made, http::Reply to) {
        if (!made) return to.send(problem_response(made.error()));
        to.send(device_json(made->first, made->second));
      });
}

FormResult keep_device(const usecase::Work& work, const Site& site, const Visit& visit,
                       const store::TransactionRow& row, const http::Form& form, const usecase::PushAnswer& answer,
                       const Subscribed& judged) {
  FormResult done;
  const auto view = usecase::view_for_person(work.tx, work.context, row, work.moment.now);
  if (!may_enrol_from(site, visit, view)) {
    done.outcome.note = "enrol_not";
    return done;
  }
  const auto factor = FactorId::parse(form.value("factor").value_or(""));
  if (!factor) {  // Without the script the field stays empty.
    done.outcome.note = "device_script";
    return done;
  }
  const auto kept = usecase::confirm_device_here(work, row, *factor, form.value("name").value_or(""), answer, judged);
  done.outcome.note = kept ? "device_added" : "device_wrong";
  if (!kept && kept.error().code == usecase::Code::kNotAvailableNow) done.outcome.note = "enrol_refused";
  if (!kept && kept.error().field == "name") {
    done.outcome.note = "name";
    done.outcome.keeps = true;
  }
  done.after.announced = kept.has_value();
  return done;
}

void receive_device(const SharedSite& site, const http::Request& request, http::Reply reply) {
  const auto submission = received(site, request, reply);
  if (!submission) return;
  const auto answer = std::make_shared<const usecase::PushAnswer>(read_device_form(submission->form));
  const auto& server = site->api.context.settings.push;
  // A signature is not judged on the thread that all requests share.
  const auto judged = std::make_shared<const Subscribed>(server ? usecase::judge_enrolled_device(*server, *answer)
                                                                : usecase::refuse(usecase::Code::kChannelUnavailable));
  run(
      site->api, std::move(reply),
      [site, submission, answer, judged](store::Tx& tx) {
        return perform(
            tx, *site, *submission,
            [&](const usecase::Work& work, const Site& s, const Visit& there, const store::TransactionRow& held,
                const http::Form& form) { return keep_device(work, s, there, held, form, *answer, *judged); },
            "device");
      },
      [site, submission](const Result<std::optional<FormResult>, store::StoreError>& result, http::Reply to) {
        finish_post(site, *submission, result, std::move(to));
      });
}

}  // namespace

usecase::PushAnswer read_device_form(const http::Form& form) {
  const auto bytes = [&](std::string_view name) { return from_base64url(form.value(name).value_or("")).value_or(""); };
  return {bytes("public_key"), bytes("challenge"), std::string(form.value("endpoint").value_or("")),
          bytes("p256dh"),     bytes("auth"),      bytes("signature")};
}

void finish_post(const SharedSite& site, const Submission& submission,
                 const Result<std::optional<FormResult>, store::StoreError>& result, http::Reply reply) {
  const Visit& there = *submission.visit;
  if (!result) return reply.send(answer_failed_post(*site, there, result.error()));
  if (!*result) return reply.send(unavailable(*site, there.request, 404));
  if ((*result)->after.announced) site->api.courier.nudge();
  site->api.nudge((*result)->account);
  reply.send(answer_post(*site, there, (*result)->outcome));
}

FormResult ask_devices(const usecase::Work& work, const Site&, const Visit&, const store::TransactionRow& row,
                       const http::Form& form) {
  const std::string_view own = form.value("own").value_or("");
  FormResult done;
  if (own.empty()) {  // Only the script can tell whether this browser is a device itself.
    done.outcome = {"push_script", std::nullopt, "choose", "", false};
    return done;
  }
  const auto asked = usecase::prompt_from_page(work, row, own);
  const std::string way(usecase::kPushWay);
  if (asked) {
    done.outcome.asked = asked->id;
    done.outcome.way = way;
    return done;
  }
  const auto& problem = asked.error();
  done.outcome = refused(problem, way, work.moment.now);
  if (problem.code == usecase::Code::kRateLimited) done.outcome.note = "push_quiet";
  if (problem.code == usecase::Code::kFactorUnusable) done.outcome.note = "push_own";
  // The next way, at once.
  if (!done.outcome.note.empty()) done.outcome.way = "choose";
  return done;
}

void add_device_enrolment_routes(http::Router& router, const SharedSite& site) {
  router.add(http::Method::kPost, "/verify/{link}/new-device-options", "page_new_device_options",
             [site](const http::Request& request, http::Reply reply) {
               send_device_options(site, request, std::move(reply));
             });
  router.add(
      http::Method::kPost, "/verify/{link}/new-device", "page_new_device",
      [site](const http::Request& request, http::Reply reply) { receive_device(site, request, std::move(reply)); });
  add_reload(router, site, "/verify/{link}/new-device", "page_new_device");
  add_action(router, site, "/verify/", "ask", "page_ask", ask_devices);
}

}  // namespace countersign::api::pages
