#include <set>

#include "base/test_account.h"
#include "store/repository/accounts.h"
#include "store/repository/ceremonies.h"
#include "store/repository/factors.h"
#include "store/repository/idempotency.h"
#include "store/repository/key_holders.h"
#include "store/repository/resources.h"
#include "store/repository/subjects.h"
#include "store/repository/test_mode.h"
#include "store/upkeep/catalogue.h"
#include "store/upkeep/sealed_columns.h"
#include "support/settings.h"
#include "tests/unit/usecase/script.h"
#include "usecase/development/inbox.h"
#include "usecase/queued_message.h"
#include "usecase/transaction/show.h"

// After a change of keys everything is sealed anew, so that nothing needs the old key any longer.
namespace countersign::testing {
namespace {

/// Keys 1 to `count`, the first being that of every test; `current` seals.
crypto::Keyring keys_up_to(std::uint32_t count, std::uint32_t current, std::uint32_t from = 1) {
  std::vector<crypto::KeyringEntry> entries;
  for (std::uint32_t id = from; id <= count; ++id)
    entries.push_back({id, SecretString(std::string(32, id == 1 ? 's' : static_cast<char>('A' + id)))});
  return crypto::Keyring::make(std::move(entries), current, SecretString(std::string(32, 'l'))).value();
}

/// Something in each column that is sealed, and in some of them more than one page of a walk.
struct FirstHeld {
  TransactionId id;
  std::string code;
};
FirstHeld fill(Fixture& fixture) {
  fixture.request().return_url = "https://shop.example.com/orders/4711";
  fixture.request().metadata = R"({"order":4711})";
  const TransactionId first = fixture.hold();
  EXPECT_EQ(why(fixture.start()), kYes);
  const std::string code = fixture.code();
  const auto endpoint = fixture.add_endpoint();
  fixture.in([&](store::Tx& tx, Moment& moment) {
    const auto& context = fixture.context();
    const usecase::EnrolRequest app{std::string(kIdentity), "Telefone da Ana", "", {}};
    const auto enrolled = usecase::enrol_totp({tx, context, fixture.caller(), moment}, app);
    EXPECT_TRUE(enrolled);
    const auto subject = store::find_subject(tx, context.vault, fixture.account(), kIdentity);
    auto factor = store::find_factor(tx, fixture.account(), *subject, enrolled->id);
    factor->material_sealed = store::seal_material(context.vault, enrolled->id, "of its type", moment.random);
    store::save_factor(tx, *factor);
    auto held = store::find_transaction(tx, fixture.account(), first);
    store::put_ceremonies(context.vault, *held, {{{std::string(32, 'x'), moment.now, {}}}, {}}, moment.random);
    store::save_ceremonies(tx, *held);
    EXPECT_TRUE(usecase::rotate_secret({tx, context, fixture.caller(), moment}, endpoint->endpoint.id, {},
                                       usecase::kSecretOverlap));
    static_cast<void>(store::ensure_auth_token(tx, context.vault, fixture.account(), {}, moment));
    for (int i = 0; i < 5; ++i) {
      const store::Resource resource{fixture.account(),
                                     i % 2 == 0 ? "service" : "rate_limit",
                                     Id::make(moment),
                                     Id::make(moment),
                                     {},
                                     {{"n", i}},
                                     moment.now,
                                     moment.now,
                                     {}};
      EXPECT_TRUE(store::insert_resource(tx, context.vault, resource, moment.random));
    }
    store::save_answer(tx, context.vault, fixture.account(), std::string(32, 'd'), {"digest", 200, "answer"}, moment);
    delivery::OutgoingMessage message;
    message.id = MessageId::make(moment);
    message.channel = Channel::kSms;
    message.to = kPhone;
    message.expires_at = moment.now;
    usecase::put_into_inbox(tx, context, message, moment);
    store::TestMessageRow test;
    test.account = test_twin_of(fixture.account());
    test.id = MessageId::make(moment);
    test.content_sealed = usecase::seal_content(context.vault, test.id, message, moment.random);
    test.arrives_at = moment.now;
    store::insert_test_message(tx, test);
    return Done{};
  });
  for (int i = 0; i < 7; ++i) fixture.hold();
  EXPECT_EQ(why(fixture.add_contact(Channel::kEmail, kEmail)), kYes);  // Her telephone is told of it.
  return {first, code};
}

std::set<std::uint32_t> keys_in_use(Fixture& fixture) {
  std::set<std::uint32_t> keys;
  for (const auto& count : fixture.in([](store::Tx& tx, Moment&) { return store::count_sealed(tx); }))
    keys.insert(count.key);
  return keys;
}

std::string left_under(Fixture& fixture, std::uint32_t key) {
  std::string left;
  for (const auto& count : fixture.in([](store::Tx& tx, Moment&) { return store::count_sealed(tx); }))
    if (count.key == key) left += std::string(count.column) + " " + std::to_string(count.values) + "\n";
  return left;
}

/// The whole walk; how many values it sealed anew.
std::int64_t seal_all_anew(Fixture& fixture, int page) {
  store::SealedCursor cursor;
  std::int64_t done = 0;
  while (true) {
    const auto sealed = fixture.in([&](store::Tx& tx, Moment& moment) {
      auto at = cursor;
      std::vector<store::SealedValue> values;
      const bool more = store::next_sealed(tx, fixture.sealer().current_key_id(), page, at, values);
      return std::tuple(more, at, store::seal_anew(tx, fixture.context().vault, values, moment.random));
    });
    if (!std::get<0>(sealed)) return done;
    cursor = std::get<1>(sealed);
    done += std::get<2>(sealed);
  }
}

TEST(SealedAnew, KnowsEveryColumnOfTheSchemaThatIsSealed) {
  Fixture fixture;
  std::set<std::string> wanted;
  for (const auto& table : fixture.in([](store::Tx& tx, Moment&) { return store::read_catalogue(tx); })) {
    for (const auto& column : table.columns) {
      const bool sealed = column.name.ends_with("_sealed") || column.name.ends_with("_wrapped");
      if (sealed && table.name + "." + column.name != "payloads.payload_sealed")  // Under a key of its own.
        wanted.insert(table.name + "." + column.name);
    }
  }
  const auto known = store::sealed_columns();
  EXPECT_EQ(std::set<std::string>(known.begin(), known.end()), wanted);
}

TEST(SealedAnew, NothingNeedsTheOldKeyAndEverythingIsRead) {
  for (const int page : {1, 3, 1000}) {
    Fixture fixture;
    const FirstHeld first = fill(fixture);
    std::set<std::string_view> filled;
    std::int64_t values = 0;
    for (const auto& count : fixture.in([](store::Tx& tx, Moment&) { return store::count_sealed(tx); })) {
      filled.insert(count.column);
      EXPECT_EQ(count.key, 1U);
      values += count.values;
    }
    EXPECT_EQ(filled.size(), store::sealed_columns().size())
        << "a column is empty, so this test would see nothing of it";
    EXPECT_EQ(seal_all_anew(fixture, page), 0) << "there is one key alone";

    fixture.sealer().replace(keys_up_to(2, 2));
    EXPECT_TRUE(fixture.in([](store::Tx& tx, Moment&) { return store::is_sealed_under(tx, 1); }));
    EXPECT_EQ(seal_all_anew(fixture, page), values);
    EXPECT_EQ(left_under(fixture, 1), "");
    EXPECT_EQ(keys_in_use(fixture), std::set<std::uint32_t>{2});
    EXPECT_FALSE(fixture.in([](store::Tx& tx, Moment&) { return store::is_sealed_under(tx, 1); }));

    // With the new one alone all of it opens, in its own place.
    fixture.sealer().replace(keys_up_to(3, 3, 2));
    EXPECT_EQ(seal_all_anew(fixture, page), values);
    EXPECT_EQ(keys_in_use(fixture), std::set<std::uint32_t>{3});
    fixture.use(first.id);
    ASSERT_EQ(why(fixture.check(first.code)), kYes);
    EXPECT_EQ(fixture.claim()->payload.expose(), kPayload);
    const auto shown = fixture.in([&](store::Tx& tx, Moment& moment) {
      return usecase::show_transaction({tx, fixture.context(), fixture.caller(), moment}, fixture.current());
    });
    ASSERT_TRUE(shown);
    EXPECT_EQ(shown->return_url, "https://shop.example.com/orders/4711");
  }
}

TEST(SealedAnew, AValueThatWasChangedMeanwhileIsLeftAlone) {
  Fixture fixture;
  fixture.hold();
  const SubjectId subject = fixture.row().state.subject;
  fixture.sealer().replace(keys_up_to(2, 2));
  store::SealedCursor cursor;
  std::vector<store::SealedValue> values;
  fixture.in([&](store::Tx& tx, Moment&) {
    EXPECT_TRUE(store::next_sealed(tx, 2, 10, cursor, values));
    return Done{};
  });
  ASSERT_EQ(values.size(), 1U);  // The identity of the one person.
  fixture.in([&](store::Tx& tx, Moment& moment) {
    static const store::Sql kErase{"UPDATE subjects SET identity_sealed = ?1"};
    const auto& vault = fixture.context().vault;
    tx.put(kErase, {store::Blob{vault.seal("", "subjects", values.front().id, "identity", moment.random)}});
    static_cast<void>(store::seal_anew(tx, vault, values, moment.random));
    EXPECT_EQ(store::subject_identity(tx, vault, fixture.account(), subject), "");
    return Done{};
  });
}

TEST(KeyHolders, AreForgottenWhenTheyAreGone) {
  Fixture fixture;
  const auto save = [&](const std::string& node) {
    fixture.in([&](store::Tx& tx, Moment& moment) {
      store::save_key_holder(tx, {node, {1, 2}, 1, "kid-1", {"kid-1", "kid-2"}, moment.now, moment.now});
      return Done{};
    });
  };
  const auto there = [&] {
    std::vector<std::string> nodes;
    for (const auto& h : fixture.in([](store::Tx& tx, Moment& moment) { return store::key_holders(tx, moment.now); }))
      nodes.push_back(h.node);
    return nodes;
  };
  save("b");
  fixture.wait(store::kHolderGone - std::chrono::seconds(1));
  save("a");
  EXPECT_EQ(there(), (std::vector<std::string>{"a", "b"}));
  const auto holders = fixture.in([](store::Tx& tx, Moment& moment) { return store::key_holders(tx, moment.now); });
  EXPECT_TRUE(holders.front().knows_seal_key(2));
  EXPECT_FALSE(holders.front().knows_seal_key(3));
  EXPECT_TRUE(holders.front().publishes("kid-2"));
  EXPECT_FALSE(holders.front().publishes("kid"));
  fixture.wait(std::chrono::seconds(2));
  EXPECT_EQ(there(), std::vector<std::string>{"a"});
  fixture.in([](store::Tx& tx, Moment&) {
    store::remove_key_holder(tx, "a");
    return Done{};
  });
  EXPECT_TRUE(there().empty());
  const auto rows = [&] {
    return fixture.in([](store::Tx& tx, Moment&) {
      static const store::Sql kCount{"SELECT count(*) FROM key_holders"};
      std::int64_t count = 0;
      tx.one(kCount, {}, [&](const store::Row& row) { count = row.integer(0); });
      return count;
    });
  };
  EXPECT_EQ(rows(), 1) << "b, until the next one says where it stands";
  save("c");
  EXPECT_EQ(rows(), 1) << "c alone";
}

}  // namespace
}  // namespace countersign::testing
