#include "domain/currency.h"

#include <array>

namespace countersign::domain {

namespace {

/// ISO 4217, list one of 2026, and codes withdrawn since 2020, which held transactions may still use.
struct Group {
  std::size_t decimals;
  std::string_view codes;
};
constexpr std::array kGroups{
    Group{2,
          "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD "
          "CAD CDF CHE CHF CHW CNY COP COU CRC CUC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL "
          "GHS GIP GMD GTQ GYD HKD HNL HRK HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR "
          "LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB "
          "PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SLL SOS SRD SSP STN SVC SYP "
          "SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD XCD XCG YER ZAR ZMW ZWG "
          "ZWL"},
    Group{0, "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"},
    Group{3, "BHD IQD JOD KWD LYD OMR TND"},
    Group{4, "CLF UYW"},
};

}  // namespace

std::optional<std::size_t> decimals_of(std::string_view currency) {
  if (currency.size() != 3 || currency.find(' ') != std::string_view::npos) return std::nullopt;
  for (const Group& group : kGroups) {
    for (std::size_t at = 0; at < group.codes.size(); at += 4) {
      if (group.codes.substr(at, 3) == currency) return group.decimals;
    }
  }
  return std::nullopt;
}

}  // namespace countersign::domain
