#include <algorithm>
#include <memory>

#include "api/operations/operations.h"
#include "api/problem.h"
#include "api/run.h"
#include "http/form.h"

namespace countersign::api {

namespace {

/// Meta sends a number; what comes back to it must not be able to be anything but one word.
constexpr std::size_t kChallengeMax = 128;

bool is_challenge(std::string_view text) {
  return !text.empty() && text.size() <= kChallengeMax &&
         std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f' && c != '<'; });
}

http::Response forbidden() { return problem_response(403, "forbidden"); }

/// The question whether the webhook is ours, when somebody sets it up at Meta. It is not signed.
http::Response answer_challenge(const http::Request& request, const usecase::WhatsappHooks& hooks) {
  const auto query = http::parse_form(request.query);
  const auto value = [&](std::string_view name) {
    return query && query->count(name) == 1 ? query->value(name).value_or("") : std::string_view();
  };
  const bool ours = usecase::is_set_up_by_us(hooks, request.params[0], value("hub.verify_token"));
  if (!ours || value("hub.mode") != "subscribe" || !is_challenge(value("hub.challenge"))) return forbidden();
  return {200, "text/plain; charset=utf-8", std::string(value("hub.challenge"))};
}

}  // namespace

void add_whatsapp_routes(http::Router& router, const Api& api, usecase::WhatsappHooks hooks) {
  auto shared = std::make_shared<const usecase::WhatsappHooks>(std::move(hooks));
  constexpr std::string_view kPattern = "/callbacks/whatsapp/{provider}";
  router.add(
      http::Method::kGet, kPattern, "whatsapp_challenge",
      [shared](const http::Request& request, http::Reply reply) { reply.send(answer_challenge(request, *shared)); });
  router.add(http::Method::kPost, kPattern, "whatsapp_callback",
             [&api, shared](const http::Request& request, http::Reply reply) {
               if (request.header_count("x-hub-signature-256") != 1) return reply.send(forbidden());
               auto callback = usecase::read_whatsapp_callback(*shared, request.params[0], request.body,
                                                               *request.header("x-hub-signature-256"));
               if (!callback) return reply.send(forbidden());
               // What Meta does not get a 200 for, it sends again for days.
               if (callback->is_empty()) return reply.send({200});
               run(
                   api, std::move(reply),
                   [&api, shared, callback = *std::move(callback)](store::Tx& tx) {
                     Moment moment = api.moment();
                     usecase::take_whatsapp_callback(tx, api.context, *shared, callback, moment);
                     return true;
                   },
                   [](const Result<bool, store::StoreError>& written) {
                     return written ? http::Response{200} : problem_response(written.error());
                   });
             });
}

}  // namespace countersign::api
