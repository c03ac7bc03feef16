#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "demo/files.h"
#include "demo/pages/view.h"
#include "demo/steps/account.h"
#include "demo/steps/event.h"
#include "demo/steps/payout.h"
#include "html/catalogue.h"

namespace countersign::demo {
namespace {

const WallTime kNow = *from_rfc3339("2026-11-22T12:00:00Z");
const Document kHolder = *parse_document("529.982.247-25");

std::vector<std::string> texts_of(const std::vector<FieldError>& faults) {
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
              ::testing::ElementsAre("name fault.name.empty", "document fault.document.empty",
                                     "email fault.email.empty", "mobile fault.mobile.empty"));
}

TEST(Steps, NamesLoseWhatNobodySees) {
  EXPECT_EQ(check_account(with(kAccount, "name", "A\u202Ecasa\u200B do\tSamba \u0000")).value->name, "Acasa doSamba");
  EXPECT_FALSE(check_account(with(kAccount, "name", "\u200B\u2066 ")).value);
  const auto long_name = check_account(with(kAccount, "name", std::string(101, 'a'))).faults;
  ASSERT_THAT(texts_of(long_name), ::testing::ElementsAre("name fault.too_long"));
  EXPECT_EQ(long_name.front().with.at("max"), "100");
  EXPECT_TRUE(check_account(with(kAccount, "name", std::string(100, 'a'))).value);
}

/// As it comes out of a chat, a table or a keyboard of another script.
std::string as_pasted(std::string_view number) {
  std::string out = "\u202a";
  for (const char c : number) {
    if (c == '3')
      out += "\u0663";
    else if (c == '5')
      out += "\uff15";
    else if (c == '-')
      out += out.size() % 2 == 0 ? "\u2011" : "\u2013";
    else if (c == ' ')
      out += "\u00a0";
    else
      out += c;
    out += out.size() % 2 == 0 ? "\u200b" : "\u00ad";
  }
  return out + "\u202c";
}

TEST(Steps, NumbersAreTakenAsTheyArePasted) {
  Fields account = kAccount;
  for (const auto* name : {"mobile", "document"}) account[name] = as_pasted(account[name]);
  const auto checked = check_account(account);
  ASSERT_TRUE(checked.value) << ::testing::PrintToString(texts_of(checked.faults));
  EXPECT_EQ(checked.value->mobile, "+5511987654321");
  EXPECT_EQ(checked.value->document.characters, "52998224725");
  EXPECT_EQ(check_account(with(kAccount, "mobile", "(11) 98765\u20114321")).value->mobile, "+5511987654321");

  Fields event = kEvent;
  event["date"] = "30/05/2027";
  event["time"] = "15:30";
  event["postal_code"] = "01310-100";
  for (const auto* name : {"date", "time", "postal_code", "lot1_price", "lot1_tickets"})
    event[name] = as_pasted(event[name]);
  const auto happens = check_event(event, kNow);
  ASSERT_TRUE(happens.value) << ::testing::PrintToString(texts_of(happens.faults));
  EXPECT_EQ(happens.value->date + " " + happens.value->time, "2027-05-30 15:30");
  EXPECT_EQ(happens.value->postal_code, "01310-100");
  EXPECT_EQ(happens.value->lots.front().price_cents, 128050);
  EXPECT_EQ(happens.value->lots.front().tickets, 100);

  Fields bank = kBankTyped;
  for (const auto* name : {"branch", "account"}) bank[name] = as_pasted(bank[name]);
  for (const auto* typed : {"341", "341 - Itau", "60701190"}) {
    const auto account_there = check_payout(with(bank, "bank", as_pasted(typed)), kHolder);
    ASSERT_TRUE(account_there.value) << typed << ::testing::PrintToString(texts_of(account_there.faults));
    EXPECT_EQ(std::get<BankPayout>(*account_there.value).account.to_text(), "02366-1");
    EXPECT_EQ(std::get<BankPayout>(*account_there.value).bank.compe, "341");
  }

  const auto pix = [](std::string_view kind, std::string_view key) {
    const auto key_there =
        check_payout({{"kind", "pix"}, {"pix_kind", std::string(kind)}, {"pix_key", as_pasted(key)}}, kHolder);
    return key_there.value ? std::get<PixKey>(*key_there.value).value : key_there.faults.front().text;
  };
  EXPECT_EQ(pix("phone", "+55 11 98765-4321"), "+5511987654321");
  EXPECT_EQ(pix("document", "529.982.247-25"), "52998224725");
  EXPECT_EQ(pix("email", "oi@casa.example"), "oi@casa.example");
  EXPECT_EQ(pix("random", "123e4567-e89b-12d3-a456-426655440000"), "123e4567-e89b-12d3-a456-426655440000");
  EXPECT_TRUE(check_payout({{"kind", "iban"}, {"iban", as_pasted("DE89 3704 0044 0532 0130 00")}}, kHolder).value);
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
              ::testing::ElementsAre("lot2_name fault.lot.empty", "lot2_tickets fault.tickets.empty"));
  EXPECT_FALSE(check_event(with(kEvent, "lot1_tickets", "0"), kNow).value);
  EXPECT_FALSE(check_event(with(kEvent, "date", "2026-02-30"), kNow).value);
}

