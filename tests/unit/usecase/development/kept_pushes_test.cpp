#include "usecase/development/kept_pushes.h"

#include <gtest/gtest.h>

#include "delivery/push_endpoint.h"
#include "tests/unit/usecase/push/device_holder.h"

namespace countersign::testing {
namespace {

usecase::QueuedPush push_to(std::string endpoint) {
  usecase::QueuedPush push{};
  push.to.endpoint = std::move(endpoint);
  push.text =
      R"({"web_push":8030,"notification":{"title":"Palco","body":"Open","navigate":"https://a.example/approve"}})";
  return push;
}

TEST(KeptPushes, SendNothingToAPushServiceOfTheInternetByAccident) {
  SentPushes sent;
  int announced = 0;
  usecase::KeptPushes kept(sent, system_clock(), &delivery::is_nearby_endpoint, [&] { ++announced; });
  kept.send({push_to("https://fcm.googleapis.com/fcm/send/secret"), push_to("http://127.0.0.1:8099/push/1")});
  kept.send({push_to("https://updates.push.services.mozilla.com:8443/secret")});
  ASSERT_EQ(sent.all.size(), 1U);
  EXPECT_EQ(sent.all[0].to.endpoint, "http://127.0.0.1:8099/push/1");
  EXPECT_EQ(announced, 2);
  std::vector<std::string> hosts;
  for (const auto& one : kept.all()) hosts.push_back(one.host);
  EXPECT_EQ(hosts, (std::vector<std::string>{"updates.push.services.mozilla.com:8443", "", "fcm.googleapis.com"}))
      << "the inbox's phone has all of them";
}

TEST(KeptPushes, GoWhereTheConfigurationSendsThem) {
  SentPushes sent;
  usecase::KeptPushes kept(sent, system_clock(), [](std::string_view) { return true; }, [] {});
  kept.send({push_to("https://fcm.googleapis.com/fcm/send/secret")});
  EXPECT_EQ(sent.all.size(), 1U);
  EXPECT_EQ(kept.all().at(0).host, "");
}

}  // namespace
}  // namespace countersign::testing
