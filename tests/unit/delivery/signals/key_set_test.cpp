#include "delivery/signals/key_set.h"

#include <gmock/gmock.h>

#include "base/json.h"
#include "support/fake_time.h"
#include "unit/delivery/http_fixture.h"

namespace countersign::delivery {
namespace {

using namespace testing;
using countersign::testing::FakeClock;
using countersign::testing::HttpServer;
using countersign::testing::SeededRandom;
using countersign::testing::ServerReply;
using countersign::testing::ServerRequest;

struct KeySetTest : ::testing::Test {
  KeySet key_set(AddressPolicy addresses = AddressPolicy::kAny) {
    HttpCall call;
    call.url = issuer.url("/jwks.json");
    call.addresses = addresses;
    call.plain_http = PlainHttp::kAllowed;
    return {http, clock, std::move(call)};
  }
  static std::size_t found(KeySet& set, std::string_view kid) {
    auto [done, keys] = promised<ForeignKeys>();
    set.find(kid, std::move(done));
    return wait_for(keys)->size();
  }
  void publish(const std::vector<crypto::SigningKey>& keys) {
    json::array list;
    for (const auto& key : keys) list.push_back(key.public_jwk());
    answer({200, {}, canonical_json(json::object{{"keys", list}})});
  }
  void answer(ServerReply reply) {
    const std::lock_guard lock(mutex);
    next = std::move(reply);
  }
  [[nodiscard]] std::size_t asked() const { return issuer.exchanges().size(); }

  SeededRandom random;
  crypto::SigningKey first = crypto::SigningKey::generate(crypto::JwsAlgorithm::kEs256, random);
  crypto::SigningKey second = crypto::SigningKey::generate(crypto::JwsAlgorithm::kEs256, random);
  std::mutex mutex;
  ServerReply next;
  FakeClock clock;
  HttpServer issuer{[this](const ServerRequest&) {
    const std::lock_guard lock(mutex);
    return next;
  }};
  HttpClient http{{}, system_clock()};
};

TEST_F(KeySetTest, FetchesOnceAndAgainForANewKey) {
  publish({first});
  auto set = key_set();
  EXPECT_EQ(found(set, first.kid()), 1u);
  EXPECT_EQ(found(set, first.kid()), 1u);
  EXPECT_EQ(asked(), 1u);
  // The issuer changes its keys.
  publish({first, second});
  clock.advance(KeySet::kPause);
  EXPECT_EQ(found(set, second.kid()), 2u);
  EXPECT_EQ(asked(), 2u);
}

TEST_F(KeySetTest, UnknownKeysFetchOnceAMinuteAtMost) {
  publish({first});
  auto set = key_set();
  for (int i = 0; i < 50; ++i) EXPECT_EQ(found(set, "made up " + std::to_string(i)), 1u);
  EXPECT_EQ(asked(), 1u);
  clock.advance(KeySet::kPause);
  static_cast<void>(found(set, "made up"));
  EXPECT_EQ(asked(), 2u);
}

TEST_F(KeySetTest, WithdrawnKeysAreGoneAfterAnHour) {
  publish({first});
  auto set = key_set();
  EXPECT_EQ(found(set, first.kid()), 1u);
  publish({second});
  clock.advance(KeySet::kFresh);
  auto [done, keys] = promised<ForeignKeys>();
  set.find(first.kid(), std::move(done));
  EXPECT_EQ(wait_for(keys)->at(0).kid(), second.kid());
}

TEST_F(KeySetTest, WhatABrokenServerSaysChangesNothingForADay) {
  publish({first});
  auto set = key_set();
  EXPECT_EQ(found(set, first.kid()), 1u);
  using How = ServerReply::How;
  for (const auto& reply :
       {ServerReply{500, {}, "{}"}, ServerReply{200, {}, "<html>"}, ServerReply{200, {}, R"({"keys":[]})"},
        ServerReply{302, {{"Location", "http://127.0.0.1:1/"}}, ""}, ServerReply{200, {}, std::string(100'000, ' ')},
        ServerReply{.how = How::kDrop}}) {
    answer(reply);
    clock.advance(KeySet::kFresh);
    EXPECT_EQ(found(set, first.kid()), 1u);
  }
  clock.advance(KeySet::kGood);
  EXPECT_EQ(found(set, first.kid()), 0u);
}

TEST_F(KeySetTest, ReachesPublicAddressesOnly) {
  publish({first});
  auto set = key_set(AddressPolicy::kPublicOnly);
  EXPECT_EQ(found(set, first.kid()), 0u);
  EXPECT_EQ(issuer.connections(), 0u);
}

}  // namespace
}  // namespace countersign::delivery
