#include "usecase/verify_api/rate_limit.h"
#include "verify_script.h"

// Every change of a rate limit and of its buckets has its audit event. [LOG-5]
namespace countersign::testing {
namespace {

namespace verify_api = usecase::verify_api;
using Types = std::vector<std::string>;

class RateLimits : public ::testing::Test {
 protected:
  RateLimits() {
    verify_.make_service({});
    limit_ = add_limit("callers").id;
    forget();
  }

  /// As the handlers do: a refusal undoes what was written.
  template <class Unit>
  auto in(const Unit& unit) {
    return verify_.fixture.in([&](store::Tx& tx, Moment& moment) {
      auto answer = unit(tx, verify_.fixture.context(), verify_.fixture.caller(), moment);
      if constexpr (requires { answer.error(); })
        if (!answer) tx.abandon();
      return answer;
    });
  }

  verify_api::Resource add_limit(const std::string& name) {
    verify_.fixture.wait(std::chrono::milliseconds(1));
    return *in([&](store::Tx& tx, const auto& context, const auto& caller, Moment& moment) {
      return verify_api::add_to({tx, context, caller, moment}, verify_api::kRateLimits, verify_.service.id, name,
                                {{"unique_name", name}});
    });
  }
  Verdict<verify_api::Resource> add_bucket(std::int64_t max, std::int64_t interval) {
    verify_.fixture.wait(std::chrono::milliseconds(1));  // Ids are in the order of time.
    return in([&](store::Tx& tx, const auto& context, const auto& caller, Moment& moment) {
      return verify_api::add_bucket({tx, context, caller, moment}, limit_, max, interval);
    });
  }
  Verdict<verify_api::Resource> change(const Id& bucket, const verify_api::BucketChange& change) {
    return in([&](store::Tx& tx, const auto& context, const auto& caller, Moment& moment) {
      return verify_api::change_bucket({tx, context, caller, moment}, limit_, bucket, change);
    });
  }
  std::vector<verify_api::Resource> buckets() {
    return in([&](store::Tx& tx, const auto& context, const auto& caller, Moment& moment) {
      return verify_api::list_in({tx, context, caller, moment}, verify_api::kBuckets, limit_, {});
    });
  }
  /// Of all that the account has made.
  std::int64_t rows() {
    std::int64_t count = 0;
    verify_.fixture.in([&](store::Tx& tx, Moment&) {
      static const store::Sql kCount{"SELECT COUNT(*) FROM resources"};
      tx.one(kCount, {}, [&](const store::Row& row) { count = row.integer(0); });
      return Done{};
    });
    return count;
  }
  /// Their types, with the id that they name; those before forget() aside.
  Types events() {
    Types types;
    const auto all = verify_.fixture.all_events();
    for (std::size_t i = known_; i < all.size(); ++i) types.push_back(all[i].type + " " + all[i].data);
    return types;
  }
  void forget() { known_ = verify_.fixture.all_events().size(); }
  static std::string event(std::string_view type, const Id& id) {
    return std::string(type) + R"( {"id":")" + id_text("", id) + "\"}";
  }

  Verify verify_;
  Id limit_{};
  std::size_t known_ = 0;
};

TEST_F(RateLimits, ABucketIsUpdatedWithItsEvent) {
  const auto bucket = add_bucket(3, 60);
  EXPECT_EQ(events(), (Types{event("bucket.created", bucket->id)}));
  forget();
  verify_.fixture.wait(seconds(5));
  const auto more = change(bucket->id, {.max = 10});
  ASSERT_EQ(fault_of(more), kNone);
  EXPECT_EQ(more->content, (json::object{{"max", 10}, {"interval", 60}}));
  EXPECT_EQ(more->updated_at, verify_.fixture.now());
  EXPECT_EQ(more->created_at, bucket->created_at);
  EXPECT_EQ(events(), (Types{event("bucket.updated", bucket->id)}));
  forget();
  ASSERT_EQ(fault_of(change(bucket->id, {.interval = 30})), kNone);
  EXPECT_EQ(events(), (Types{event("bucket.updated", bucket->id)}));
  ASSERT_EQ(buckets().size(), 1U);
  EXPECT_EQ(buckets().front().content, (json::object{{"max", 10}, {"interval", 30}}));
}

TEST_F(RateLimits, AnUpdateThatSaysNothingChangesNothing) {
  const auto bucket = add_bucket(3, 60);
  forget();
  verify_.fixture.wait(seconds(5));
  EXPECT_EQ(change(bucket->id, {})->updated_at, bucket->updated_at);
  EXPECT_EQ(events(), Types{});
}

TEST_F(RateLimits, TwoBucketsHaveNotTheSameInterval) {
  const auto minute = add_bucket(3, 60);
  const auto hour = add_bucket(30, 3600);
  forget();
  EXPECT_EQ(fault_of(add_bucket(5, 60)), ErrorCode::kBucketExists);
  EXPECT_EQ(fault_of(change(hour->id, {.max = 1, .interval = 60})), ErrorCode::kBucketExists);
  EXPECT_EQ(events(), Types{});
  ASSERT_EQ(buckets().size(), 2U);
  EXPECT_EQ(buckets().back().content, hour->content);
  // An interval that was given up is free again.
  ASSERT_EQ(fault_of(change(minute->id, {.interval = 90})), kNone);
  EXPECT_EQ(fault_of(change(hour->id, {.interval = 60})), kNone);
}

TEST_F(RateLimits, ALimitGoesWithItsBuckets) {
  const auto minute = add_bucket(3, 60);
  const auto hour = add_bucket(30, 3600);
  forget();
  ASSERT_EQ(fault_of(in([&](store::Tx& tx, const auto& context, const auto& caller, Moment& moment) {
              return verify_api::remove_rate_limit({tx, context, caller, moment}, verify_.service.id, limit_);
            })),
            kNone);
  EXPECT_EQ(events(), (Types{event("bucket.removed", minute->id), event("bucket.removed", hour->id),
                             event("rate_limit.removed", limit_)}));
  EXPECT_EQ(rows(), 1);  // The service.
}

TEST_F(RateLimits, AServiceGoesWithItsLimits) {
  const auto bucket = add_bucket(3, 60);
  const auto other = add_limit("devices");
  forget();
  ASSERT_EQ(fault_of(in([&](store::Tx& tx, const auto& context, const auto& caller, Moment& moment) {
              return verify_api::remove_service({tx, context, caller, moment}, verify_.service);
            })),
            kNone);
  auto expected =
      Types{event("bucket.removed", bucket->id), event("rate_limit.removed", limit_),
            event("rate_limit.removed", other.id), R"(service.removed {"service":")" + verify_.service.text() + "\"}"};
  EXPECT_EQ(events(), expected);
  EXPECT_EQ(rows(), 0);
}

TEST_F(RateLimits, AForeignBucketIsNotFound) {
  const auto bucket = add_bucket(3, 60);
  forget();
  verify_.fixture.caller().account = AccountId{};
  EXPECT_EQ(fault_of(change(bucket->id, {.max = 1})), ErrorCode::kNotFound);
}

}  // namespace

}  // namespace countersign::testing