TEST(Steps, NumbersAreReadAsTheLanguageOfThePageWritesThem) {
  const auto event = [](std::string_view language, std::string_view price, std::string_view tickets) {
    return check_event(with(with(with(kEvent, "language", language), "lot1_price", price), "lot1_tickets", tickets),
                       kNow);
  };
  for (const auto* price : {"10.50", "10,50", "R$ 10,50", "10,5", "BRL 10.50", "10.50 reais"}) {
    for (const auto* language : {"pt-BR", "en", "es"}) {
      const auto checked = event(language, price, "15");
      ASSERT_TRUE(checked.value) << price << language;
      EXPECT_EQ(checked.value->lots.front().price_cents, 1050) << price << language;
    }
  }
  EXPECT_EQ(event("pt-BR", "1.050", "1.500").value->lots.front().price_cents, 105000);
  EXPECT_EQ(event("pt-BR", "1.050", "1.500").value->lots.front().tickets, 1500);
  EXPECT_THAT(texts_of(event("en", "1.050", "1.500").faults),
              ::testing::ElementsAre("lot1_price fault.price.two_ways", "lot1_tickets fault.tickets.two_ways"));
  EXPECT_THAT(texts_of(event("pt-BR", "80,", "1.5").faults),
              ::testing::ElementsAre("lot1_price fault.price.form", "lot1_tickets fault.tickets.whole"));
  EXPECT_THAT(texts_of(event("pt-BR", "10000000", "200.001").faults),
              ::testing::ElementsAre("lot1_price fault.price.large", "lot1_tickets fault.tickets.range"));
  EXPECT_THAT(texts_of(event("pt-BR", "9.999.999,99", "0").faults),
              ::testing::ElementsAre("lot1_tickets fault.tickets.range"));
  const auto faults = event("pt-BR", "", "15").faults;
  EXPECT_EQ(faults.front().with, (std::map<std::string, std::string>{{"number", "1"}}));
}

TEST(Steps, AnEventKnowsTheLanguageItWasTypedIn) {
  EXPECT_EQ(check_event(kEvent, kNow).value->language, "pt-BR");
  EXPECT_EQ(check_event(with(kEvent, "language", "es"), kNow).value->language, "es");
  EXPECT_EQ(check_event(with(kEvent, "language", "\" onload=x"), kNow).value->language, "pt-BR");
  EXPECT_EQ(event_from_json(canonical_json(to_json(*check_event(with(kEvent, "language", "en"), kNow).value))).language,
            "en");
}

