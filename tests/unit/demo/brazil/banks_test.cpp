#include "demo/brazil/banks.h"

#include <gtest/gtest.h>

namespace countersign::demo {
namespace {

std::string found(std::string_view typed) {
  const auto bank = Banks::built_in().find(typed);
  return bank ? bank->ispb : "fault " + std::to_string(static_cast<int>(bank.error()));
}

TEST(Banks, AllParticipantsAreThere) {
  const auto& banks = Banks::built_in();
  EXPECT_EQ(banks.all().size(), 511U);
  EXPECT_EQ(banks.as_of(), "2026-08-22");
  for (const auto& entry : banks.all()) {
    const auto& bank = entry.bank;
    EXPECT_EQ(banks.find(bank.compe)->ispb, bank.ispb);
    EXPECT_EQ(banks.find(bank.ispb)->ispb, bank.ispb);
    // As the list of suggestions writes it.
    EXPECT_EQ(found(bank.compe + " · " + bank.name), bank.ispb) << bank.name;
    EXPECT_EQ(found(entry.legal_name), bank.ispb) << entry.legal_name;
  }
}

TEST(Banks, AreFoundAsPeopleNameThem) {
  const std::pair<const char*, std::vector<const char*>> rows[] = {
      {"00000000", {"BB", "bb", "Banco do Brasil", "BANCO DO BRASIL S.A.", "1", "001", "0001", "00000000"}},
      {"00360305", {"Caixa", "caixa", "Caixa Econômica Federal", "caixa economica federal", "CEF", "104", "360305"}},
      {"90400888", {"33", "033", "0033", "santander", "Banco Santander", "Santander (033)"}},
      {"18236120", {"260", "0260", "Nubank", "nu", "Nu Pagamentos", "NU PAGAMENTOS - IP", "nu pag", "18236120"}},
      {"60701190",
       {"341", "itau", "ITAÚ unibanco", "Itaú", "Banco Itaú", "60701190", "341 · Itaú Unibanco", "341-itau"}},
      {"60746948", {"Bradesco", "237", "237-2", "bco bradesco", "BANCO BRADESCO S/A"}},
      {"08561701", {"PagBank", "pagseguro", "Pag Seguro", "pag-seguro", "290"}},
      {"10573521", {"Mercado Pago", "mercadopago", "323"}},
      {"31872495", {"C6", "c6 bank", "Banco C6", "336"}},
      {"00416968", {"Inter", "banco inter", "077", "77"}},
      {"02038232", {"Sicoob", "bancoob", "756"}},
      {"01181521", {"Sicredi", "748"}},
      {"22896431", {"PicPay", "picpay"}},
      {"92702067", {"Banrisul", "banri", "041"}},
  };
  for (const auto& [ispb, spellings] : rows) {
    for (const auto* typed : spellings) EXPECT_EQ(found(typed), ispb) << typed;
  }
}

TEST(Banks, SeveralAreAChoice) {
  const auto& banks = Banks::built_in();
  ASSERT_FALSE(banks.find("banco do estado"));
  EXPECT_EQ(banks.find("banco do estado").error(), BankFault::kSeveral);
  const auto choice = banks.alike("banco do estado");
  EXPECT_GE(choice.size(), 2U);
  for (const auto& bank : choice) EXPECT_EQ(banks.find("banco do estado", bank.ispb)->ispb, bank.ispb);
  EXPECT_FALSE(banks.find("banco do estado", "60701190")) << "not one of them";
  // A code and a name that do not belong together: neither is guessed.
  EXPECT_EQ(banks.find("341 Bradesco").error(), BankFault::kSeveral);
  EXPECT_EQ(banks.alike("341 Bradesco").front().compe, "341");
  EXPECT_TRUE(banks.alike("itau").empty());
  for (const auto* typed : {"s", "banco", "Banco do", "S.A."})
    EXPECT_EQ(banks.find(typed).error(), BankFault::kTooMany) << typed;
  EXPECT_EQ(banks.find("b").error(), BankFault::kTooMany);
  EXPECT_TRUE(banks.alike("b").empty());
}

TEST(Banks, OneThatIsNotListedGoesByItsIspb) {
  EXPECT_EQ(Banks::built_in().find("12345678")->ispb, "12345678");
  EXPECT_EQ(Banks::built_in().find("1a345678")->ispb, "1A345678");
  EXPECT_EQ(Banks::built_in().find("1a345678")->compe, "");
}

TEST(Banks, SayWhyNoneIsFound) {
  EXPECT_EQ(Banks::built_in().find("").error(), BankFault::kEmpty);
  for (const auto* typed : {"Banco da Lua", "999", "341 lua", "999-1", "123456789", "!"})
    EXPECT_EQ(Banks::built_in().find(typed).error(), BankFault::kUnknown) << typed;
}

TEST(Banks, AFileOfAnotherFormIsRefused) {
  for (const auto* text : {"", "[]", "{}", R"({"as_of":"x","banks":[{"ispb":"1","compe":"001","name":"x"}]})",
                           R"({"as_of":"x","banks":[1]})"}) {
    EXPECT_FALSE(Banks::from_json(text)) << text;
  }
}

}  // namespace
}  // namespace countersign::demo
