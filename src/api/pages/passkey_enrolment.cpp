#include <memory>

#include "api/client.h"
#include "api/json_writer.h"
#include "api/pages/answer.h"
#include "api/pages/forms.h"
#include "api/problem.h"
#include "api/run.h"
#include "base/encoding.h"
#include "usecase/verification/allowance.h"
#include "webauthn/client_data.h"
#include "webauthn/response_json.h"

namespace countersign::api::pages {

namespace {

using Response = Result<webauthn::RegistrationResponse, webauthn::Refusal>;

http::Response json_answer(int status, std::string body) {
  return {status, "application/json", std::move(body), {{"Cross-Origin-Resource-Policy", "same-origin"}}};
}

/// The options of one more ceremony, or why there are none: `stale`, `not_here`, `busy`.
std::pair<int, std::string> options_for(store::Tx& tx, const Site& site, const Submission& submission) {
  const auto without_options = [](std::string_view word, int status) {
    return std::pair(status, JsonWriter().open_object().member("refused", word).close_object().take());
  };
  const Visit& visit = *submission.visit;
  const auto row = row_of(tx, site, visit);
  if (!row) return without_options("not_here", 404);
  if (submission.nonce.empty()) return without_options("stale", 409);
  usecase::Caller caller = submission.caller;
  caller.account = row->state.account;
  Moment moment = site.api.moment(tx, caller.account);
  const usecase::Work work{tx, site.api.context, caller, moment};
  const auto view = usecase::view_for_person(tx, site.api.context, *row, moment.now);
  if (!may_enrol_from(site, visit, view)) return without_options("not_here", 409);
  if (!usecase::count_form(work, visit.id)) return without_options("busy", 429);
  const auto made = usecase::enrol_passkey_here(work, *row);
  if (!made) return without_options("not_here", made.error().code == usecase::Code::kRateLimited ? 429 : 409);
  return {200, JsonWriter().open_object().raw_member("options", made->options).close_object().take()};
}

void send_options(const SharedSite& site, const http::Request& request, http::Reply reply) {
  const auto submission = received(site, request, reply);
  if (!submission) return;
  run(
      site->api, std::move(reply), [site, submission](store::Tx& tx) { return options_for(tx, *site, *submission); },
      [](const Result<std::pair<int, std::string>, store::StoreError>& made, http::Reply to) {
        if (!made) return to.send(problem_response(made.error()));
        to.send(json_answer(made->first, made->second));
      });
}

/// What was asked by the challenge that the answer names; empty if it cannot be read.
std::string challenge_in(const Response& response) {
  if (!response) return {};
  const auto said = webauthn::parse_client_data(response->client_data);
  return said ? from_base64url(said->challenge).value_or("") : "";
}

using Judged = std::optional<std::pair<FactorId, usecase::JudgedRegistration>>;

Judged judge(const Site& site, const std::optional<std::pair<AccountId, usecase::OfferHere>>& seen,
             const Response& response) {
  if (!seen) return std::nullopt;
  const auto& [account, offer] = *seen;
  const auto* settings = usecase::passkeys_of(site.api.context, account, offer.seen.service);
  if (settings == nullptr) return std::nullopt;
  return std::pair(offer.factor, usecase::judge_registration(*settings, offer.seen, response, site.api.clock.now()));
}

FormResult keep_passkey(const usecase::Work& work, const Site& site, const Visit& visit,
                        const store::TransactionRow& row, const http::Form& form, const Judged& judged,
                        const Response& made) {
  FormResult done;
  const auto view = usecase::view_for_person(work.tx, work.context, row, work.moment.now);
  if (!may_enrol_from(site, visit, view)) {
    done.outcome.note = "enrol_not";
    return done;
  }
  // Without the script the field stays empty.
  if (form.value("response").value_or("").empty()) {
    done.outcome.note = "passkey_new_script";
    return done;
  }
  if (judged) {
    const auto kept =
        usecase::confirm_passkey_here(work, row, judged->first, form.value("name").value_or(""), judged->second);
    if (kept) {
      done.outcome.note = "passkey_added";
      done.after.announced = true;
      return done;
    }
    if (kept.error().code == usecase::Code::kNotAvailableNow) {
      done.outcome.note = "enrol_refused";
      return done;
    }
  }
  // The browser may be told to forget it only where no such passkey is stored, whosever it is.
  const auto* settings = usecase::passkeys_of(work.context, row.state.account, row.state.service);
  const bool unknown = made && settings != nullptr && !usecase::knows_credential(work, settings->party.id, made->id);
  done.outcome.note = unknown ? "passkey_unknown" : "passkey_wrong";
  return done;
}

void receive_passkey(const SharedSite& site, const http::Request& request, http::Reply reply) {
  const auto submission = received(site, request, reply);
  if (!submission) return;
  const auto response = std::make_shared<const Response>(
      webauthn::read_registration_response(submission->form.value("response").value_or("")));
  using Seen = std::optional<std::pair<AccountId, usecase::OfferHere>>;
  // Signatures and certificates are not judged on the thread that all requests share.
  run_on_snapshot(
      site->api, std::move(reply),
      [site, submission, response](store::Tx& tx) -> Seen {
        const auto row = row_of(tx, *site, *submission->visit);
        if (!row || submission->nonce.empty()) return std::nullopt;
        auto offer = usecase::look_for_offer_here(tx, site->api.context, *row, challenge_in(*response));
        if (!offer) return std::nullopt;
        return std::pair(row->state.account, *std::move(offer));
      },
      [site, submission, response](const Result<Seen, store::StoreError>& seen, http::Reply to) {
        if (!seen) return to.send(answer_failed_post(*site, *submission->visit, seen.error()));
        const auto judged = std::make_shared<const Judged>(judge(*site, *seen, *response));
        run(
            site->api, std::move(to),
            [site, submission, response, judged](store::Tx& tx) {
              return perform(
                  tx, *site, *submission,
                  [&](const usecase::Work& work, const Site& s, const Visit& there, const store::TransactionRow& held,
                      const http::Form& form) { return keep_passkey(work, s, there, held, form, *judged, *response); },
                  "passkey");
            },
            [site, submission](const Result<std::optional<FormResult>, store::StoreError>& result, http::Reply again) {
              const Visit& there = *submission->visit;
              if (!result) return again.send(answer_failed_post(*site, there, result.error()));
              if (!*result) return again.send(unavailable(*site, there.request, 404));
              if ((*result)->after.announced) site->api.courier.nudge();
              site->api.nudge((*result)->account);
              again.send(answer_post(*site, there, (*result)->outcome));
            });
      });
}

}  // namespace

void add_passkey_enrolment_routes(http::Router& router, const SharedSite& site) {
  router.add(
      http::Method::kPost, "/verify/{link}/new-passkey-options", "page_new_passkey_options",
      [site](const http::Request& request, http::Reply reply) { send_options(site, request, std::move(reply)); });
  router.add(
      http::Method::kPost, "/verify/{link}/new-passkey", "page_new_passkey",
      [site](const http::Request& request, http::Reply reply) { receive_passkey(site, request, std::move(reply)); });
  add_reload(router, site, "/verify/{link}/new-passkey", "page_new_passkey");
}

}  // namespace countersign::api::pages
