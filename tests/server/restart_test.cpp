#include <gtest/gtest.h>

#include <fmt/format.h>

#include <atomic>
#include <thread>

#include "crypto/webhook_signature.h"
#include "server/running_server.h"
#include "support/doubles/http_server.h"

// What a server that is asked to end does with what it has under way.
namespace countersign::testing {
namespace {

using std::chrono::milliseconds;

/// Every channel of every service by an HTTP hook at that address.
std::function<void(main::Config&)> by_hook(const std::string& url) {
  return [url](main::Config& config) {
    config.drain = std::chrono::minutes(5);  // A slow machine needs its time for that.
    main::HttpHookConfig hook;
    hook.url = url;
    hook.secrets.push_back(crypto::WebhookSecret::make(system_random()).text());
    hook.private_addresses = true;
    hook.timeout = std::chrono::seconds(45);  // All are there by then, and each is leased for a minute.
    config.providers["hook"] = std::move(hook);
    for (auto& service : config.services) {
      for (auto& [channel, provider] : service.channels) provider = "hook";
    }
  };
}

TEST(Restart, SendsNothingAgainThatWasUnderWay) {
  static constexpr int kMessages = 10;
  std::atomic<int> arrived = 0;
  // None is answered before all are there.
  HttpServer provider([&](const ServerRequest&) {
    ++arrived;
    for (int polls = 0; arrived < kMessages && polls < 300'000; ++polls) std::this_thread::sleep_for(milliseconds(1));
    std::this_thread::sleep_for(milliseconds(700));
    return ServerReply{200};
  });
  RunningServer server(by_hook(provider.url("/")));
  for (int i = 0; i < kMessages; ++i) server.start_code(server.hold());
  for (int polls = 0; arrived < kMessages && polls < 300'000; ++polls) std::this_thread::sleep_for(milliseconds(1));
  ASSERT_EQ(arrived, kMessages);
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
