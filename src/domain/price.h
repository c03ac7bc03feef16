#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace countersign::domain {

/// What a provider asks for one message, as the operator states it.
struct Price {
  std::int64_t micros = 0;  ///< Millionths of the currency's unit.
  std::string currency;     ///< Three capital letters.

  friend bool operator==(const Price&, const Price&) = default;
};

/// `0.05 USD`: at most six decimals and a million; nullopt for anything else.
[[nodiscard]] std::optional<Price> parse_price(std::string_view text);
/// The same for a sum: at most a thousand million.
[[nodiscard]] std::optional<Price> parse_sum(std::string_view text);
/// `5.40`: more than zero, at most six decimals and a million; in millionths.
[[nodiscard]] std::optional<std::int64_t> parse_rate_of_exchange(std::string_view text);
/// Three capital letters.
[[nodiscard]] bool is_currency_code(std::string_view text);
/// With two decimals or as many as it needs: `0.05 USD`, `0.0079 USD`.
[[nodiscard]] std::string to_text(const Price& price);
/// Adds `price` to the sum in its currency; sums of several currencies stand beside each other.
void add(std::vector<Price>& sums, const Price& price);
/// `0.05 USD`, or `0.05 USD + 0.20 BRL`; nullopt for none.
[[nodiscard]] std::optional<std::string> to_text(const std::vector<Price>& sums);

}  // namespace countersign::domain
