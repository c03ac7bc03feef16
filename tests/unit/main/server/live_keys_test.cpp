#include "main/server/live_keys.h"

#include <gtest/gtest.h>

#include "main/config/keys.h"
#include "store/migrations/migrations.h"
#include "store/repository/accounts.h"
#include "store/sqlite/sqlite_store.h"
#include "support/fake_time.h"
#include "unit/main/workplace.h"

namespace countersign::main {
namespace {

class LiveKeysTest : public ::testing::Test {
 protected:
  void SetUp() override {
    place_.write_secrets();
    secrets_ = *load_secrets(place_.production(kGoodConfig));
    store_ = *store::open_sqlite_in_memory();
    ASSERT_TRUE(store::migrate(*store_, store::all_migrations(), clock_.now()));
    keys_.emplace(secrets_, clock_.now());
  }
  static crypto::KeyringEntry key(std::uint32_t id, char fill) { return {id, SecretString(std::string(32, fill))}; }
  std::optional<bool> take(const SecretsConfig& next) {
    const auto taken = keys_->take(next, *store_, clock_.now());
    return taken ? std::optional(*taken) : std::nullopt;
  }
  std::string why_not(const SecretsConfig& next) {
    const auto taken = keys_->take(next, *store_, clock_.now());
    return taken ? "taken" : taken.error();
  }

