#include <fmt/format.h>

#include "api/json_writer.h"
#include "api/operations/operations.h"
#include "api/problem.h"
#include "api/run.h"
#include "usecase/outbox/provider_board.h"
#include "usecase/readiness.h"
#include "usecase/spending/outlay.h"

namespace countersign {
extern const std::string_view kOpenApiText;
}

namespace countersign::api {

namespace {

http::Response status_response(int status, std::string_view word, bool stopped = false) {
  JsonWriter json;
  json.open_object().member("status", word);
  if (stopped) json.member("spending", "stopped");
  json.close_object();
  return {status, "application/json", json.take(), {}};
}

http::Response not_ready(std::string_view why) {
  auto response = problem_response(503, "store_unavailable", why);
  response.headers.emplace_back("Retry-After", "1");
  return response;
}

void add_healthz(http::Router& router) {
  router.add(http::Method::kGet, "/healthz", "healthz",
             [](const http::Request&, http::Reply reply) { reply.send(status_response(200, "ok")); });
}

/// Serves the current public keys of `keys`, which outlive the router.
void add_jwks(http::Router& router, std::string_view path, std::string_view name, const crypto::SigningKeys& keys) {
  router.add(http::Method::kGet, path, name, [&keys](const http::Request&, http::Reply reply) {
    const auto age = fmt::format("public, max-age={}", kJwksMaxAge.count());
    reply.send({200, "application/jwk-set+json", keys.jwks(), {{"Cache-Control", age}}});
  });
}

void ready(const Api& api, http::Reply reply) {
  if (const auto why = usecase::why_not_ready(api.store.stats())) return reply.send(not_ready(*why));
  run(
      api, std::move(reply), [now = api.clock.now()](store::Tx& tx) { return usecase::write_something(tx, now); },
      [board = api.context.board](const Result<Done, store::StoreError>& done) {
        const bool stopped = board != nullptr && board->drained(usecase::kAllSpending);
        return done ? status_response(200, "ready", stopped) : not_ready("the store cannot be written");
      });
}

}  // namespace

void add_health_routes(http::Router& router, const Api& api, std::function<bool()> draining) {
  add_healthz(router);
  router.add(http::Method::kGet, "/readyz", "readyz",
             [&api, draining = std::move(draining)](const http::Request&, http::Reply reply) {
               if (draining()) return reply.send(problem_response(503, "shutting_down"));
               ready(api, std::move(reply));
             });
  add_jwks(router, "/.well-known/jwks.json", "jwks", api.signing_keys);
  if (api.test_signing_keys != nullptr)
    add_jwks(router, "/.well-known/test/jwks.json", "test_jwks", *api.test_signing_keys);
  router.add(http::Method::kGet, "/openapi.yaml", "openapi", [](const http::Request&, http::Reply reply) {
    reply.send({200,
                "application/yaml; charset=utf-8",
                std::string(kOpenApiText),
                {{"Cache-Control", "public, max-age=300"}}});
  });
}

void add_waiting_routes(http::Router& router, std::function<http::Response(const http::Request&)> unavailable) {
  add_healthz(router);
  router.on_not_found([unavailable = std::move(unavailable)](const http::Request& request, http::Reply reply) {
    reply.send(unavailable(request));
  });
}

}  // namespace countersign::api
