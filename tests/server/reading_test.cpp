#include <gtest/gtest.h>

#include "server/running_server.h"

namespace countersign::testing {
namespace {

/// Everything that a client can see of the state.
std::string state_of(RunningServer& server, const std::string& transaction) {
  return server.caller().get(transaction).body + server.caller().get("/v1/transactions").body +
         server.caller().get("/v1/events?limit=200").body + server.caller().get("/dev/inbox.json").body;
}

// Link previews, mail scanners and prefetching browsers fetch pages. [trap 6]
TEST(Reading, NoGetRouteChangesAnything) {
  RunningServer server;
  const auto endpoint = server.caller().post("/v1/webhook_endpoints", R"({"url":"http://127.0.0.1:9/hook"})");
  ASSERT_EQ(endpoint.status, 201) << endpoint.body;
  const std::string transaction = server.hold();
  const std::string code = server.send_code(transaction);
  const std::string before = state_of(server, transaction);

  const std::string id = transaction.substr(transaction.rfind('/') + 1);
  const std::string endpoint_path = "/v1/webhook_endpoints/" + endpoint.text("id");
  for (const std::string& path : {transaction,
                                  transaction + "/claim",
                                  transaction + "/ack",
                                  transaction + "/cancel",
                                  transaction + "/checks",
                                  transaction + "/checks?code=" + code,
                                  transaction + "/verifications",
                                  "/verify/" + id,
                                  "/verify/" + id + ".x",
                                  std::string("/v1/transactions"),
                                  std::string("/v1/subjects/person-0/contacts"),
                                  std::string("/v1/subjects/person-0/factors"),
                                  std::string("/v1/webhook_endpoints"),
                                  endpoint_path,
                                  endpoint_path + "/deliveries",
                                  std::string("/v1/events"),
                                  std::string("/healthz"),
                                  std::string("/readyz"),
                                  std::string("/.well-known/jwks.json"),
                                  std::string("/openapi.yaml"),
                                  std::string("/dev/inbox.json")}) {
    const auto answer = server.caller().get(path);
    EXPECT_GE(answer.status, 200) << path;
    EXPECT_LT(answer.status, 500) << path;
  }
  EXPECT_EQ(state_of(server, transaction), before);
  // The code is as good as before.
  EXPECT_EQ(server.caller().post(transaction + "/checks", RunningServer::check_body(code)).status, 200);
}

}  // namespace
}  // namespace countersign::testing
