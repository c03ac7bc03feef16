#include <gtest/gtest.h>

#include <fmt/format.h>

#include <thread>

#include "crypto/webhook_signature.h"
#include "server/running_server.h"
#include "support/doubles/http_server.h"

// What a server that is asked to end does with what it has under way.
namespace countersign::testing {
namespace {

using std::chrono::milliseconds;

/// Every channel of every service by an HTTP hook at that address.
std::function<void(app::Config&)> by_hook(const std::string& url) {
  return [url](app::Config& config) {
    app::HttpHookConfig hook;
    hook.url = url;
    hook.secrets.push_back(crypto::WebhookSecret::make(system_random()).text());
    hook.private_addresses = true;
    config.providers["hook"] = std::move(hook);
    for (auto& service : config.services) {
      for (auto& [channel, provider] : service.channels) provider = "hook";
    }
  };
}

TEST(Restart, SendsNothingAgainThatWasUnderWay) {
  HttpServer provider([](const ServerRequest&) {
    std::this_thread::sleep_for(milliseconds(700));
    return ServerReply{200};
  });
  RunningServer server(by_hook(provider.url("/")));
  static constexpr int kMessages = 10;
  for (int i = 0; i < kMessages; ++i) server.start_code(server.hold());
  for (int polls = 0; provider.concurrent_max() < kMessages && polls < 5000; ++polls)
    std::this_thread::sleep_for(milliseconds(1));
  server.restart([](store::Store& store) {
    const auto sent = store.read_now([](store::Tx& tx) {
      static const store::Sql kSent{"SELECT count(*) FROM messages WHERE status = 'sent'"};
      std::int64_t count = -1;
      tx.one(kSent, {}, [&](const store::Row& row) { count = row.integer(0); });
      return count;
    });
    ASSERT_TRUE(sent);
    EXPECT_EQ(*sent, kMessages) << "what is not written down is sent again";
  });
  EXPECT_EQ(provider.exchanges().size(), static_cast<std::size_t>(kMessages));
}

}  // namespace
}  // namespace countersign::testing
