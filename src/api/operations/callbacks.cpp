#include <memory>

#include "api/operations/operations.h"
#include "api/problem.h"
#include "api/run.h"
#include "http/form.h"
#include "usecase/outbox/mail_report.h"
#include "usecase/outbox/obstacles.h"
#include "usecase/outbox/provider_callback.h"

namespace countersign::api {

namespace {

std::optional<usecase::TwilioCallback> read_callback(const http::Request& request, const std::string& public_url) {
  const auto account = AccountId::parse(request.params[0]);
  const auto message = MessageId::parse(request.params[1]);
  auto form = http::parse_form(request.body);
  if (!account || !message || !form || request.header_count("x-twilio-signature") != 1) return std::nullopt;
  return usecase::TwilioCallback{*account, *message, public_url + request.path,
                                 std::string(*request.header("x-twilio-signature")), std::move(form->fields)};
}

std::optional<usecase::TwilioInbound> read_message(const http::Request& request, const std::string& public_url) {
  auto form = http::parse_form(request.body);
  if (!form || request.header_count("x-twilio-signature") != 1) return std::nullopt;
  const std::string query = request.query.empty() ? std::string() : '?' + std::string(request.query);
  return usecase::TwilioInbound{std::string(request.params[0]), public_url + request.path + query,
                                std::string(*request.header("x-twilio-signature")), std::move(form->fields)};
}

http::Response no_answer() {
  return {200, "text/xml; charset=utf-8", R"(<?xml version="1.0" encoding="UTF-8"?><Response/>)"};
}

http::Response said_by_a_provider(const Result<bool, store::StoreError>& believed) {
  if (!believed) return problem_response(believed.error());
  if (!*believed) return problem_response(403, "forbidden");
  return {204, "", "", {}};
}

}  // namespace

void add_callback_routes(http::Router& router, const Api& api, usecase::CallbackTokens tokens) {
  auto shared = std::make_shared<const usecase::CallbackTokens>(std::move(tokens));
  router.add(http::Method::kPost, "/callbacks/twilio/{account}/{id}", "twilio_callback",
             [&api, shared](const http::Request& request, http::Reply reply) {
               auto callback = read_callback(request, api.context.settings.public_url);
               if (!callback) return reply.send(problem_response(403, "forbidden"));
               run(
                   api, std::move(reply),
                   [&api, shared, callback = *std::move(callback)](store::Tx& tx) {
                     Moment moment = api.moment();
                     return usecase::take_callback(tx, api.context, *shared, callback, moment);
                   },
                   said_by_a_provider);
             });
  // What people write to our number. Twilio takes the answer for what to write back: nothing.
  router.add(http::Method::kPost, "/callbacks/inbound/twilio/{provider}", "twilio_inbound",
             [&api, shared](const http::Request& request, http::Reply reply) {
               auto inbound = read_message(request, api.context.settings.public_url);
               // Before the writer is asked: whoever has no signature costs no commit.
               auto read = inbound ? usecase::read_inbound(*shared, *inbound) : std::nullopt;
               if (!read) return reply.send(problem_response(403, "forbidden"));
               if (!read->wish) return reply.send(no_answer());
               run(
                   api, std::move(reply),
                   [&api, provider = inbound->provider, wish = *read->wish](store::Tx& tx) {
                     Moment moment = api.moment();
                     usecase::take_wish(tx, api.context, provider, wish, moment);
                     return true;
                   },
                   [](const Result<bool, store::StoreError>& written) {
                     return written ? no_answer() : problem_response(written.error());
                   });
             });
  // Whoever may send one has no signature to show; so the tag is looked for before the writer is asked.
  router.add(http::Method::kPost, "/callbacks/mail", "mail_callback",
             [&api](const http::Request& request, http::Reply reply) {
               const auto report = usecase::read_mail_report(api.context, request.body);
               if (!report) return reply.send(problem_response(403, "forbidden"));
               run(
                   api, std::move(reply),
                   [&api, report = *report](store::Tx& tx) {
                     Moment moment = api.moment();
                     usecase::take_mail_report(tx, api.context, report, moment);
                     return true;
                   },
                   said_by_a_provider);
             });
}

}  // namespace countersign::api
