#include "demo/iban.h"

#include <gtest/gtest.h>

namespace countersign::demo {
namespace {

TEST(Iban, TakesWhatIsRight) {
  for (const auto* typed : {"BR1800360305000010009795493C1", "PT50000201231234567890154", "ES9121000418450200051332",
                            "DE89370400440532013000", "GB82WEST12345698765432", "gb82 west 1234 5698 7654 32"}) {
    EXPECT_TRUE(parse_iban(typed)) << typed;
  }
  EXPECT_EQ(format_iban(*parse_iban("PT50000201231234567890154")), "PT50 0002 0123 1234 5678 9015 4");
}

TEST(Iban, SaysWhatIsWrong) {
  const std::pair<const char*, IbanFault> rows[] = {
      {"", IbanFault::kEmpty},
      {"BR1800360305000010009795493C2", IbanFault::kCheckDigits},
      {"ES9121000418450200051323", IbanFault::kCheckDigits},
      {"DE89370400440532013001", IbanFault::kCheckDigits},
      {"DE8937040044053201300", IbanFault::kLength},
      {"US89370400440532013000", IbanFault::kCountry},
      {"8989370400440532013000", IbanFault::kForm},
      {"DE", IbanFault::kForm},
      {"DE89 3704 0044 0532 0130 0é", IbanFault::kForm},
  };
  for (const auto& [typed, fault] : rows) {
    const auto iban = parse_iban(typed);
    ASSERT_FALSE(iban) << typed;
    EXPECT_EQ(iban.error(), fault) << typed;
  }
}

}  // namespace
}  // namespace countersign::demo
