// A change of keys and tokens is in force on every node within a second, of which four looks are.

#include "main/server/credential_watch.h"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <thread>

#include "main/server/auth_tokens.h"
#include "store/migration.h"
#include "store/migrations/migrations.h"
#include "store/repository/resources.h"
#include "store/sqlite/sqlite_store.h"
#include "support/fake_time.h"
#include "support/settings.h"
#include "unit/main/workplace.h"

namespace countersign::main {
namespace {

using testing::FakeClock;
using testing::SeededRandom;

const crypto::Keyring& the_keyring() {
  static const auto keyring = testing::test_keyring();
  return keyring;
}

/// What one node has in memory.
struct WatchingNode {
  explicit WatchingNode(store::Store& store, const store::Vault& vault, const usecase::Settings& settings,
                        const crypto::Digester& digester, Clock& clock)
      : keys(digester), watch({store, vault, settings, keys, tokens, clock}) {}

  usecase::KeyTable keys;
  api::twilio::AuthTokens tokens;
  CredentialWatch watch;
};

class CredentialWatchTest : public ::testing::Test {
 protected:
  Moment now() { return {clock_.now(), random_}; }
  template <class Unit>
  auto run(Unit unit) {
    auto outcome = store_->transact_now(unit);
    EXPECT_TRUE(outcome) << outcome.error().detail;
    return *std::move(outcome);
  }

  void SetUp() override {
    ASSERT_TRUE(store::migrate(*store_, store::all_migrations(), clock_.now()));
    account_ = run([&](store::Tx& tx) {
      Moment moment = now();
      return store::ensure_account(tx, "default", moment);
    });
    settings_.accounts.emplace(account_, usecase::AccountSettings{account_, "default", {}, {}, {}});
    begin();
  }
  /// As a server ends: who waits for the store outlives its stop.
  void TearDown() override {
    for (auto* node : {&one_, &two_}) (*node)->watch.stop();
    store_->stop();
  }

  void begin() {
    for (auto* node : {&one_, &two_}) {
      *node = std::make_unique<WatchingNode>(*store_, vault_, settings_, digester_, clock_);
      in_force(**node);
    }
  }
  usecase::IssuedKey insert_key() {
    Moment moment = now();
    auto issued = usecase::issue_key(digester_, account_, "shop", std::nullopt, moment);
    run([&](store::Tx& tx) {
      store::insert_api_key(tx, issued.row);
      return Done{};
    });
    return issued;
  }

  /// Blocks until what was committed before is in force there.
  static void in_force(WatchingNode& node) {
    std::mutex mutex;
    std::condition_variable changed;
    bool done = false;
    node.watch.refresh([&] {
      const std::lock_guard lock(mutex);
      done = true;
      changed.notify_all();
    });
    std::unique_lock lock(mutex);
    ASSERT_TRUE(changed.wait_for(lock, std::chrono::seconds(60), [&] { return done; }));
  }