  Workplace place_;
  testing::FakeClock clock_;
  testing::SeededRandom random_;
  SecretsConfig secrets_;
  std::unique_ptr<store::Store> store_;
  std::optional<LiveKeys> keys_;
};

TEST_F(LiveKeysTest, NewKeysAreTakenAndWrittenDown) {
  auto next = secrets_;
  next.seal_keys.push_back(key(2, 'b'));
  clock_.advance(std::chrono::seconds(5));
  EXPECT_EQ(take(next), true);
  EXPECT_EQ(take(next), false) << "nothing has changed";
  auto holder = keys_->holder("a", clock_.now());
  EXPECT_EQ(holder.seal_keys, (std::vector<std::uint32_t>{1, 2}));
  EXPECT_EQ(holder.current_seal_key, 1U);
  EXPECT_EQ(holder.since, clock_.now());
  next.current_seal_key = 2;
  EXPECT_EQ(take(next), true);
  EXPECT_EQ(keys_->sealer().current_key_id(), 2U);

  next.next_signing_key =
      SecretString(crypto::SigningKey::generate(crypto::JwsAlgorithm::kEdDsa, random_).to_pkcs8_pem());
  EXPECT_EQ(take(next), true);
  holder = keys_->holder("a", clock_.now());
  EXPECT_EQ(holder.published_keys.size(), 2U);
  EXPECT_EQ(holder.signing_key, keys_->signing_keys().current().kid());
}

TEST_F(LiveKeysTest, TestKeysAreOfTheKindThatTheLiveOneIs) {
  using enum crypto::JwsAlgorithm;
  const auto first = keys_->test_signing_keys().current().kid();
  EXPECT_EQ(keys_->test_signing_keys().current().algorithm(), kEdDsa);
  EXPECT_EQ(keys_->test_signing_keys().all().published().size(), 1U);
  EXPECT_NE(first, keys_->signing_keys().current().kid());

  testing::SeededRandom others(7);  // That of the test has made the first one.
  // Another one of the same kind changes nothing in test mode.
  const auto key = [&](crypto::JwsAlgorithm kind) {
    return SecretString(crypto::SigningKey::generate(kind, others).to_pkcs8_pem());
  };
  auto next = secrets_;
  next.signing_key = key(kEdDsa);
  ASSERT_EQ(take(next), true);
  EXPECT_EQ(keys_->test_signing_keys().current().kid(), first);
  EXPECT_EQ(keys_->test_signing_keys().all().published().size(), 1U);

  // Of the other kind: published first, as the live one is, then it signs, and the former one stays published.
  next.next_signing_key = key(kEs256);
  ASSERT_EQ(take(next), true);
  EXPECT_EQ(keys_->test_signing_keys().current().kid(), first);
  const auto second = keys_->test_signing_keys().all().published().at(1).kid();
  next.retired_signing_keys = keys_->signing_keys().current().public_key().to_pem();
  next.signing_key = std::exchange(next.next_signing_key, SecretString());
  ASSERT_EQ(take(next), true);
  EXPECT_EQ(keys_->test_signing_keys().current().kid(), second);
  EXPECT_EQ(keys_->test_signing_keys().current().algorithm(), kEs256);
  EXPECT_NE(keys_->test_signing_keys().jwks().find(first), std::string::npos);

  // The same after a start, and on every node.
  EXPECT_EQ(LiveKeys(next, clock_.now()).test_signing_keys().jwks(), keys_->test_signing_keys().jwks());
  next.retired_signing_keys.clear();
  ASSERT_EQ(take(next), true);
  EXPECT_EQ(keys_->test_signing_keys().all().published().size(), 1U);
}

TEST_F(LiveKeysTest, TheLookUpKeyStays) {
  auto next = secrets_;
  next.lookup_key = SecretString(std::string(32, 'x'));
  EXPECT_EQ(why_not(next), "the look-up key is another one; it cannot be changed, put the old one back");
}

TEST_F(LiveKeysTest, AnIdStandsForOneKey) {
  auto next = secrets_;
  next.seal_keys = {key(1, 'x')};
  EXPECT_EQ(why_not(next), "sealing key 1 is another one than before; a new key needs an id of its own");
  // Another node has it already, with other bytes.
  ASSERT_TRUE(store_->transact_now([](store::Tx& tx) {
    store::insert_key_check(tx, "seal 2", "0123456789abcdef");
    return Done{};
  }));
  next = secrets_;
  next.seal_keys.push_back(key(2, 'b'));
  EXPECT_EQ(why_not(next),
            "sealing key 2 is not the one that the database was written under; restore the right secrets file");
  EXPECT_EQ(keys_->holder("a", clock_.now()).seal_keys, std::vector<std::uint32_t>{1});
}

TEST_F(LiveKeysTest, AKeyThatIsNeededStays) {
  auto both = secrets_;
  both.seal_keys.push_back(key(2, 'b'));
  both.current_seal_key = 2;
  ASSERT_EQ(take(secrets_), false);
  ASSERT_EQ(take(both), true);
  auto without = both;
  without.seal_keys.erase(without.seal_keys.begin());
  ASSERT_TRUE(store_->transact_now([&](store::Tx& tx) {
    Moment moment{clock_.now(), random_};
    const LiveKeys other(secrets_, clock_.now());
    store::save_key_holder(tx, other.holder("slow", clock_.now()));
    static_cast<void>(store::ensure_auth_token(tx, {other.sealer(), other.digester()},
                                               store::ensure_account(tx, "default", moment), {}, moment));
    return Done{};
  }));
  EXPECT_EQ(why_not(without),
            "sealing key 1 is not in the secrets file, but node slow seals what is new under it; put back the secrets "
            "file that has it");
  clock_.advance(store::kHolderGone + Duration(1));
  EXPECT_EQ(why_not(without),
            "sealing key 1 is not in the secrets file, but something in the database is sealed under it (`countersign "
            "keys status` says what); put back the secrets file that has it");
  EXPECT_EQ(keys_->sealer().current_key_id(), 2U);
  ASSERT_TRUE(store_->transact_now([](store::Tx& tx) {
    static const store::Sql kNone{"DELETE FROM auth_tokens"};
    tx.put(kNone, {});
    return Done{};
  }));
  EXPECT_EQ(take(without), true);
  const auto checked = store_->read_now([](store::Tx& tx) { return store::checked_seal_keys(tx); });
  EXPECT_EQ(*checked, std::vector<std::uint32_t>{2});
}

}  // namespace
}  // namespace countersign::main
