#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "demo/steps/account.h"
#include "demo/steps/event.h"
#include "demo/steps/payout.h"

namespace countersign::demo {
namespace {

const WallTime kNow = *from_rfc3339("2026-11-22T12:00:00Z");
const Document kHolder = *parse_document("529.982.247-25");

std::vector<std::string> texts_of(const std::vector<Fault>& faults) {
  std::vector<std::string> texts;
  for (const auto& fault : faults) texts.push_back(fault.field + " " + fault.text);
  return texts;
}

const Fields kAccount{{"name", "Casa do Samba Ltda"},
                      {"email", "oi@casa.example"},
                      {"mobile", "(11) 98765-4321"},
                      {"document", "529.982.247-25"}};
const Fields kEvent{{"event", "Noite"},         {"date", "2026-11-22"},      {"time", "20:00"},
                    {"venue", "Galpão"},        {"postal_code", "01310100"}, {"lot1_name", "Pista"},
                    {"lot1_price", "1.280,50"}, {"lot1_tickets", "100"}};
const Fields kBankTyped{
    {"kind", "bank"}, {"bank", "Itaú"}, {"branch", "2545"}, {"account", "02366-1"}, {"account_type", "CACC"}};

Fields with(Fields fields, std::string_view name, std::string_view value) {
  fields[std::string(name)] = value;
  return fields;
}

TEST(Steps, AnAccount) {
  const auto checked = check_account(kAccount);
  ASSERT_TRUE(checked.value);
  EXPECT_EQ(checked.value->mobile, "+5511987654321");
  EXPECT_THAT(texts_of(check_account({}).faults),
              ::testing::ElementsAre("name fault.empty", "document fault.document.empty", "email fault.email.empty",
                                     "mobile fault.mobile.empty"));
}

TEST(Steps, NamesLoseWhatNobodySees) {
  EXPECT_EQ(check_account(with(kAccount, "name", "A\u202Ecasa\u200B do\tSamba \u0000")).value->name, "Acasa doSamba");
  EXPECT_FALSE(check_account(with(kAccount, "name", "\u200B\u2066 ")).value);
  EXPECT_FALSE(check_account(with(kAccount, "name", std::string(101, 'a'))).value);
  EXPECT_TRUE(check_account(with(kAccount, "name", std::string(100, 'a'))).value);
}

TEST(Steps, AnEvent) {
  const auto checked = check_event(kEvent, kNow);
  ASSERT_TRUE(checked.value) << ::testing::PrintToString(texts_of(checked.faults));
  EXPECT_EQ(checked.value->lots.front().price_cents, 128050);
  EXPECT_EQ(check_event(with(kEvent, "date", "24/06/2027"), kNow).value->date, "2027-06-24");
  const auto again = event_from_json(canonical_json(to_json(*checked.value)));
  EXPECT_EQ(again.venue, "Galpão");
  EXPECT_EQ(again.lots.size(), 1U);
}

TEST(Steps, TodayIsNotPastUntilItEndsInBrazil) {
  EXPECT_TRUE(check_event(kEvent, *from_rfc3339("2026-11-23T02:59:59Z")).value);
  EXPECT_THAT(texts_of(check_event(kEvent, *from_rfc3339("2026-11-23T03:00:00Z")).faults),
              ::testing::ElementsAre("date fault.date.past"));
}

TEST(Steps, LotsAreThereOrNot) {
  EXPECT_THAT(texts_of(check_event(with(kEvent, "lot2_price", "10"), kNow).faults),
              ::testing::ElementsAre("lot2_name fault.empty", "lot2_tickets fault.tickets"));
  EXPECT_FALSE(check_event(with(kEvent, "lot1_tickets", "0"), kNow).value);
  EXPECT_FALSE(check_event(with(kEvent, "date", "2026-02-30"), kNow).value);
}

TEST(Steps, Prices) {
  EXPECT_EQ(parse_price("80"), 8000);
  EXPECT_EQ(parse_price("R$ 80,5"), 8050);
  EXPECT_EQ(parse_price("0"), 0);
  for (const auto* typed : {"", "-1", "80,555", "8e1", "80,", "99999999", "R$"})
    EXPECT_FALSE(parse_price(typed)) << typed;
}

TEST(Steps, ABankAccount) {
  const auto checked = check_payout(kBankTyped, kHolder);
  ASSERT_TRUE(checked.value);
  EXPECT_EQ(short_name(*checked.value), "Itaú Unibanco final 3661");
  EXPECT_EQ(short_name(*payout_from_json(to_json(*checked.value))), "Itaú Unibanco final 3661");
  EXPECT_EQ(json_text(to_json(*checked.value), "account"), "023661");
}

TEST(Steps, ACheckDigitIsAQuestion) {
  const auto wrong = with(kBankTyped, "account", "02366-2");
  const auto checked = check_payout(wrong, kHolder);
  EXPECT_THAT(texts_of(checked.faults), ::testing::ElementsAre("account fault.account.digit"));
  EXPECT_TRUE(asks_about_digit(checked.faults.front()));
  EXPECT_TRUE(check_payout(with(wrong, "digit_confirmed", "yes"), kHolder).value);
}

TEST(Steps, APixDocumentIsTheHolders) {
  const Fields pix{{"kind", "pix"}, {"pix_kind", "document"}, {"pix_key", "52998224725"}};
  EXPECT_TRUE(check_payout(pix, kHolder).value);
  EXPECT_THAT(texts_of(check_payout(with(pix, "pix_key", "111.444.777-35"), kHolder).faults),
              ::testing::ElementsAre("pix_key fault.pix.not_the_holder"));
}

TEST(Steps, APayoutNeedsAKind) {
  EXPECT_THAT(texts_of(check_payout({}, kHolder).faults), ::testing::ElementsAre("kind fault.kind"));
  EXPECT_THAT(texts_of(check_payout({{"kind", "bank"}}, kHolder).faults),
              ::testing::ElementsAre("bank fault.bank.empty", "branch fault.branch.empty",
                                     "account fault.account.empty", "account_type fault.account.type"));
  EXPECT_THAT(texts_of(check_payout({{"kind", "pix"}}, kHolder).faults),
              ::testing::ElementsAre("pix_kind fault.pix.kind", "pix_key fault.pix.empty"));
  EXPECT_FALSE(check_payout({{"kind", "iban"}, {"iban", "DE89370400440532013001"}}, kHolder).value);
}

}  // namespace
}  // namespace countersign::demo
