// What repositories pack into one column is read by programs of other versions, and by people: a change of form must
// show here. The layouts stand written before the code that packs them; what is expected is put together from those.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/encoding.h"
#include "product_store.h"
#include "store/repository/codec.h"
#include "store/repository/contacts.h"
#include "store/repository/counters.h"
#include "store/repository/erasures.h"
#include "store/repository/event_bundle.h"
#include "store/repository/history_codec.h"
#include "store/repository/notices.h"
#include "store/repository/packed_number.h"
#include "store/repository/resources.h"
#include "store/repository/verification_codec.h"
#include "store/upkeep/value.h"

namespace countersign::store {
namespace {

template <class AnyId>
AnyId all_of(std::uint8_t byte) {
  AnyId id;
  id.id.raw.fill(byte);
  return id;
}

Id raw_of(std::uint8_t byte) { return all_of<SubjectId>(byte).id; }

std::string hex_of(const char* pair) {
  std::string hex;
  for (int i = 0; i < 16; ++i) hex += pair;
  return hex;
}

TEST(WrittenForms, APolicy) {
  domain::Policy policy;
  policy.any_of.add(domain::Method::kSms);
  policy.any_of.add(domain::Method::kTotp);
  policy.min_kinds = 2;
  policy.user_verification = false;
  policy.totp_alone = true;
  policy.email_alone = false;
  policy.trust_on_first_use = true;
  policy.wait = Duration(72);
  EXPECT_EQ(encode_policy(policy),
            "any_of=sms,totp min_kinds=2 user_verification=0 totp_alone=1 email_alone=0 trust_on_first_use=1 enrol= "
            "wait=72");
  policy.device_bound = true;
  EXPECT_TRUE(encode_policy(policy).ends_with(" wait=72 device_bound=1"));
  EXPECT_EQ(decode_policy(encode_policy(policy)), policy);
  policy.display_required = false;
  EXPECT_TRUE(encode_policy(policy).ends_with(" device_bound=1 display_required=0"));
  EXPECT_EQ(decode_policy(encode_policy(policy)), policy);
}

TEST(WrittenForms, TheChannelsOfAProof) {
  using domain::standing::Counted;
  domain::Proof proof{domain::Method::kSms, raw_of(0x02), from_micros(5), all_of<ContactId>(0x07)};
  proof.how = {Counted::kRepeat, from_micros(2), domain::Method::kTotp};
  proof.channels = {contact::Channel::kWhatsapp, contact::Channel::kSms};
  EXPECT_EQ(encode_proofs({proof}), "sms " + hex_of("02") + " 5 " + hex_of("07") + " repeat 2 by=whatsapp,sms totp\n");
  EXPECT_EQ(decode_proofs(encode_proofs({proof})), std::vector{proof});
  proof.how = {Counted::kWaited, from_micros(1), std::nullopt, "other"};
  EXPECT_EQ(decode_proofs(encode_proofs({proof})), std::vector{proof});
}

TEST(WrittenForms, WhatAPasskeySaidOfItself) {
  for (const bool verified : {false, true}) {
    for (const bool bound : {false, true}) {
      domain::Proof proof{domain::Method::kWebauthn, raw_of(0x02), from_micros(5)};
      proof.how = {domain::standing::Counted::kWaited, from_micros(1), std::nullopt};
      proof.passkey = {verified, bound};
      const std::string text = encode_proofs({proof});
      EXPECT_TRUE(
          text.starts_with(std::string("webauthn") + (verified ? "+verified" : "") + (bound ? "+bound" : "") + " "))
          << text;
      EXPECT_EQ(decode_proofs(text), std::vector{proof});
    }
  }
}

TEST(WrittenForms, WhatAnAnswerToAPushCarried) {
  for (const bool typed : {false, true}) {
    domain::Proof proof{domain::Method::kPush, raw_of(0x02), from_micros(5)};
    proof.how = {domain::standing::Counted::kWaited, from_micros(1), std::nullopt};
    proof.push = {typed};
    const std::string text = encode_proofs({proof});
    EXPECT_TRUE(text.starts_with(typed ? "push+number " : "push ")) << text;
    EXPECT_EQ(decode_proofs(text), std::vector{proof});
  }
}

TEST(WrittenForms, Proofs) {
  using domain::standing::Counted;
  const ContactId contact = all_of<ContactId>(0x07);
  EXPECT_EQ(encode_proofs({{domain::Method::kSms,
                            raw_of(0x02),
                            from_micros(5),
                            contact,
                            {Counted::kFounding, from_micros(1), std::nullopt}},
                           {domain::Method::kTotp,
                            raw_of(0x0a),
                            from_micros(6),
                            std::nullopt,
                            {Counted::kRepeat, from_micros(2), domain::Method::kSms}}}),
            "sms " + hex_of("02") + " 5 " + hex_of("07") + " founding 1\ntotp " + hex_of("0a") + " 6 - repeat 2 sms\n");
}

TEST(WrittenForms, AHistory) {
  using namespace domain::standing;
  History history;
  history.first_proof_at = from_micros(11);
  history.founding_until = from_micros(13);
  Binding b;
  b.id = all_of<BindingId>(0x01);
  b.source = raw_of(0x02);
  b.kind = domain::Kind::kAuthenticator;
  b.by = BoundBy::kPerson;
  b.bound_at = from_micros(10);
  b.founding = true;
  b.added_with = {{raw_of(0x03), domain::Method::kSms}, {raw_of(0x04), domain::Method::kTotp}};
  b.waiting = {from_micros(1), Duration(2), Duration(3), from_micros(4), from_micros(5), std::nullopt};
  b.vouched = Waiting{from_micros(6), Duration(7), Duration(8), from_micros(9), std::nullopt, from_micros(10)};
  b.told = {raw_of(0x05), raw_of(0x06)};
  b.waits_anew_since = from_micros(20);
  b.stopped = Stopped{from_micros(21), std::nullopt};
  b.objected_once = true;
  b.objectors = {raw_of(0x07)};
  b.kept_at = from_micros(22);
  b.replaced = Replaced{all_of<BindingId>(0x08), from_micros(23)};
  b.gone = Gone{GoneWhy::kObjected, from_micros(24)};
  b.proved_at = from_micros(25);
  b.leaving = Leaving{all_of<BindingId>(0x09),
                      {from_micros(30), Duration(31), Duration(32), from_micros(33), std::nullopt, std::nullopt},
                      {raw_of(0x03)},
                      {raw_of(0x05), raw_of(0x06)}};
  b.stays_since = from_micros(35);
  b.not_removed_at = from_micros(36);
  b.renamed_at = from_micros(39);
  b.woken_at = from_micros(40);
  b.codes_used = {from_micros(37), from_micros(38)};
  history.bindings = {b};
  EXPECT_EQ(encode_history(history),
            "1 first_proof=11 until=13\n"
            "id=" +
                hex_of("01") + " source=" + hex_of("02") +
                " kind=authenticator by=person at=10 founding with=" + hex_of("03") + ":sms," + hex_of("04") +
                ":totp wait=1/2/3/4/5/- vouched=6/7/8/9/-/10 told=" + hex_of("05") + "," + hex_of("06") +
                " anew=20 stopped=21/- objected objectors=" + hex_of("07") + " kept=22 replaced=" + hex_of("08") +
                "/23 gone=objected/24 proved=25 leaving=30/31/32/33/-/- removal=" + hex_of("09") +
                " asked=" + hex_of("03") + " heard=" + hex_of("05") + "," + hex_of("06") +
                " stays=35 unremoved=36 renamed=39 woken=40 used=37,38\n");
}

TEST(WrittenForms, ANumber) {
  const std::vector<std::pair<std::uint64_t, std::string>> forms{{0, "00"},
                                                                 {1, "01"},
                                                                 {127, "7f"},
                                                                 {128, "8001"},
                                                                 {16'383, "ff7f"},
                                                                 {16'384, "808001"},
                                                                 {(std::uint64_t{1} << 63) - 1, "ffffffffffffffff7f"}};
  for (const auto& [number, hex] : forms) {
    std::string bytes;
    append_packed_number(bytes, number);
    EXPECT_EQ(to_hex(bytes), hex);
    bytes += "rest";
    std::string_view left = bytes;
    EXPECT_EQ(take_packed_number(left), number);
    EXPECT_EQ(left, "rest");
  }
  // Cut off, and above 2^63.
  for (const char* bad : {"", "80", "ffffffffffffffff", "80808080808080808001", "ffffffffffffffffff01"}) {
    const std::string bytes = *from_hex(bad);
    std::string_view left = bytes;
    EXPECT_FALSE(take_packed_number(left)) << bad;
  }
}

TEST(WrittenForms, ABundleOfEvents) {
  const AccountId account = all_of<AccountId>(0x01);
  EventRow first;
  first.account = account;
  first.id = all_of<EventId>(0xff);
  first.id.id.raw.front() = 0x05;  // So that the next id carries through all of its bytes.
  first.type = "a.b";
  first.transaction = all_of<TransactionId>(0x02);
  first.actor = "system";
  first.request_id = "";
  first.data = std::string(200, 'd');
  first.source_index = "src";
  first.created_at = from_micros(300);
  EventRow second;
  second.account = account;
  second.subject = all_of<SubjectId>(0x03);
  second.data = "{}";
  const std::string content = encode_event_bundle(std::vector{first, second});
  EXPECT_EQ(to_hex(content),
            "01"  // version
            "05ac02"
            "03612e62"
            "0673797374656d"
            "00"
            "c801" +  // 1 + 4; 300 = 0x2c + 2 * 128
                to_hex(first.data) +
                hex_of("02") + "03737263" +  //
                "02"
                "00"
                "00"
                "00"
                "00"
                "027b7d" +
                hex_of("03"));  // 2
  const auto read = decode_event_bundle(account, first.id, content);
  ASSERT_EQ(read.size(), 2U);
  EXPECT_EQ(read[0].data, first.data);
  EXPECT_EQ(read[0].source_index, first.source_index);
  EXPECT_EQ(to_hex(read[1].id.bytes()), "06" + std::string(30, '0'));
  EXPECT_EQ(read[1].subject, second.subject);
  for (std::size_t size = 0; size < content.size(); ++size) {
    const bool between = size == 1 || size == content.size() - 24;  // An event ends there.
    if (between) continue;
    EXPECT_THROW((void)decode_event_bundle(account, first.id, content.substr(0, size)), StoreFailure) << size;
  }
  EXPECT_THROW((void)decode_event_bundle(account, first.id, "\x02"), StoreFailure);
}

TEST(WrittenForms, VerificationsOfATransaction) {
  EXPECT_EQ(to_hex(no_verifications()), "01");
  VerificationRow v;
  v.state.account = all_of<AccountId>(0x0a);
  v.state.transaction = all_of<TransactionId>(0x0b);
  v.state.id = all_of<VerificationId>(0x01);
  v.state.contact = all_of<ContactId>(0x02);
  v.state.channel = contact::Channel::kWhatsapp;
  v.state.status = domain::VerificationStatus::kExhausted;
  v.state.attempts = 5;
  v.state.sends = 2;
  v.state.created_at = from_micros(300);
  v.state.last_sent_at = from_micros(299);
  v.state.expires_at = from_micros(400);
  v.state.code = {"ab", from_micros(401)};
  v.provider = "p";
  v.provider_ref = "";
  v.sendings = {{all_of<MessageId>(0x03), contact::Channel::kEmail, from_micros(301)}};
  const std::string one = "0046"                           // 70 bytes
                          + hex_of("01") + hex_of("02") +  //
                          "77"
                          "78"  // w, x
                          "05"
                          "02"    //
                          "ac02"  // 300
                          "01"
                          "c801"  // one earlier, 100 later
                          "01"
                          "70"  // p
                          "01"  // a reference of no bytes
                          "00"  // no fault
                          "03"
                          "6162"
                          "ca01"  // ab, 101 later
                          "00"    //
                          "01" +
                          hex_of("03") +
                          "65"
                          "02";  // e, one later
  const std::string content = with_verification(no_verifications(), v);
  EXPECT_EQ(to_hex(content), "01" + one);

  VerificationRow newer = v;
  newer.state.id = all_of<VerificationId>(0x04);
  newer.state.code.reset();
  newer.sendings.clear();
  const std::string both = with_verification(content, newer);
  EXPECT_TRUE(to_hex(both).ends_with(one));
  EXPECT_EQ(to_hex(with_verification(both, v)), to_hex(both));
}

TEST(WrittenForms, ValuesOfARowThatIsCopied) {
  EXPECT_EQ(to_hex(encode_values({Value{}, Value{std::int64_t{-2}}, Value{std::string("ab")}})),
            "6e"                  // n
            "69fffffffffffffffe"  // i, -2
            "62"                  // b
            "0000000000000002"    // 2 bytes
            "6162");              // ab
}

/// One column of the one row of a table.
std::string column_of(Tx& tx, const Sql& sql) {
  std::string text;
  tx.one(sql, {}, [&](const Row& row) { text = row.string(0); });
  return text;
}

class StoredForms : public ProductStore {};

TEST_F(StoredForms, WhoIsToldOfAnErasureAndOfABinding) {
  static const Sql kTold{"SELECT told FROM erasures"};
  static const Sql kAbout{"SELECT about FROM notices"};
  const auto texts = in([&](Tx& tx) {
    ErasureRow erasure;
    erasure.account = account_;
    erasure.told = {all_of<AddressId>(0x01), all_of<AddressId>(0x02)};
    save_erasure(tx, erasure);
    NoticeRow notice;
    notice.account = account_;
    notice.about = {all_of<BindingId>(0x03), all_of<BindingId>(0x04)};
    notice.content_sealed = "x";
    insert_notice(tx, notice);
    return std::pair(column_of(tx, kTold), column_of(tx, kAbout));
  });
  EXPECT_EQ(texts.first, "AD" + hex_of("01") + ",AD" + hex_of("02"));
  EXPECT_EQ(texts.second, "YB" + hex_of("03") + ",YB" + hex_of("04"));
}

TEST_F(StoredForms, SinceWhenANoticeTellsAllChanges) {
  static const Sql kAbout{"SELECT about FROM notices"};
  const WallTime since = WallTime{} + std::chrono::microseconds(1'700'000'000'000'001);
  const auto text = in([&](Tx& tx) {
    NoticeRow notice;
    notice.account = account_;
    notice.since = since;
    notice.content_sealed = "x";
    insert_notice(tx, notice);
    const auto waiting = waiting_notices(tx, account_, notice.subject, notice.service);
    EXPECT_EQ(waiting.size(), 1U);
    EXPECT_EQ(waiting.front().since, since);
    return column_of(tx, kAbout);
  });
  EXPECT_EQ(text, "since:1700000000000001");
}

TEST_F(StoredForms, AResourceIsBoundToItsKindItsParentAndItself) {
  static const Sql kContent{"SELECT content_sealed FROM resources"};
  Resource resource{account_, "bucket", raw_of(0x01), raw_of(0x02), {}, {{"max", 3}}, moment_.now, moment_.now, {}};
  std::string sealed;
  in([&](Tx& tx) {
    EXPECT_TRUE(insert_resource(tx, vault_, resource, random_));
    tx.one(kContent, {}, [&](const Row& row) { sealed = row.bytes(0); });
    return Done{};
  });
  const std::string place = "bucket" + std::string(16, '\x01') + std::string(16, '\x02');
  const auto opened = sealer_.open(sealed, {"resources", place, "content"});
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->expose(), R"({"max":3})");
}

TEST_F(StoredForms, WhatWasSentToARemovedContactIsKeptUnderItsSubjectAndAddress) {
  const SubjectId subject = all_of<SubjectId>(0x0c);
  const auto kept = in([&](Tx& tx) {
    auto contact = insert_first_contact(
        tx, vault_,
        {account_, subject, ServiceId::make(moment_), contact::Channel::kSms, "+15551234567", "+15551234567"}, moment_);
    contact.sends = {moment_.now, 4};
    save_sends(tx, account_, contact);
    EXPECT_TRUE(remove_contact(tx, account_, subject, contact.id, moment_.now));
    const std::string index = digester_.blind_index("phone", "+15551234567");
    return find_counter(tx, account_, "sends YE" + hex_of("0c") + " " + index);
  });
  EXPECT_EQ(kept, (domain::Window{moment_.now, 4}));
}

}  // namespace
}  // namespace countersign::store
