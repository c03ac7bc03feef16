#include "usecase/outbox/conversion.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "base/test_account.h"
#include "store/repository/provider_marks.h"
#include "store/repository/retention.h"
#include "tests/unit/usecase/script.h"
#include "usecase/outbox/carrier.h"
#include "usecase/outbox/conversion_report.h"
#include "usecase/outbox/provider_board.h"
#include "usecase/outbox/work_messages.h"

// What becomes of codes: counted, and learned from where nobody can teach it. [ADR 47]
namespace countersign::testing {
namespace {

namespace rules = domain::conversion;
using ::testing::HasSubstr;
using ::testing::Not;
using usecase::ConversionBook;

class Conversion : public ::testing::Test {
 protected:
  Conversion() {
    fixture.know(board);
    fixture.follow(book);
    unlimited(fixture);
    auto& service = fixture.settings().accounts.at(fixture.account()).services.front();
    service.further[Channel::kSms] = {{{"second", false}}, {1, 1}};
    fixture.caller().end_user = IpAddress::parse("198.51.100.7");
  }

  /// Somebody of that number has a transaction held, and is sent a code that her provider accepts.
  usecase::QueuedMessage sent_to(int person) {
    fixture.request().identity = fmt::format("person-{}", person);
    fixture.request().contacts = {{Channel::kSms, fmt::format("+55119{:08}", 80'000'000 + person)}};
    fixture.hold();
    EXPECT_EQ(why(fixture.start()), kYes);
    const auto message = fixture.sent().back();
    usecase::note_carried(fixture.context(), message, fixture.now());
    return message;
  }
  void prove(int person) {
    static_cast<void>(sent_to(person));
    EXPECT_EQ(why(fixture.check(fixture.code())), kYes);
  }
  /// Each from a network of its own.
  void come_from(int network) {
    fixture.caller().end_user = IpAddress::parse(fmt::format("10.{}.{}.1", network / 256, network % 256));
  }
  void learn() {
    fixture.wait(rules::kSettledAfter);
    const auto lessons = book.take_settled(fixture.now(), 1'000);
    fixture.in([&](store::Tx& tx, Moment& moment) {
      usecase::learn_from(tx, lessons, moment.now);
      return Done{};
    });
  }
  store::LearnedWeights learned() {
    return fixture.in([&](store::Tx& tx, Moment&) { return store::learned_weights(tx); });
  }
  std::vector<usecase::ShareChange> step() {
    return fixture.in([&](store::Tx& tx, Moment& moment) { return usecase::step_weights(tx, moment.now); });
  }
  int samples() {
    int sum = 0;
    for (const auto& [key, one] : learned()) sum += one.samples;
    return sum;
  }
  void write_down() {
    const auto counted = book.take_counted();
    fixture.in([&](store::Tx& tx, Moment&) {
      store::add_conversions(tx, counted);
      return Done{};
    });
  }
  std::vector<usecase::ConversionView> report(usecase::ConversionQuery query = {}) {
    return fixture.in([&](store::Tx& tx, Moment& moment) {
      const auto page = usecase::report_conversion({tx, fixture.context(), fixture.caller(), moment}, query);
      return page ? page->views : std::vector<usecase::ConversionView>();
    });
  }
  std::int64_t number(const store::Sql& sql) {
    return fixture.in([&](store::Tx& tx, Moment&) {
      std::int64_t rows = -1;
      tx.one(sql, {}, [&](const store::Row& row) { rows = row.integer(0); });
      return rows;
    });
  }
  std::int64_t rows_of_counts() {
    static const store::Sql kRows{"SELECT count(*) FROM conversion"};
    return number(kRows);
  }
  std::int64_t teachers() {
    static const store::Sql kTeachers{"SELECT count(*) FROM learned_from"};
    return number(kTeachers);
  }
  store::LearnedKey place_of(std::string provider) { return {fixture.service(), "sms", "BR", std::move(provider)}; }

  usecase::ProviderBoard board;  // These outlive the fixture's calls.
  ConversionBook book;
  Fixture fixture;
};

TEST_F(Conversion, CountsWhatAProviderAcceptedAndWhatCameBack) {
  const auto first = sent_to(1);
  fixture.wait(seconds(20));
  EXPECT_EQ(why(fixture.check(fixture.code())), kYes);
  const auto lost = sent_to(2);
  write_down();
  std::int64_t started = 0, approved = 0;
  for (const auto& row : report()) {
    EXPECT_EQ(row.channel, "sms");
    EXPECT_EQ(row.country, "BR");
    EXPECT_EQ(row.prefix, std::nullopt);
    EXPECT_EQ(row.attempt, 1);
    if (row.approved > 0) {
      EXPECT_EQ(row.provider, first.provider);
      EXPECT_EQ(row.mean_seconds, 20);
    }
    started += row.started;
    approved += row.approved;
  }
  EXPECT_EQ(started, 2);
  EXPECT_EQ(approved, 1);
  usecase::ConversionQuery by_prefix;
  by_prefix.by_prefix = true;
  for (const auto& row : report(by_prefix)) EXPECT_EQ(row.prefix, "+551198000") << "without the last four digits";
  by_prefix.country = "PT";
  EXPECT_TRUE(report(by_prefix).empty());
}

TEST_F(Conversion, ASecondSendIsASecondAttemptAndTheApprovalIsItsOwn) {
  static_cast<void>(sent_to(1));
  fixture.wait(minutes(1));
  ASSERT_EQ(why(fixture.start()), kYes);
  usecase::note_carried(fixture.context(), fixture.sent().back(), fixture.now());
  ASSERT_EQ(why(fixture.check(fixture.code())), kYes);
  write_down();
  std::map<int, std::pair<std::int64_t, std::int64_t>> by_attempt;
  for (const auto& row : report()) {
    by_attempt[row.attempt].first += row.started;
    by_attempt[row.attempt].second += row.approved;
  }
  EXPECT_EQ(by_attempt[1], (std::pair<std::int64_t, std::int64_t>{1, 0}));
  EXPECT_EQ(by_attempt[2], (std::pair<std::int64_t, std::int64_t>{1, 1}));
}

TEST_F(Conversion, WhatHasMovedIsApprovedForWhoCarriedIt) {
  auto message = sent_to(1);
  const std::string other = message.provider == "second" ? "double" : "second";
  message.provider = other;
  ASSERT_TRUE(
      fixture.in([&](store::Tx& tx, Moment& now) { return usecase::move(tx, fixture.context(), message, now); }));
  EXPECT_EQ(fixture.verification().provider, other);
  static_cast<void>(book.take_counted());
  ASSERT_EQ(why(fixture.check(fixture.code())), kYes);
  const auto counted = book.take_counted();
  ASSERT_EQ(counted.size(), 1U);
  EXPECT_EQ(counted.begin()->first.provider, other);
}

TEST_F(Conversion, OfADayAThousandPrefixesAreToldApart) {
  store::Conversions counted;
  constexpr int kMore = 7;
  for (int i = 0; i < static_cast<int>(rules::kPrefixesMax) + kMore; ++i)
    counted[{fixture.account(), 20'000, "double", "sms", "BR", fmt::format("+55{:07}", i), 1}] = {1, 0, 0};
  for (int times = 0; times < 2; ++times) {
    fixture.in([&](store::Tx& tx, Moment&) {
      store::add_conversions(tx, counted);
      return Done{};
    });
  }
  EXPECT_EQ(rows_of_counts(), static_cast<std::int64_t>(rules::kPrefixesMax) + 1);
  store::ConversionFilter filter;
  filter.until = 30'000;
  filter.by_prefix = true;
  filter.limit = 5'000;
  const auto rows =
      fixture.in([&](store::Tx& tx, Moment&) { return store::list_conversion(tx, fixture.account(), filter); });
  std::int64_t others = 0, all = 0;
  for (const auto& row : rows) {
    all += row.counts.started;
    if (row.key.prefix == rules::kOtherPrefixes) others += row.counts.started;
  }
  EXPECT_EQ(others, 2 * kMore);
  EXPECT_EQ(all, 2 * (static_cast<std::int64_t>(rules::kPrefixesMax) + kMore)) << "nothing is lost";
}

TEST_F(Conversion, CountsGoAfterNinetyDays) {
  static_cast<void>(sent_to(1));
  write_down();
  const auto purge = [&] {
    fixture.in([&](store::Tx& tx, Moment& moment) {
      return store::purge(tx, fixture.account(), store::Retention{}, moment.now, 100);
    });
  };
  fixture.wait(hours(24 * 90));
  purge();
  EXPECT_EQ(rows_of_counts(), 1);
  fixture.wait(hours(24));
  purge();
  EXPECT_EQ(rows_of_counts(), 0);
}

TEST_F(Conversion, LearnsFromPeopleWhoHaveProvedTheLineAlone) {
  prove(1);  // Her first code: nobody has proved the line.
  learn();
  EXPECT_EQ(samples(), 0);
  static_cast<void>(sent_to(1));
  learn();
  EXPECT_EQ(samples(), 1);
  fixture.wait(hours(2));
  fixture.caller().end_user.reset();
  static_cast<void>(sent_to(1));
  learn();
  EXPECT_EQ(samples(), 1) << "from a network that nobody knows";
}

TEST_F(Conversion, LearnsPromptLateAndNever) {
  for (int person = 1; person <= 3; ++person) prove(person);
  for (const auto& [person, typed_after, credit] :
       {std::tuple(1, seconds(30), rules::kCreditMax), std::tuple(2, seconds(200), rules::kCreditMax / 2),
        std::tuple(3, seconds(0), 0)}) {
    fixture.wait(hours(2));
    const auto message = sent_to(person);
    const auto before = learned()[place_of(message.provider)].credit;
    fixture.wait(typed_after);
    if (credit > 0) {
      ASSERT_EQ(why(fixture.check(fixture.code())), kYes);
    }
    learn();
    EXPECT_EQ(learned()[place_of(message.provider)].credit, before + credit) << person;
  }
  EXPECT_EQ(samples(), 3);
}

TEST_F(Conversion, ASecondSendTeachesNothing) {
  prove(1);
  fixture.wait(hours(2));
  fixture.hold();
  ASSERT_EQ(why(fixture.start()), kYes);
  fixture.wait(minutes(1));
  ASSERT_EQ(why(fixture.start()), kYes);
  usecase::note_carried(fixture.context(), fixture.sent().back(), fixture.now());
  learn();
  EXPECT_EQ(samples(), 0);
}

TEST_F(Conversion, ACodeThatCameOnlyWithTheSecondSendIsNotTheFirstOnesDoing) {
  prove(1);
  fixture.wait(hours(2));
  const auto first = sent_to(1);
  fixture.wait(minutes(1));
  ASSERT_EQ(why(fixture.start()), kYes);
  ASSERT_EQ(why(fixture.check(fixture.code())), kYes);
  learn();
  const auto known = learned();
  ASSERT_EQ(known.size(), 1U);
  EXPECT_EQ(known.begin()->first.provider, first.provider);
  EXPECT_EQ(known.begin()->second.samples, 1);
  EXPECT_EQ(known.begin()->second.credit, 0);
}

TEST_F(Conversion, ACodeThatAnotherProviderBroughtIsNotTheFirstOnesDoing) {
  prove(1);
  fixture.wait(hours(2));
  auto message = sent_to(1);
  const std::string first = message.provider;
  message.provider = first == "second" ? "double" : "second";
  ASSERT_TRUE(
      fixture.in([&](store::Tx& tx, Moment& now) { return usecase::move(tx, fixture.context(), message, now); }));
  ASSERT_EQ(why(fixture.check(fixture.code())), kYes);
  learn();
  EXPECT_EQ(learned()[place_of(first)].samples, 1);
  EXPECT_EQ(learned()[place_of(first)].credit, 0);
}

TEST_F(Conversion, ATestAccountCountsAndTeachesNothing) {
  prove(1);
  fixture.wait(hours(2));
  fixture.hold();
  ASSERT_EQ(why(fixture.start()), kYes);
  static_cast<void>(book.take_counted());
  auto message = fixture.sent().back();
  message.account = test_twin_of(message.account);
  usecase::note_carried(fixture.context(), message, fixture.now());
  EXPECT_TRUE(book.take_counted().empty());
}

TEST_F(Conversion, OnePersonAndOneNetworkCountOnceAnHour) {
  for (int person = 1; person <= 20; ++person) prove(person);
  for (int person = 1; person <= 20; ++person) static_cast<void>(sent_to(person));  // One network.
  for (int times = 0; times < 20; ++times) {
    come_from(times);
    static_cast<void>(sent_to(1));  // One person.
  }
  learn();
  EXPECT_EQ(samples(), 1);
  // Nor by way of another node, which knows nothing of it.
  ConversionBook of_another_node;
  fixture.follow(of_another_node);
  come_from(1'000);
  static_cast<void>(sent_to(1));
  fixture.wait(rules::kSettledAfter);
  const auto lessons = of_another_node.take_settled(fixture.now(), 100);
  ASSERT_EQ(lessons.size(), 1U);
  fixture.in([&](store::Tx& tx, Moment& moment) {
    usecase::learn_from(tx, lessons, moment.now);
    return Done{};
  });
  EXPECT_EQ(samples(), 1);
  fixture.follow(book);
  fixture.wait(hours(1));
  come_from(2'000);
  static_cast<void>(sent_to(1));
  learn();
  EXPECT_EQ(samples(), 2) << "an hour later once more";
}

TEST_F(Conversion, WhatIsStoredNamesNobodyAndIsForgottenAfterAnHour) {
  prove(1);
  static_cast<void>(sent_to(1));
  learn();
  EXPECT_EQ(teachers(), 3) << "person, line, network";
  fixture.wait(hours(1));
  static_cast<void>(step());
  EXPECT_EQ(teachers(), 0);
}

/// Many people, of whom those whose codes go by `poor` do not type them.
class Taught : public Conversion {
 protected:
  static constexpr int kPeople = 260;

  void teach() {
    for (int person = 0; person < kPeople; ++person) prove(person);
    fixture.wait(hours(2));
    for (int person = 0; person < kPeople; ++person) {
      come_from(person);
      const auto message = sent_to(person);
      if (message.provider != "second") {
        ASSERT_EQ(why(fixture.check(fixture.code())), kYes);
      }
    }
    learn();
  }
};

TEST_F(Taught, AProviderWhoseCodesDoNotComeBackLosesWeightUntilItIsFrozen) {
  teach();
  fixture.wait(rules::kStepEvery);
  auto changes = step();
  ASSERT_EQ(changes.size(), 1U);
  EXPECT_EQ(changes[0].place, place_of("second"));
  EXPECT_EQ(changes[0].after, rules::kShareMax / 2);
  EXPECT_TRUE(step().empty()) << "on another node, or again";
  const auto shares = fixture.in([&](store::Tx& tx, Moment&) { return store::learned_shares(tx); });
  EXPECT_EQ(shares, (std::map<store::LearnedKey, int>{{place_of("second"), rules::kShareMax / 2}}));
}

TEST_F(Taught, AFrozenProviderKeepsItsWeight) {
  teach();
  fixture.in([&](store::Tx& tx, Moment& moment) {
    store::set_frozen(tx, "second", moment.now);
    return Done{};
  });
  fixture.wait(rules::kStepEvery);
  EXPECT_TRUE(step().empty());
  fixture.in([&](store::Tx& tx, Moment&) {
    store::set_frozen(tx, "second", std::nullopt);
    return Done{};
  });
  EXPECT_EQ(step().size(), 1U);
}

TEST_F(Conversion, LearnedWeightsDecideWhoCarriesACode) {
  const auto& service = fixture.settings().accounts.at(fixture.account()).services.front();
  const auto by_second = [&] {
    int count = 0;
    for (int i = 0; i < 1'000; ++i) {
      const auto* provider =
          usecase::choose_provider(fixture.context(), service, Channel::kSms, fmt::format("+55119{:08}", i));
      count += provider->name == "second" ? 1 : 0;
    }
    return count;
  };
  EXPECT_NEAR(by_second(), 500, 60);
  board.set_shares({{place_of("second"), rules::kShareMin}});
  EXPECT_NEAR(by_second(), 48, 25) << "its probe, and no more";
  auto elsewhere = place_of("second");
  elsewhere.country = "PT";
  board.set_shares({{elsewhere, rules::kShareMin}});
  EXPECT_NEAR(by_second(), 500, 60) << "in that country alone";
}

TEST_F(Conversion, AnOrderedListLearnsNothing) {
  fixture.settings().accounts.at(fixture.account()).services.front().further[Channel::kSms].weights.clear();
  prove(1);
  static_cast<void>(sent_to(1));
  learn();
  EXPECT_EQ(samples(), 0);
}

TEST_F(Conversion, MemoryIsBounded) {
  for (std::int64_t i = 0; i < static_cast<std::int64_t>(ConversionBook::kCountedMax) + 500; ++i)
    book.count({fixture.account(), 20'000, "double", "sms", "BR", fmt::format("+55{:08}", i), 1}, {1, 0, 0});
  const auto counted = book.take_counted();
  EXPECT_LE(counted.size(), ConversionBook::kCountedMax + 1);
  std::int64_t sum = 0;
  for (const auto& [key, counts] : counted) sum += counts.started;
  EXPECT_EQ(sum, static_cast<std::int64_t>(ConversionBook::kCountedMax) + 500);
  std::size_t kept = 0;
  for (std::size_t i = 0; i < ConversionBook::kLessonsMax + 100; ++i) {
    ConversionBook::Lesson lesson;
    lesson.settled_at = fixture.now();
    lesson.digests = {fmt::format("a{}", i), fmt::format("b{}", i), fmt::format("c{}", i)};
    kept += book.learn(std::move(lesson), fixture.now()) ? 1 : 0;
  }
  EXPECT_EQ(kept, ConversionBook::kLessonsMax);
}

}  // namespace
}  // namespace countersign::testing
