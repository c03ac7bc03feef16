#include "domain/currency.h"

#include <gtest/gtest.h>

namespace countersign::domain {
namespace {

TEST(Currency, HasItsOwnMinorUnits) {
  for (const char* code : {"BRL", "EUR", "USD", "GBP", "MXN", "ARS", "COP", "ZWG"})
    EXPECT_EQ(decimals_of(code), 2U) << code;
  for (const char* code : {"JPY", "CLP", "KRW", "PYG", "VND", "ISK", "XAF", "XOF"})
    EXPECT_EQ(decimals_of(code), 0U) << code;
  for (const char* code : {"KWD", "BHD", "TND", "JOD", "OMR"}) EXPECT_EQ(decimals_of(code), 3U) << code;
  for (const char* code : {"CLF", "UYW"}) EXPECT_EQ(decimals_of(code), 4U) << code;
}

TEST(Currency, KnowsNothingOfWhatIsNone) {
  for (const char* code : {"XAU", "XDR", "XXX", "BTC", "", "BR", "BRLL", "ED ", " AF", "brl"})
    EXPECT_FALSE(decimals_of(code)) << code;
}

}  // namespace
}  // namespace countersign::domain