TEST(Steps, DatesAndTimesAsPeopleWriteThem) {
  const auto date = [](std::string_view language, std::string_view typed) {
    const auto checked = check_event(with(with(kEvent, "language", language), "date", typed), kNow);
    return checked.value ? checked.value->date : checked.faults.front().text;
  };
  EXPECT_EQ(date("es", "06/07/2027"), "2027-07-06");
  EXPECT_EQ(date("en", "06/24/2027"), "2027-06-24");
  EXPECT_EQ(date("en", "24/06/2027"), "2027-06-24");
  EXPECT_EQ(date("en", "06/07/2027"), "fault.date.form") << "June or July";
  for (const auto* typed : {"20:00", "20h", "20h00", " 20H00 "})
    EXPECT_EQ(check_event(with(kEvent, "time", typed), kNow).value->time, "20:00");
  EXPECT_EQ(check_event(with(kEvent, "time", "9:30"), kNow).value->time, "09:30");
  EXPECT_FALSE(check_event(with(kEvent, "time", "25:00"), kNow).value);
}

TEST(Steps, EventTimesAreSaidAsTheLanguageSaysThem) {
  const auto catalogue = html::Catalogue::load(locales());
  ASSERT_TRUE(catalogue);
  const auto said = [&](std::string_view language, std::string_view time) {
    const auto event = check_event(with(with(kEvent, "date", "2027-06-04"), "time", time), kNow).value;
    return format_event_time(*event, *catalogue->find(language));
  };
  EXPECT_EQ(said("pt-BR", "20:00"), "04/06/2027, 20:00");
  EXPECT_EQ(said("es", "09:05"), "04/06/2027, 09:05");
  EXPECT_EQ(said("en", "20:00"), "Jun 4, 2027, 8:00 PM");
  EXPECT_EQ(said("en", "09:05"), "Jun 4, 2027, 9:05 AM");
  EXPECT_EQ(said("en", "00:30"), "Jun 4, 2027, 12:30 AM");
  EXPECT_EQ(said("en", "12:00"), "Jun 4, 2027, 12:00 PM");
}

TEST(Steps, ABankAccount) {
  const auto checked = check_payout(kBankTyped, kHolder);
  ASSERT_TRUE(checked.value);
  const auto again = payout_from_json(to_json(*checked.value));
  EXPECT_EQ(std::get<BankPayout>(*again).bank.name, "Itaú Unibanco");
  EXPECT_EQ(std::get<BankPayout>(*again).account.ending(), "3661");
  EXPECT_EQ(json_text(to_json(*checked.value), "account"), "023661");
}

TEST(Steps, OneOfSeveralBanksIsChosen) {
  const auto several = with(kBankTyped, "bank", "banco do estado");
  EXPECT_THAT(texts_of(check_payout(several, kHolder).faults),
              ::testing::ElementsAre("bank_choice fault.bank.several"));
  const auto chosen = check_payout(with(several, "bank_choice", "13009717"), kHolder);
  ASSERT_TRUE(chosen.value);
  EXPECT_EQ(std::get<BankPayout>(*chosen.value).bank.name, "Banese");
  EXPECT_FALSE(check_payout(with(several, "bank_choice", "60701190"), kHolder).value) << "none of those that fit";
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

TEST(MessageName, KeepsTheEndingWhateverTheBankIsCalled) {
  const auto catalogue = html::Catalogue::load(locales());
  ASSERT_TRUE(catalogue);
  const auto bank = [&](std::string name, std::string_view language = "pt-BR") {
    return message_name(BankPayout{{"60701190", "341", std::move(name)}, {"2545", "", "0236", '1'}, "CACC"},
                        *catalogue->find(language));
  };
  EXPECT_EQ(bank("Ita\u00FA Unibanco"), "Ita\u00FA Unibanco final 2361");
  const std::string long_name = "Cooperativa de Cr\u00E9dito dos Produtores de S\u00E3o Jo\u00E3o";
  EXPECT_EQ(bank(long_name), "Cooperativa de Cr\u00E9d final 2361");
  EXPECT_EQ(bank(long_name, "en"), "Cooperativa de Cr\u00E9 ending 2361");
  EXPECT_EQ(bank(long_name, "es"), "Cooperativa de Cr\u00E9dito \u20262361");
  EXPECT_EQ(bank("Ita\u00FA Unibanco", "es"), "Ita\u00FA Unibanco \u20262361");
}

}  // namespace
}  // namespace countersign::demo
