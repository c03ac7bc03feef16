#include "api/operations/shared_signals.h"

#include <algorithm>

#include "api/json_writer.h"
#include "api/problem.h"
#include "api/run.h"
#include "base/ascii.h"

namespace countersign::api {

namespace {

using usecase::SetRefusal;
using Receivers = std::vector<SharedSignals>;

constexpr std::string_view description_of(SetRefusal refusal) {
  switch (refusal) {
    case SetRefusal::kInvalidKey:
      return "the signature is not by a key and an algorithm of this issuer";
    case SetRefusal::kInvalidIssuer:
      return "this address is for another issuer";
    case SetRefusal::kInvalidAudience:
      return "the token is for another audience";
    case SetRefusal::kUnauthentic:
      return "the Authorization is not the one that was agreed";
    case SetRefusal::kInvalidRequest:
      break;
  }
  return "this is no Security Event Token of the last day with a content type of application/secevent+jwt";
}

/// RFC 8935, section 2.3.
http::Response refused(SetRefusal refusal) {
  JsonWriter json;
  json.open_object().member("err", usecase::to_text(refusal)).member("description", description_of(refusal));
  json.close_object();
  http::Response response{400, "application/json", json.take(), {}};
  response.headers.emplace_back("Content-Language", "en");
  return response;
}

bool is_set(const http::Request& request) {
  const auto type = request.header("content-type");
  if (!type || request.header_count("content-type") != 1) return false;
  const std::string whole = lower_case(*type);
  return whole.substr(0, whole.find(';')) == "application/secevent+jwt";
}

bool is_agreed(const http::Request& request, const SharedSignals& of) {
  const std::string& agreed = of.authorization.expose();
  if (agreed.empty()) return true;
  const auto sent = request.header("authorization");
  return sent && request.header_count("authorization") == 1 && equal_constant_time(*sent, agreed);
}

void take(const Api& api, const SharedSignals& of, const std::string& token, const delivery::ForeignKeys& keys,
          http::Reply reply, std::string request_id) {
  auto events = usecase::read_set(token, *keys, of.receiver, api.clock.now());
  if (!events) return reply.send(refused(events.error()));
  usecase::Caller caller{of.receiver.account, "signal:" + of.receiver.name, std::move(request_id), std::nullopt};
  using Outcome = usecase::Answer<usecase::Recorded>;
  run_for(
      api, std::move(caller), std::move(reply),
      [&of, token, events = *std::move(events)](const usecase::Work& work) {
        return usecase::take_security_events(work, of.receiver, events, token);
      },
      [&api](const Result<Outcome, store::StoreError>& taken) -> http::Response {
        if (!taken) return problem_response(taken.error());
        if (!*taken) return refused(SetRefusal::kInvalidRequest);  // That `jti` with other content.
        api.courier.nudge();
        return {202, "", "", {}};
      });
}

}  // namespace

void add_shared_signal_routes(http::Router& router, const Api& api, std::vector<SharedSignals> receivers) {
  const auto shared = std::make_shared<const Receivers>(std::move(receivers));
  router.add(http::Method::kPost, "/v1/shared-signals/{name}", "shared_signals",
             [&api, shared](const http::Request& request, http::Reply reply) {
               const auto of =
                   std::ranges::find(*shared, request.params[0], [](const auto& each) { return each.receiver.name; });
               if (of == shared->end()) return reply.send(problem_response(404, "not_found"));
               if (!is_agreed(request, *of)) return reply.send(refused(SetRefusal::kUnauthentic));
               if (!is_set(request)) return reply.send(refused(SetRefusal::kInvalidRequest));
               if (of->keys) return take(api, *of, request.body, of->keys, std::move(reply), request.id);
               of->fetched->find(crypto::kid_of(request.body),
                                 [&api, shared, &of = *of, token = request.body, reply = std::move(reply),
                                  id = request.id](const delivery::ForeignKeys& keys) mutable {
                                   take(api, of, token, keys, std::move(reply), std::move(id));
                                 });
             });
}

}  // namespace countersign::api
