#include <gtest/gtest.h>

#include "script.h"

// What a database across a network is asked, by the operations that a server does all day: each statement is work for
// the writer thread that all requests share, and each that must be waited for is a round trip. docs/performance.md
// names these numbers.
namespace countersign::testing {
namespace {

struct Asked {
  int statements = 0;
  int waits = 0;  ///< For what comes next; the commit is one more for all that are under way.
};

class CountingTx final : public store::Tx {
 public:
  CountingTx(store::Tx& tx, Asked& asked) : tx_(tx), asked_(asked) {}

  std::int64_t exec(const store::Sql& sql, std::initializer_list<store::Param> params) override {
    note(true);
    return tx_.exec(sql, params);
  }
  void put(const store::Sql& sql, std::initializer_list<store::Param> params) override {
    note(false);
    tx_.put(sql, params);
  }
  bool one(const store::Sql& sql, std::initializer_list<store::Param> params,
           FunctionRef<void(const store::Row&)> read) override {
    note(true);
    return tx_.one(sql, params, read);
  }
  void all(const store::Sql& sql, std::initializer_list<store::Param> params,
           FunctionRef<void(const store::Row&)> read) override {
    note(true);
    tx_.all(sql, params, read);
  }
  void script(std::string_view statements) override { tx_.script(statements); }
  void abandon() override { tx_.abandon(); }
  [[nodiscard]] bool abandoned() const override { return tx_.abandoned(); }

 private:
  void note(bool waits) {
    ++asked_.statements;
    if (waits) ++asked_.waits;
  }

  store::Tx& tx_;
  Asked& asked_;
};

/// The answer of `work(tx, moment)`, which must be no refusal, and what it asked the database.
template <class Work>
auto counted(House& house, Asked& asked, Work work) {
  auto answer = house.in([&](store::Tx& tx, Moment& moment) {
    asked = {};
    CountingTx counting(tx, asked);
    return work(counting, moment);
  });
  EXPECT_EQ(why(answer), kYes);
  return answer;
}

struct Day {
  Asked hold;
  Asked start;
  Asked check;
  Asked claim;
  Asked ack;
};

/// From the hold to the word of the winner, by the caller and for the request of the house.
Day day_of(House& house) {
  Day day;
  const auto& context = house.context();
  const auto& caller = house.caller();
  const auto held = counted(house, day.hold, [&](store::Tx& tx, Moment& moment) {
    return usecase::hold(tx, context, caller, house.request(), moment);
  });
  const auto started = counted(house, day.start, [&](store::Tx& tx, Moment& moment) {
    return usecase::start_verification(tx, context, caller, {held->id, Channel::kSms, {}}, moment);
  });
  const auto& message = std::get<delivery::OutgoingMessage>(started->queued.content);
  static_cast<void>(counted(house, day.check, [&](store::Tx& tx, Moment& moment) {
    return usecase::check(tx, context, caller, {held->id, message.code, {}, {}}, moment);
  }));
  const auto claimed = counted(house, day.claim, [&](store::Tx& tx, Moment& moment) {
    return usecase::claim(tx, context, caller, held->id, "worker-1", moment);
  });
  static_cast<void>(counted(house, day.ack, [&](store::Tx& tx, Moment& moment) {
    return usecase::acknowledge(tx, context, caller, held->id, claimed->fencing_token, moment);
  }));
  return day;
}

void expect_asked(const char* what, const Asked& asked, int statements, int waits) {
  EXPECT_EQ(asked.statements, statements) << what;
  EXPECT_EQ(asked.waits, waits) << what;
}

TEST(Statements, OfSomebodyNewAndOfSomebodyKnown) {
  House house;
  house.caller().end_user = IpAddress::parse("192.0.2.7");
  const Day first = day_of(house);
  expect_asked("hold", first.hold, 10, 2);
  expect_asked("start", first.start, 11, 7);
  expect_asked("check", first.check, 10, 5);
  expect_asked("claim", first.claim, 5, 3);
  expect_asked("acknowledge", first.ack, 5, 2);

  // Nothing is bound, and nothing is proved for the first time.
  house.wait(hours(1));
  const Day second = day_of(house);
  expect_asked("hold", second.hold, 7, 4);
  expect_asked("start", second.start, 11, 7);
  expect_asked("check", second.check, 7, 4);
  expect_asked("claim", second.claim, 5, 3);
  expect_asked("acknowledge", second.ack, 5, 2);
}

// A hold that sends is one round less than a hold and a start, and asks the database less than both.
TEST(Statements, OfAHoldThatSends) {
  House house;
  house.caller().end_user = IpAddress::parse("192.0.2.7");
  house.request().send = Channel::kSms;
  const auto held = [&] {
    Asked asked;
    static_cast<void>(counted(house, asked, [&](store::Tx& tx, Moment& moment) {
      return usecase::hold(tx, house.context(), house.caller(), house.request(), moment);
    }));
    return asked;
  };
  expect_asked("of somebody new", held(), 19, 7);
  house.wait(hours(1));
  expect_asked("of somebody known", held(), 16, 9);
}

}  // namespace
}  // namespace countersign::testing
