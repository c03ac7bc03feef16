// What repositories answer that no use case's test asks, but the compatible API, the operator's commands and the
// development inbox do.

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "product_store.h"
#include "store/repository/accounts.h"
#include "store/repository/attempts.h"
#include "store/repository/contacts.h"
#include "store/repository/messages.h"
#include "store/repository/resources.h"
#include "store/repository/transactions.h"
#include "store/repository/verification_codec.h"

namespace countersign::store {
namespace {

class Repositories : public ProductStore {
 protected:
  Resource bucket(const Id& parent) {
    return {account_, "bucket", parent, Id::make(moment_), {}, {{"max", 3}}, moment_.now, moment_.now, {}};
  }
};

TEST_F(Repositories, TheDevelopmentInboxIsListedReadAndCleared) {
  const auto seen = in([&](Tx& tx) {
    std::vector<InboxRow> rows;
    for (const char* text : {"one", "two", "three"}) {
      rows.push_back({Id::make(moment_), MessageId::make(moment_), "sms", text, moment_.now});
      moment_.now += std::chrono::milliseconds(1);
      insert_inbox(tx, rows.back());
    }
    const auto newest = list_inbox(tx, 2);
    EXPECT_EQ(newest.size(), 2U);
    EXPECT_EQ(newest.front().content_sealed, "three");
    EXPECT_EQ(newest.back().message, rows[1].message);
    EXPECT_EQ(find_inbox(tx, rows[0].id)->content_sealed, "one");
    prune_inbox(tx, 1);
    EXPECT_FALSE(find_inbox(tx, rows[0].id));
    clear_inbox(tx);
    return list_inbox(tx, 10).size();
  });
  EXPECT_EQ(seen, 0U);
}

TEST_F(Repositories, AnAttemptIsOneMessageOfAStandaloneCode) {
  in([&](Tx& tx) {
    const auto service = ServiceId::make(moment_);
    const auto subject = SubjectId::make(moment_);
    TransactionRow t;
    t.state.account = account_;
    t.state.id = TransactionId::make(moment_);
    t.state.service = service;
    t.state.subject = subject;
    t.state.purpose = domain::Purpose::kStandaloneCode;
    t.locale = "pt-BR";
    EXPECT_FALSE(has_transaction(tx, account_, subject, service));
    t.state.status = domain::TransactionStatus::kReleased;
    insert_transaction(tx, t);
    EXPECT_TRUE(has_transaction(tx, account_, subject, service));
    EXPECT_FALSE(has_transaction(tx, account_, subject, ServiceId::make(moment_)));

    const auto contact = insert_first_contact(
        tx, vault_, {account_, subject, service, contact::Channel::kSms, "+15551234567", "+15551234567"}, moment_);
    MessageRow m;
    m.account = account_;
    m.id = MessageId::make(moment_);
    m.transaction = t.state.id;
    m.verification = {t.state.id.id};
    insert_message(tx, m);

    const auto attempt = find_attempt(tx, vault_, account_, m.id);
    EXPECT_TRUE(attempt);
    if (!attempt) return Done{};
    EXPECT_EQ(attempt->verification, m.verification);
    EXPECT_EQ(attempt->service, service);
    EXPECT_EQ(attempt->to, "+15551234567");
    EXPECT_EQ(attempt->message_status, "queued");
    EXPECT_EQ(attempt->locale, "pt-BR");
    EXPECT_TRUE(attempt->converted);
    EXPECT_FALSE(find_attempt(tx, vault_, account_, MessageId::make(moment_)));
    return Done{};
  });
}

TEST_F(Repositories, TheOldestOfTooManyVerificationsLeaves) {
  std::string content = no_verifications();
  std::vector<VerificationRow> made;
  for (int i = 0; i <= kVerificationsMax; ++i) {
    VerificationRow v;
    v.state.id.id.raw[15] = static_cast<std::uint8_t>(i);
    v.state.attempts = i;
    content = with_verification(content, v);
    made.push_back(v);
  }
  const auto attempts_of = [&](const VerificationRow& v) {
    const auto found = decode_verification(content, {}, {}, v.state.id);
    return found ? found->state.attempts : -1;
  };
  EXPECT_EQ(decode_verifications(content, {}, {}).size(), std::size_t{kVerificationsMax});
  EXPECT_EQ(attempts_of(made.front()), -1);
  EXPECT_EQ(attempts_of(made[1]), 1);
  EXPECT_EQ(attempts_of(made.back()), kVerificationsMax);

  // One that is there is not a new one, not even the oldest.
  made[1].state.attempts = 500;
  content = with_verification(content, made[1]);
  EXPECT_EQ(attempts_of(made[1]), 500);
  EXPECT_EQ(attempts_of(made[2]), 2);
  const auto rows = decode_verifications(content, {}, {});
  EXPECT_TRUE(std::ranges::is_sorted(rows, std::greater<>(), [](const auto& v) { return v.state.id; }));
  EXPECT_EQ(rows.back().state.id, made[1].state.id);

  // In whatever order they came: a clock may have been set back.
  std::string two = with_verification(no_verifications(), made[7]);
  two = with_verification(two, made[3]);
  EXPECT_EQ(two, with_verification(with_verification(no_verifications(), made[3]), made[7]));
  EXPECT_EQ(decode_verifications(with_verification(content, made.front()), {}, {}).back().state.id,
            made.front().state.id);
}

// Whatever else stands in the column is an unreadable row, and no verification.
TEST_F(Repositories, UnreadableVerificationsAreRefused) {
  VerificationRow v;
  v.state.code = {"digest", moment_.now};
  const std::string content = with_verification(no_verifications(), v);
  const auto unreadable = [](const std::string& bytes) {
    try {
      static_cast<void>(decode_verifications(bytes, {}, {}));
    } catch (const StoreFailure& failure) {
      return failure.error.code == StoreError::Code::kUnreadable;
    }
    return false;
  };
  EXPECT_FALSE(unreadable(content));
  EXPECT_TRUE(unreadable(""));
  EXPECT_TRUE(unreadable("\x02" + content.substr(1)));
  EXPECT_TRUE(unreadable(content + '\0'));
  for (std::size_t size = 2; size < content.size(); ++size) EXPECT_TRUE(unreadable(content.substr(0, size))) << size;
  std::string unknown = content;
  unknown[1 + 2 + 32] = 'q';  // The channel.
  EXPECT_TRUE(unreadable(unknown));
  unknown = content;
  unknown[2] = static_cast<char>(unknown[2] - 1);  // The size.
  EXPECT_TRUE(unreadable(unknown));
}

TEST_F(Repositories, ResourcesAreListedFromEitherEndAndGoWithTheirParent) {
  in([&](Tx& tx) {
    const Id parent = Id::make(moment_);
    const Id other = Id::make(moment_);
    std::vector<Id> ids;
    for (const Id& of : {parent, parent, parent, other}) {
      ids.push_back(bucket(of).id);
      auto made = bucket(of);
      made.id = ids.back();
      EXPECT_TRUE(insert_resource(tx, vault_, made, random_));
      moment_.now += std::chrono::milliseconds(1);
    }
    ResourceRange range;
    range.newest_first = true;
    range.after = ids[0];
    const auto newest = list_resources(tx, vault_, account_, "bucket", parent, range);
    EXPECT_EQ(newest.size(), 2U);
    EXPECT_EQ(newest.front().id, ids[2]);
    range.newest_first = false;
    EXPECT_EQ(list_resources(tx, vault_, account_, "bucket", parent, range).front().id, ids[1]);
    delete_children(tx, account_, "bucket", parent);
    EXPECT_EQ(count_resources(tx, account_, "bucket", parent), 0);
    EXPECT_EQ(count_resources(tx, account_, "bucket", other), 1);
    return Done{};
  });
}

TEST_F(Repositories, UnderWhichKeyAllWasSealedAnewIsRemembered) {
  in([&](Tx& tx) {
    EXPECT_EQ(sealed_anew_under(tx), 0U);
    save_sealed_anew(tx, 7);
    save_sealed_anew(tx, 9);
    EXPECT_EQ(sealed_anew_under(tx), 9U);
    return Done{};
  });
}

}  // namespace
}  // namespace countersign::store
