// Factors of every type on both engines: what belongs to the type, and the handle by which an authenticator names
// itself.

#include "store/repository/factors.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "engine_fixture.h"
#include "product_store.h"
#include "store/error.h"
#include "store/repository/recovery_codec.h"
#include "support/fake_time.h"

namespace countersign::store {
namespace {

class Factors : public ProductEngine {
 protected:
  FactorRow factor(domain::Method type, std::optional<std::string> handle) {
    FactorRow row;
    row.state.account = account_;
    row.state.id = FactorId::make(moment_);
    row.state.subject = subject_;
    row.state.type = type;
    row.state.created_at = moment_.now;
    row.state.confirm_by = moment_.now + std::chrono::minutes(15);
    row.name_sealed = seal_name(vault_, row.state.id, "Chave da Ana", random_);
    row.secret_sealed = seal_secret(vault_, row.state.id, "secret", random_);
    row.material_sealed = seal_material(vault_, row.state.id, std::string("\0material", 9), random_);
    row.handle_digest = std::move(handle);
    return row;
  }

  template <class Body>
  auto in(Body body) {
    auto done = store_->transact_now([&](Tx& tx) { return body(tx); });
    EXPECT_TRUE(done) << done.error().detail;
    return *std::move(done);
  }

  std::optional<FactorRow> by_handle(const AccountId& account, std::string_view handle) {
    return in([&](Tx& tx) { return find_factor_by_handle(tx, account, handle); });
  }
  bool insert(const FactorRow& row) {
    return store_
        ->transact_now([&](Tx& tx) {
          insert_factor(tx, row);
          return Done{};
        })
        .has_value();
  }

  crypto::Keyring ring_ = ring_of_letters();
  crypto::Sealer sealer_{ring_};
  crypto::Digester digester_{ring_};
  Vault vault_{sealer_, digester_};
  testing::SeededRandom random_;
  testing::FakeClock clock_;
  Moment moment_{clock_.now(), random_};
  AccountId account_ = AccountId::make(moment_);
  SubjectId subject_ = SubjectId::make(moment_);
};

TEST_P(Factors, OfAnyTypeAreReadAsTheyWereWrittenAndLoseTheirSecretsWhenRemoved) {
  for (const auto type : {domain::Method::kTotp, domain::Method::kWebauthn, domain::Method::kRecoveryCode}) {
    FactorRow row = factor(type, std::string(domain::to_text(type)));
    ASSERT_TRUE(insert(row));
    auto read = in([&](Tx& tx) { return find_factor(tx, account_, subject_, row.state.id); });
    ASSERT_TRUE(read);
    EXPECT_EQ(read->state.type, type);
    EXPECT_EQ(open_name(vault_, *read), "Chave da Ana");
    EXPECT_EQ(open_secret(vault_, *read).expose(), "secret");
    EXPECT_EQ(open_material(vault_, *read).expose(), std::string("\0material", 9));
    EXPECT_EQ(read->handle_digest, domain::to_text(type));

    read->material_sealed = seal_material(vault_, row.state.id, "less", random_);
    read->secret_sealed.reset();
    in([&](Tx& tx) {
      save_factor(tx, *read);
      return Done{};
    });
    read = in([&](Tx& tx) { return find_factor(tx, account_, subject_, row.state.id); });
    EXPECT_EQ(open_material(vault_, *read).expose(), "less");
    EXPECT_EQ(open_secret(vault_, *read).expose(), "");
    EXPECT_EQ(read->handle_digest, domain::to_text(type));

    read->state = *domain::removed(read->state, moment_.now);
    in([&](Tx& tx) {
      save_factor(tx, *read);
      return Done{};
    });
    read = in([&](Tx& tx) { return find_factor(tx, account_, subject_, row.state.id); });
    EXPECT_EQ(read->material_sealed, std::nullopt);
    EXPECT_EQ(read->secret_sealed, std::nullopt);
    EXPECT_EQ(read->handle_digest, std::nullopt);
    EXPECT_EQ(open_material(vault_, *read).expose(), "");
  }
}

TEST(RecoveryCodec, ReadsWhatItWroteAndNothingElse) {
  domain::RecoverySet set;
  for (char c = 'a'; c < 'k'; ++c) set.codes.push_back({std::string(16, c), std::string(32, c)});
  set.codes[3].digest.clear();
  const std::string material = encode_recovery_set(set);
  EXPECT_EQ(decode_recovery_set(material), set);
  EXPECT_EQ(decode_recovery_set(material).left(), 9U);
  EXPECT_EQ(decode_recovery_set(""), domain::RecoverySet{});
  for (const std::string& broken :
       {material.substr(1), material + "x", material.substr(0, material.size() - 1), "\x02" + material.substr(1)})
    EXPECT_THROW(static_cast<void>(decode_recovery_set(broken)), StoreFailure);
}

TEST_P(Factors, AnAccountKnowsAHandleOnceAndFindsItsFactorUntilThatIsRemoved) {
  FactorRow first = factor(domain::Method::kWebauthn, std::string(32, 'h'));
  ASSERT_TRUE(insert(first));
  EXPECT_EQ(by_handle(account_, std::string(32, 'h'))->state.id, first.state.id);
  EXPECT_FALSE(by_handle(account_, std::string(32, 'i')));
  EXPECT_FALSE(by_handle(AccountId::make(moment_), std::string(32, 'h')));
  EXPECT_FALSE(insert(factor(domain::Method::kWebauthn, std::string(32, 'h'))));
  // Another account knows it for itself; those without a handle do not meet.
  FactorRow elsewhere = factor(domain::Method::kWebauthn, std::string(32, 'h'));
  elsewhere.state.account = AccountId::make(moment_);
  EXPECT_TRUE(insert(elsewhere));
  EXPECT_TRUE(insert(factor(domain::Method::kRecoveryCode, std::nullopt)));
  EXPECT_TRUE(insert(factor(domain::Method::kRecoveryCode, std::nullopt)));

  first.state = *domain::removed(first.state, moment_.now);
  in([&](Tx& tx) {
    save_factor(tx, first);
    return Done{};
  });
  EXPECT_FALSE(by_handle(account_, std::string(32, 'h')));
  EXPECT_TRUE(insert(factor(domain::Method::kWebauthn, std::string(32, 'h'))));
}

INSTANTIATE_TEST_SUITE_P(Engines, Factors, ::testing::ValuesIn(serving_engines()),
                         [](const auto& each) { return each.param.name; });

}  // namespace
}  // namespace countersign::store
