#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "store/migration.h"
#include "store/migrations/migrations.h"
#include "store/repository/vault.h"
#include "store/sqlite/sqlite_store.h"
#include "support/fake_time.h"

namespace countersign::store {

inline crypto::Keyring ring_of_letters() {
  std::vector<crypto::KeyringEntry> entries(1);
  entries.front() = {1, SecretString(std::string(32, 's'))};
  return crypto::Keyring::make(std::move(entries), 1, SecretString(std::string(32, 'l'))).value();
}

/// The tables of the product in memory, with what repositories need to write them.
class ProductStore : public ::testing::Test {
 protected:
  template <class Body>
  auto in(Body body) {
    auto done = store_->transact_now([&](Tx& tx) { return body(tx); });
    EXPECT_TRUE(done) << done.error().detail;
    return *std::move(done);
  }

  void SetUp() override {
    store_ = open_sqlite_in_memory().value();
    ASSERT_TRUE(migrate(*store_, all_migrations(), WallTime{}));
  }

  std::unique_ptr<Store> store_;
  crypto::Keyring ring_ = ring_of_letters();
  crypto::Sealer sealer_{ring_};
  crypto::Digester digester_{ring_};
  Vault vault_{sealer_, digester_};
  testing::SeededRandom random_;
  testing::FakeClock clock_;
  Moment moment_{clock_.now(), random_};
  AccountId account_ = AccountId::make(moment_);
};

}  // namespace countersign::store
