#include <gtest/gtest.h>

#include "base/encoding.h"
#include "base/json.h"
#include "script.h"
#include "store/repository/idempotency.h"
#include "store/repository/transactions.h"
#include "usecase/idempotency.h"
#include "usecase/queued_message.h"

// What use cases pack, seal and hash is read by programs of other versions: a change of form must show here. The
// layouts stand written before the code that packs them; what is expected is put together from those.
namespace countersign::testing {
namespace {

/// A field of a message's content: its length in four bytes, the smallest first.
std::string little_field(std::string_view text) {
  std::string out;
  for (int byte = 0; byte < 4; ++byte) out += static_cast<char>(text.size() >> (8 * byte) & 0xFF);
  return out.append(text);
}

std::string opened_content(Fixture& fixture, const usecase::MessageContent& content) {
  const MessageId id{Id{{1, 2, 3}}};
  const std::string sealed = usecase::seal_content(fixture.context().vault, id, content, fixture.random());
  return fixture.context().vault.open(sealed, "messages", id.bytes(), "content").expose();
}

TEST(WrittenForms, AMessageOfOurs) {
  Fixture fixture;
  delivery::OutgoingMessage m;
  m.channel = Channel::kEmail;
  m.to = "ana@example.com";
  m.subject = "Code";
  m.body = std::string(300, 'x');
  m.code = SecretString("123456");
  m.locale = "pt-BR";
  m.expires_at = from_micros(1'700'000'000'000'000);
  m.status_callback_url = "https://example.com/r";
  std::string expected;
  for (const std::string& field :
       {std::string("message"), std::string("email"), m.to, m.subject, m.body, std::string("123456"), m.locale,
        std::string("1700000000000000"), m.status_callback_url})
    expected += little_field(field);
  EXPECT_EQ(opened_content(fixture, m), expected);
}

TEST(WrittenForms, AStartAtAProvider) {
  Fixture fixture;
  delivery::VerificationStart s;
  s.channel = Channel::kSms;
  s.to = "+15551234567";
  s.locale = "en";
  s.amount = "9.50";
  s.friendly_name = "";
  std::string expected;
  for (const char* field : {"start", "sms", "+15551234567", "en", "1", "9.50", "0", "", "1", ""})
    expected += little_field(field);
  EXPECT_EQ(opened_content(fixture, s), expected);
}

TEST(WrittenForms, WhatAProofIsForAndTheDigestOfItsCode) {
  Fixture fixture;
  const auto id = fixture.hold();
  ASSERT_EQ(why(fixture.start()), kYes);
  const auto& vault = fixture.context().vault;
  const auto row = fixture.row();
  const auto verification = fixture.verification().state;
  const std::string display = canonical_json(domain::to_json(store::open_display(vault, row)));
  EXPECT_EQ(row.display_hash, crypto::sha256(display));
  EXPECT_EQ(row.payload_hash, crypto::sha256(kPayload));
  EXPECT_EQ(row.binding_hash, crypto::sha256("countersign binding 1\n" + std::string(fixture.account().bytes()) +
                                             std::string(id.bytes()) + row.display_hash + row.payload_hash));
  EXPECT_EQ(
      verification.code->digest,
      vault.digester().code_digest(
          "verification", {fixture.account().bytes(), verification.id.bytes(), row.binding_hash}, fixture.code()));
}

TEST(WrittenForms, AFencingTokenFollowsFromTransactionAndClaimer) {
  Fixture fixture;
  const auto id = fixture.hold();
  ASSERT_EQ(why(fixture.start()), kYes);
  ASSERT_EQ(why(fixture.check(fixture.code())), kYes);
  const auto claim = fixture.claim("worker-1");
  ASSERT_EQ(why(claim), kYes);
  const auto& digester = fixture.context().vault.digester();
  const auto row =
      fixture.in([&](store::Tx& tx, Moment&) { return *store::find_transaction(tx, fixture.account(), id); });
  const std::string claimer = digester.token_digest("claimer by name", fixture.caller().actor + "\nworker-1");
  EXPECT_EQ(row.claimer_digest, claimer);
  const std::string token = digester.token_digest("fencing", std::string(id.bytes()) + claimer);
  EXPECT_EQ(claim->fencing_token, to_base64url(token.substr(0, 18)));
}

TEST(WrittenForms, AnIdempotentAnswerLiesUnderRouteAndKey) {
  Fixture fixture;
  const usecase::IdempotencyKey key{"one", "POST /v1/things", R"({"a":1})"};
  const auto& vault = fixture.context().vault;
  const auto found = fixture.in([&](store::Tx& tx, Moment& moment) {
    const auto made = usecase::idempotent({tx, fixture.context(), fixture.caller(), moment}, key,
                                          [] { return Answer<usecase::Recorded>(usecase::Recorded{201, "made"}); });
    EXPECT_TRUE(made);
    return store::find_answer(tx, vault, fixture.account(),
                              vault.digester().token_digest("idempotency", "POST /v1/things\none"), moment.now);
  });
  ASSERT_TRUE(found);
  EXPECT_EQ(found->request_digest,
            vault.digester().token_digest("idempotent request of", fixture.caller().actor + "\n" + R"({"a":1})"));
  EXPECT_EQ(found->body, "made");
}

}  // namespace
}  // namespace countersign::testing
