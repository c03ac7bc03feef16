#include <memory>

#include "api/operations/operations.h"
#include "api/problem.h"
#include "api/run.h"
#include "delivery/providers/twilio_voice.h"
#include "http/form.h"

namespace countersign::api {

namespace {

std::optional<usecase::KeyPressed> read_key(const http::Request& request, const std::string& public_url) {
  const auto account = AccountId::parse(request.params[0]);
  const auto message = MessageId::parse(request.params[1]);
  auto form = http::parse_form(request.body);
  auto sealed = request.query_value("call");
  if (!account || !message || !form || !sealed || request.header_count("x-twilio-signature") != 1) return std::nullopt;
  return usecase::KeyPressed{{*account, *message, public_url + request.path + '?' + request.query,
                              std::string(*request.header("x-twilio-signature")), std::move(form->fields)},
                             *std::move(sealed)};
}

http::Response spoken(const usecase::CallAnswer& answer, const CallVoices& voices) {
  static const delivery::ByLocale kNone;
  const auto found = voices.find(answer.provider);
  const auto& by_locale = found == voices.end() ? kNone : found->second;
  const auto& code = answer.code.expose();
  return {200, "text/xml; charset=utf-8",
          code.empty() ? delivery::twiml_that_says(answer.instead, answer.locale, by_locale)
                       : delivery::twiml_that_reads(answer.words, code, answer.locale, by_locale)};
}

}  // namespace

void add_voice_routes(http::Router& router, const Api& api, usecase::CallbackTokens tokens, CallVoices voices) {
  auto keys = std::make_shared<const usecase::CallbackTokens>(std::move(tokens));
  auto shared = std::make_shared<const CallVoices>(std::move(voices));
  router.add(http::Method::kPost, "/callbacks/twilio/voice/{account}/{id}", "twilio_voice_callback",
             [&api, keys, shared](const http::Request& request, http::Reply reply) {
               auto pressed = read_key(request, api.context.settings.public_url);
               if (!pressed) return reply.send(problem_response(403, "forbidden"));
               run(
                   api, std::move(reply),
                   [&api, keys, pressed = *std::move(pressed)](store::Tx& tx) {
                     Moment moment = api.moment();
                     return usecase::answer_call(tx, api.context, *keys, pressed, moment);
                   },
                   [shared](const Result<std::optional<usecase::CallAnswer>, store::StoreError>& answered) {
                     if (!answered) return problem_response(answered.error());
                     return *answered ? spoken(**answered, *shared) : problem_response(403, "forbidden");
                   });
             });
}

}  // namespace countersign::api
