// Answers of passkeys that run beside each other in one batch on PostgreSQL, with everything that may happen to their
// challenges meanwhile: they end as some order of them, one after the other, would.
#include <algorithm>
#include <memory>
#include <random>
#include <set>

#include "store/repository/ceremonies.h"
#include "support/beside.h"
#include "tests/unit/usecase/passkey/key_holder.h"
#include "webauthn/response_json.h"

namespace countersign::testing {
namespace {

/// An answer that was judged before the batch, as an I/O thread does it.
struct JudgedBefore {
  Result<webauthn::AuthenticationResponse, webauthn::Refusal> response;
  usecase::JudgedAssertion judged;
};

struct PersonAsked {
  std::unique_ptr<KeyHolder> holder;
  TransactionId held;
  // What the batch has answered.
  int asked = 1;
  int approved = 0;
  int wrong = 0;
  std::set<std::string> claimers = {};
};

class PasskeysSideBySide : public ::testing::Test {
 protected:
  PasskeysSideBySide() : fixture_(database_.open()) {
    database_.share_all_of(fixture_);
    unlimited(fixture_);
    offer_passkeys(fixture_);
  }

  PersonAsked person(int number) {
    PersonAsked one{std::make_unique<KeyHolder>(fixture_), {}};
    one.holder->identity = fmt::format("person-{}", number);
    one.holder->device.counts = true;
    one.holder->bind();
    fixture_.request() = request_of(fixture_, number, {number});
    one.held = fixture_.hold("any");
    return one;
  }
  JudgedBefore judged(PersonAsked& by, const std::string& options, bool right) {
    SoftwareAuthenticator device = by.holder->device;
    device.wrong_signature = !right;
    const auto answer = device.get(options);
    fixture_.use(by.held);
    return {webauthn::read_authentication_response(answer), by.holder->judge(answer)};
  }
  store::Ceremonies ceremonies_of(const TransactionId& id) {
    fixture_.use(id);
    return store::open_ceremonies(fixture_.context().vault, fixture_.row());
  }
  std::string status_of(const TransactionId& id) {
    fixture_.use(id);
    return std::string(domain::to_text(fixture_.row().state.status));
  }

  WatchedDatabase database_;
  Fixture fixture_;
};

// [WA-R1] A challenge is spent once, whoever answers it, and by a wrong answer as by a right one; nothing of it is
// lost.
TEST_F(PasskeysSideBySide, EachChallengeIsSpentOnceAndNothingIsReleasedUnproved) {
  constexpr int kPeople = 6;
  std::vector<PersonAsked> people;
  std::vector<UnitBody> bodies;
  people.reserve(kPeople);
  for (int i = 0; i < kPeople; ++i) {
    auto& one = people.emplace_back(person(i));
    fixture_.use(one.held);
    const std::string options = one.holder->options();
    const auto right = std::make_shared<JudgedBefore>(judged(one, options, true));
    const auto wrong = std::make_shared<JudgedBefore>(judged(one, options, false));
    const auto answer = [&one](std::shared_ptr<JudgedBefore> said) {
      return [&one, said = std::move(said)](const usecase::Work& work) {
        const auto why_not = why(usecase::check_passkey(work, one.held, said->judged, said->response));
        if (!why_not) ++one.approved;
        if (why_not == Code::kWrongResponse) ++one.wrong;
      };
    };
    // Not of everybody, so that some prove it for certain.
    const int wrongs = i % 2 == 0 ? 3 : 0;
    for (int times = 0; times < wrongs; ++times) bodies.emplace_back(answer(wrong));
    for (int times = 0; times < (wrongs > 0 ? 1 : 3); ++times) bodies.emplace_back(answer(right));
    for (int times = 0; times < 2; ++times)
      bodies.emplace_back([&one](const usecase::Work& work) {
        if (usecase::challenge_passkey(work, one.held)) ++one.asked;
      });
    for (const char* claimer : {"worker-1", "worker-2"})
      bodies.emplace_back([&one, claimer](const usecase::Work& work) {
        if (usecase::claim(work, one.held, claimer)) one.claimers.insert(claimer);
      });
  }
  std::mt19937 dice(20'261'130);
  std::ranges::shuffle(bodies, dice);
  run_in_one_batch(fixture_, bodies);
  ASSERT_EQ(fixture_.store().stats().repeated_batches, 0U);  // Else what was counted above would count twice.

  int approved = 0;
  int wrong = 0;
  for (int i = 0; i < kPeople; ++i) {
    auto& one = people[static_cast<std::size_t>(i)];
    SCOPED_TRACE(i);
    EXPECT_LE(one.approved, 1);
    if (i % 2 == 1) {
      EXPECT_EQ(one.approved, 1);
    }
    EXPECT_LE(one.claimers.size(), static_cast<std::size_t>(one.approved));
    EXPECT_EQ(status_of(one.held), one.approved == 1 ? "verified" : "held");
    const auto ceremonies = ceremonies_of(one.held);
    EXPECT_EQ(ceremonies.proofs.size(), static_cast<std::size_t>(one.approved));
    EXPECT_EQ(ceremonies.wrong, static_cast<std::uint64_t>(one.wrong)) << "each is counted";
    EXPECT_EQ(ceremonies.given, static_cast<std::uint64_t>(one.asked));
    EXPECT_EQ(ceremonies.given, ceremonies.open.size() + 1) << "one is spent, and none is lost";
    approved += one.approved;
    wrong += one.wrong;
  }
  EXPECT_GT(wrong, 0) << "of the four answers of each of three people one that is right came first";
  EXPECT_EQ(count_events_of(fixture_, "check.approved"), approved);
  EXPECT_EQ(count_events_of(fixture_, "transaction.verified"), approved);
  EXPECT_EQ(count_events_of(fixture_, "check.failed"), wrong);
}

// [WA-A10] Of two transactions of one person at once: the counter that is stored is that of the newest answer, and an
// answer that counted lower is refused once the higher is stored.
TEST_F(PasskeysSideBySide, TheCounterOfAKeyGoesForwardAlone) {
  auto one = person(0);
  std::vector<TransactionId> held;
  std::vector<JudgedBefore> answers;
  for (int i = 0; i < 8; ++i) {
    one.held = fixture_.hold("any");
    held.push_back(one.held);
    fixture_.use(one.held);
    const std::string options = one.holder->options();
    one.holder->device.sign_count += 1;
    answers.push_back(judged(one, options, true));
  }
  std::vector<std::uint32_t> taken;
  std::vector<UnitBody> bodies;
  for (std::size_t i = 0; i < held.size(); ++i) {
    bodies.emplace_back([&, i](const usecase::Work& work) {
      if (usecase::check_passkey(work, held[i], answers[i].judged, answers[i].response))
        taken.push_back(answers[i].judged.verdict->sign_count);
    });
  }
  std::mt19937 dice(7);
  std::ranges::shuffle(bodies, dice);
  run_in_one_batch(fixture_, bodies);
  ASSERT_EQ(fixture_.store().stats().repeated_batches, 0U);
  ASSERT_FALSE(taken.empty());
  EXPECT_TRUE(std::ranges::is_sorted(taken));
  EXPECT_EQ(count_events_of(fixture_, "factor.counter_fallen"), static_cast<int>(held.size() - taken.size()));
  fixture_.use(fixture_.hold("any"));
  one.held = fixture_.current();
  one.holder->device.sign_count = taken.back() - 1;
  EXPECT_EQ(why(one.holder->prove()), Code::kWrongResponse) << "the highest is stored";
}

}  // namespace
}  // namespace countersign::testing