  /// The nodes' own threads bring it about. False if they do not for minutes.
  static bool comes(const std::function<bool()>& so) {
    for (int naps = 0; naps < 300'000; ++naps) {
      if (so()) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return false;
  }

  [[nodiscard]] bool both(const std::function<bool(WatchingNode&)>& so) { return so(*one_) && so(*two_); }
  [[nodiscard]] bool works(WatchingNode& node, const usecase::IssuedKey& key) const {
    return node.keys.find(key.text.expose(), clock_.now()).has_value();
  }

  std::optional<WallTime> last_used() {
    const auto keys = store_->read_now([](store::Tx& tx) { return store::all_api_keys(tx); });
    return keys && keys->size() == 1 ? keys->front().last_used_at : std::nullopt;
  }

  FakeClock clock_;
  SeededRandom random_;
  crypto::Sealer sealer_{the_keyring()};
  crypto::Digester digester_{the_keyring()};
  store::Vault vault_{sealer_, digester_};
  Workplace place_;
  // On a disk, where readings and changes go side by side.
  std::unique_ptr<store::Store> store_ = store::open_sqlite({.file = place_.dir() / "keys.db"}).value();
  usecase::Settings settings_;
  AccountId account_;
  std::unique_ptr<WatchingNode> one_;
  std::unique_ptr<WatchingNode> two_;
};

// A change is in force after one look, or after two where one was under way. They are counted, and not timed: a machine
// that is overloaded takes its time for each. The nodes' clock stands, so nothing is read but for its version.
TEST_F(CredentialWatchTest, AChangeIsInForceAfterTheLooksOfASecond) {
  constexpr std::uint64_t kLooksOfASecond = 4;
  static_assert(kLooksOfASecond * CredentialWatch::kLook <= std::chrono::seconds(1));
  two_->watch.stop();
  const auto looks = [&] { return store_->stats().reads; };
  const auto key = insert_key();
  auto before = looks();
  EXPECT_TRUE(comes([&] { return works(*one_, key); }));
  EXPECT_LE(looks() - before, kLooksOfASecond);
  ASSERT_TRUE(run([&](store::Tx& tx) { return store::revoke_api_key(tx, key.row.id, clock_.now()); }));
  before = looks();
  EXPECT_TRUE(comes([&] { return !works(*one_, key); }));
  EXPECT_LE(looks() - before, kLooksOfASecond);
}

TEST_F(CredentialWatchTest, AKeyIsGoodAndVoidOnAllNodes) {
  const auto key = insert_key();
  EXPECT_TRUE(comes([&] { return both([&](auto& node) { return works(node, key); }); }));
  ASSERT_TRUE(run([&](store::Tx& tx) { return store::revoke_api_key(tx, key.row.id, clock_.now()); }));
  EXPECT_TRUE(comes([&] { return both([&](auto& node) { return !works(node, key); }); }));
}

TEST_F(CredentialWatchTest, AnAuthTokenIsReplacedOnAllNodes) {
  const auto first = run([&](store::Tx& tx) {
    Moment moment = now();
    return store::ensure_auth_token(tx, vault_, account_, {}, moment).expose();
  });
  const auto is_good = [&](const std::string& token) {
    return [&, token](WatchingNode& node) { return node.tokens.find(account_.text(), token).has_value(); };
  };
  const auto is_void = [&](const std::string& token) {
    return [&, token](WatchingNode& node) { return !node.tokens.find(account_.text(), token).has_value(); };
  };
  EXPECT_TRUE(comes([&] { return both(is_good(first)); }));
  const auto second = run([&](store::Tx& tx) {
    Moment moment = now();
    return usecase::verify_api::make_secondary_token(tx, vault_, account_, moment).expose();
  });
  EXPECT_TRUE(comes([&] { return both(is_good(second)); }));
  ASSERT_TRUE(run([&](store::Tx& tx) {
    Moment moment = now();
    return usecase::verify_api::promote_secondary_token(tx, vault_, account_, moment);
  }));
  EXPECT_TRUE(comes([&] { return both(is_void(first)); }));
  const auto third = run([&](store::Tx& tx) {
    Moment moment = now();
    return usecase::verify_api::make_secondary_token(tx, vault_, account_, moment).expose();
  });
  EXPECT_TRUE(comes([&] { return both(is_good(third)); }));
  ASSERT_TRUE(run([&](store::Tx& tx) { return usecase::verify_api::remove_secondary_token(tx, vault_, account_); }));
  EXPECT_TRUE(comes([&] { return both(is_void(third)); }));
}

// During an exchange of versions, and by hand.
TEST_F(CredentialWatchTest, AChangeWithoutAVersionIsSeenAfterFiveSeconds) {
  const auto key = insert_key();
  comes([&] { return both([&](auto& node) { return works(node, key); }); });
  run([&](store::Tx& tx) {
    static const store::Sql kByHand{"UPDATE api_keys SET revoked_at = ?1"};
    tx.exec(kByHand, {clock_.now()});
    return Done{};
  });
  clock_.advance(std::chrono::seconds(5));
  EXPECT_TRUE(comes([&] { return both([&](auto& node) { return !works(node, key); }); }));
}

TEST_F(CredentialWatchTest, WhoeverWaitsForAChangeHasItThen) {
  // Readings are under way all the time, and take long; most have begun before the change.
  run([&](store::Tx& tx) {
    Moment moment = now();
    for (int i = 0; i < 3000; ++i) {
      store::insert_api_key(tx, usecase::issue_key(digester_, account_, "filler", std::nullopt, moment).row);
    }
    return Done{};
  });
  std::atomic<bool> over = false;
  std::thread others([&] {
    while (!over) {
      one_->watch.refresh();
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  });
  for (int round = 0; round < 20; ++round) {
    const auto key = insert_key();
    in_force(*one_);
    EXPECT_TRUE(works(*one_, key)) << round;
    ASSERT_TRUE(run([&](store::Tx& tx) { return store::revoke_api_key(tx, key.row.id, clock_.now()); }));
    in_force(*one_);
    EXPECT_FALSE(works(*one_, key)) << round;
  }
  over = true;
  others.join();
}

TEST_F(CredentialWatchTest, TheLastUseIsWrittenDownOnceAnHour) {
  two_->watch.stop();
  const auto key = insert_key();
  comes([&] { return works(*one_, key); });  // That is a use.
  const WallTime first = clock_.now();
  EXPECT_EQ(last_used(), std::nullopt);
  clock_.advance(std::chrono::minutes(1));
  comes([&] { return last_used().has_value(); });
  EXPECT_EQ(last_used(), first);

  const auto commits = [&] { return store_->stats().commits; };
  const std::uint64_t before = commits();
  for (int minute = 1; minute < 59; ++minute) {
    EXPECT_TRUE(works(*one_, key));
    clock_.advance(std::chrono::minutes(1));
    in_force(*one_);
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(600));  // Two looks.
  EXPECT_EQ(commits(), before) << "not more often";
  clock_.advance(std::chrono::minutes(10));
  EXPECT_TRUE(works(*one_, key));
  const WallTime later = clock_.now();
  clock_.advance(std::chrono::minutes(1));
  comes([&] { return last_used() != first; });
  EXPECT_EQ(last_used(), later);
}

}  // namespace
}  // namespace countersign::main
