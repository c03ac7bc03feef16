#include "api/json_writer.h"
#include "api/operations/operations.h"
#include "api/problem.h"

namespace countersign {
extern const std::string_view kOpenApiText;
}

namespace countersign::api {

namespace {

http::Response status_response(int status, std::string_view word) {
  JsonWriter json;
  json.open_object().key("status").text(word).close_object();
  return {status, "application/json", json.take(), {}};
}

/// Ready is who can take a write through to the disk.
void ready(const Api& api, http::Reply reply) {
  // Another value each time: writing what is there already would write nothing, and succeed on a full disk.
  static const store::Sql kProbe{
      "INSERT INTO key_checks (key_name, check_value) VALUES ('probe', ?1)"
      " ON CONFLICT (key_name) DO UPDATE SET check_value = ?1"};
  Executor& home = reply.executor();
  api.store.transact(
      home,
      [value = std::to_string(to_micros(api.clock.now()))](store::Tx& tx) {
        tx.exec(kProbe, {value});
        return Done{};
      },
      [reply = std::move(reply)](const Result<Done, store::StoreError>& done) mutable {
        if (done) return reply.send(status_response(200, "ready"));
        auto response = problem_response(503, "store_unavailable", "the store cannot be written");
        response.headers.emplace_back("Retry-After", "1");
        reply.send(std::move(response));
      });
}

}  // namespace

void add_health_routes(http::Router& router, const Api& api, std::function<bool()> draining) {
  router.add(http::Method::kGet, "/healthz", "healthz",
             [](const http::Request&, http::Reply reply) { reply.send(status_response(200, "ok")); });
  router.add(http::Method::kGet, "/readyz", "readyz",
             [&api, draining = std::move(draining)](const http::Request&, http::Reply reply) {
               if (draining()) return reply.send(problem_response(503, "shutting_down"));
               ready(api, std::move(reply));
             });
  router.add(http::Method::kGet, "/.well-known/jwks.json", "jwks",
             [text = crypto::jwks_json({api.signing_key.public_key()})](const http::Request&, http::Reply reply) {
               reply.send({200, "application/jwk-set+json", text, {{"Cache-Control", "public, max-age=300"}}});
             });
  router.add(http::Method::kGet, "/openapi.yaml", "openapi", [](const http::Request&, http::Reply reply) {
    reply.send({200,
                "application/yaml; charset=utf-8",
                std::string(kOpenApiText),
                {{"Cache-Control", "public, max-age=300"}}});
  });
}

}  // namespace countersign::api
