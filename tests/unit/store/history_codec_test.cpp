#include "store/repository/history_codec.h"

#include <gtest/gtest.h>

#include "store/error.h"
#include "store/repository/codec.h"

namespace countersign::store {
namespace {

using namespace domain::standing;

Id id_of_byte(std::uint8_t number) {
  Id id;
  id.raw.fill(number);
  return id;
}

WallTime at(std::int64_t micros) { return from_micros(micros); }

/// One in which everything that can be said is said.
History full_history() {
  History history;
  history.first_proof_at = at(11);
  history.founding_closed_at = at(12);
  history.founding_until = at(13);
  Binding plain;
  plain.id = {id_of_byte(1)};
  plain.source = id_of_byte(2);
  plain.bound_at = at(10);
  plain.founding = true;
  history.bindings.push_back(plain);
  Binding full;
  full.id = {id_of_byte(3)};
  full.source = id_of_byte(4);
  full.kind = domain::Kind::kRecovery;
  full.by = BoundBy::kPerson;
  full.bound_at = at(-5);
  full.added_with = {{id_of_byte(2), domain::Method::kSms}, {id_of_byte(9), domain::Method::kTotp}};
  full.waiting = {at(1), Duration(2), Duration(3), at(4), at(5), at(6)};
  full.vouched = Waiting{at(7), Duration(8), Duration(9), at(10), std::nullopt, at(11)};
  full.told = {id_of_byte(2), id_of_byte(5)};
  full.waits_anew_since = at(20);
  full.stopped = Stopped{at(21), id_of_byte(2)};
  full.objected_once = true;
  full.objectors = {full.source};
  full.kept_at = at(22);
  full.replaced = Replaced{{id_of_byte(1)}, at(23)};
  full.gone = Gone{GoneWhy::kObjected, at(24)};
  full.proved_at = at(25);
  full.leaving = Leaving{{id_of_byte(6)},
                         {at(30), Duration(31), Duration(32), at(33), at(34), std::nullopt},
                         {id_of_byte(2), id_of_byte(4)},
                         {id_of_byte(5), id_of_byte(7)}};
  full.stays_since = at(35);
  full.not_removed_at = at(36);
  full.renamed_at = at(39);
  full.woken_at = at(40);
  full.codes_used = {at(37), at(38)};
  history.bindings.push_back(full);
  full.stopped->by.reset();
  history.bindings.push_back(full);
  return history;
}

TEST(HistoryCodec, EverythingIsReadBack) {
  EXPECT_EQ(decode_history(encode_history(full_history())), full_history());
  EXPECT_EQ(decode_history(encode_history(History{})), History{});
}

TEST(HistoryCodec, IsReadByPeopleToo) {
  const std::string text = encode_history(full_history());
  EXPECT_TRUE(text.starts_with("1 first_proof=11 closed=12 until=13\nid=0101")) << text;
  EXPECT_NE(text.find(" kind=phone by=application at=10 founding wait="), std::string::npos) << text;
}

TEST(HistoryCodec, RefusesWhatItDoesNotWrite) {
  const std::string good = encode_history(full_history());
  const auto changed = [&](std::string_view from, std::string_view to) {
    std::string text = good;
    const auto place = text.find(from);
    EXPECT_NE(place, std::string::npos) << from;
    return text.replace(place, from.size(), to);
  };
  for (const std::string& text :
       {std::string(), std::string("2\n"), std::string("1 new=1\n"), changed("1 first_proof", "1 first_prof"),
        changed("kind=phone", "kind=telephone"), changed("by=application", "by=nobody"), changed(" at=10", ""),
        changed(" at=10", " at=1o"), changed("id=01", "id=0"), changed(":sms", ":fax"),
        changed("gone=objected", "gone=x"), changed(" founding", " founded"), changed(" leaving=", " leaves="),
        changed(" used=37,", " used=3x,"), std::string("1\n\n")}) {
    EXPECT_THROW(static_cast<void>(decode_history(text)), StoreFailure) << text;
  }
}

TEST(ProofCodec, KeepsHowTheSourceCounted) {
  const ContactId contact{id_of_byte(7)};
  const std::vector<domain::Proof> proofs{
      {domain::Method::kSms, id_of_byte(2), at(5), contact, {Counted::kFounding, at(1), std::nullopt}},
      {domain::Method::kTotp, id_of_byte(3), at(6), std::nullopt, {Counted::kRepeat, at(2), domain::Method::kSms}}};
  EXPECT_EQ(decode_proofs(encode_proofs(proofs)), proofs);
}

TEST(ProofCodec, ReadsWhatWasWrittenBeforeThereWasAHistory) {
  const auto proofs = decode_proofs(
      "sms 02020202020202020202020202020202 5 established\ntotp 03030303030303030303030303030303 6 fresh\n");
  ASSERT_EQ(proofs.size(), 1U);  // The second proved nothing.
  EXPECT_EQ(proofs[0], (domain::Proof{domain::Method::kSms, id_of_byte(2), at(5)}));
  EXPECT_EQ(decode_policy("any_of=sms min_kinds=1 quiet=5").wait, Duration(5));
}

}  // namespace
}  // namespace countersign::store
