#include <gtest/gtest.h>

#include <boost/json/object.hpp>
#include <functional>
#include <thread>

#include "base/json.h"
#include "unit/api/browser.h"

// Two nodes on one database: both are sent the same request, and the unit of the one that loses runs once more.
namespace countersign::testing {
namespace {

/// A node's way to the database: where it is told so, the next writing unit loses its turn to another node's, as with a
/// serialization failure, and runs again after it.
class LosingStore final : public store::Store {
 public:
  explicit LosingStore(std::unique_ptr<store::Store> inner) : inner_(std::move(inner)) {}

  std::function<void()> winner;  ///< What the other node does meanwhile; once.

  void stop() override { inner_->stop(); }
  [[nodiscard]] store::StoreStats stats() const override { return inner_->stats(); }

 protected:
  void submit_write(std::unique_ptr<store::Unit> unit) override {
    // The courier has a thread of its own, and units that nobody is to win against.
    const bool is_requests = std::this_thread::get_id() == requests_;
    if (const auto other = is_requests ? std::exchange(winner, {}) : std::function<void()>()) {
      const auto lost = inner_->transact_now([&](store::Tx& tx) {
        unit->run(tx);
        tx.abandon();
        return Done{};
      });
      EXPECT_TRUE(lost.has_value());
      other();
    }
    answer(std::move(unit), [&](const auto& run) { return inner_->transact_now(run); });
  }
  void submit_read(std::unique_ptr<store::Unit> unit) override {
    answer(std::move(unit), [&](const auto& run) { return inner_->read_now(run); });
  }

 private:
  template <class Submit>
  static void answer(std::unique_ptr<store::Unit> unit, Submit submit) {
    const auto done = submit([&](store::Tx& tx) {
      unit->run(tx);
      return Done{};
    });
    if (!done) unit->fail(done.error());
    if (unit->home() == nullptr) return unit->finish();
    unit->home()->post([unit = std::shared_ptr<store::Unit>(std::move(unit))] { unit->finish(); });
  }

  std::unique_ptr<store::Store> inner_;
  const std::thread::id requests_ = std::this_thread::get_id();
};

class RepeatedUnit : public ::testing::Test {
 protected:
  static std::string hold_body(std::string_view send) {
    return R"({"type":"new_account","subject":{"identity":"ana","contacts":[{"channel":"sms","address":"+5511987654321"}]},)"
           R"("display":{"title":"Nova conta"},"payload":{},"policy":"any")" +
           std::string(send) + "}";
  }
  /// Sends the request to a node that loses against another, to which it was sent too; both answers.
  std::pair<http::Response, http::Response> send_to_both(const std::string& path, const std::string& body) {
    http::Response won;
    store_->winner = [&] { won = pages_.call(path, body, "key-1"); };
    http::Response lost = pages_.call(path, body, "key-1");
    pages_.drain();
    return {std::move(won), std::move(lost)};
  }
  /// One message went out, and it is the one in the database.
  void expect_one_message() {
    const auto sent = pages_.messages();
    ASSERT_EQ(sent.size(), 1U) << "a second one has a code that is in no database";
    EXPECT_EQ(pages_.fixture().count("messages"), 1);
  }

  std::unique_ptr<LosingStore> owned_ = std::make_unique<LosingStore>(new_test_store());
  LosingStore* store_ = owned_.get();
  PageHouse pages_{"https://verify.example.com", std::move(owned_)};
};

TEST_F(RepeatedUnit, AHoldThatFindsTheAnswerOfAnotherNodeSendsNothing) {
  const auto [won, lost] = send_to_both("/v1/transactions", hold_body(R"(,"send":"sms")"));
  EXPECT_EQ(won.status, 201) << won.body;
  EXPECT_EQ(lost.body, won.body) << "the repetition is answered with what was written";
  expect_one_message();
}

TEST_F(RepeatedUnit, AStartThatFindsTheAnswerOfAnotherNodeSendsNothing) {
  const auto held = pages_.call("/v1/transactions", hold_body(""), "key-0");
  ASSERT_EQ(held.status, 201) << held.body;
  const std::string id(parse_json(held.body)->as_object().at("id").as_string());
  const auto [won, lost] = send_to_both("/v1/transactions/" + id + "/verifications", R"({"channel":"sms"})");
  EXPECT_EQ(won.status, 201) << won.body;
  EXPECT_EQ(lost.body, won.body);
  expect_one_message();
}

TEST_F(RepeatedUnit, WhatRunsAgainWithoutARivalIsSentOnce) {
  store_->winner = [] {};
  const auto held = pages_.call("/v1/transactions", hold_body(R"(,"send":"sms")"), "key-1");
  EXPECT_EQ(held.status, 201) << held.body;
  pages_.drain();
  expect_one_message();
  const std::string id(parse_json(held.body)->as_object().at("id").as_string());
  const auto checked =
      pages_.call("/v1/transactions/" + id + "/checks", R"({"code":")" + pages_.code() + R"("})", "key-2");
  EXPECT_EQ(checked.status, 200) << "the code that went out is the one of the last run: " << checked.body;
}

}  // namespace
}  // namespace countersign::testing
