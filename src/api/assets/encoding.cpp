#include "api/assets/encoding.h"

#include <array>
#include <optional>

#include "base/ascii.h"
#include "http/characters.h"

namespace countersign::api {

namespace {

/// Thousandths. `0.5` → 500; nothing for an invalid qvalue.
std::optional<int> quality_of(std::string_view text) {
  if (text.empty() || text.size() > 5 || (text[0] != '0' && text[0] != '1')) return std::nullopt;
  int value = (text[0] - '0') * 1000;
  if (text.size() > 1 && text[1] != '.') return std::nullopt;
  int place = 100;
  for (const char c : text.substr(std::min<std::size_t>(2, text.size()))) {
    if (!is_digit(c)) return std::nullopt;
    value += (c - '0') * place;
    place /= 10;
  }
  return value <= 1000 ? std::optional(value) : std::nullopt;
}

std::string_view take_until(std::string_view& text, char separator) {
  const auto end = text.find(separator);
  const auto part = text.substr(0, end);
  text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
  return trim_blanks(part);
}

struct Wish {
  std::string_view coding;
  int quality;
};

std::optional<Wish> read_wish(std::string_view item) {
  const auto coding = take_until(item, ';');
  int quality = 1000;
  while (!item.empty()) {
    auto parameter = take_until(item, ';');
    const auto name = take_until(parameter, '=');
    if (!equals_ignoring_case(name, "q")) continue;
    const auto value = quality_of(trim_blanks(parameter));
    if (!value) return std::nullopt;
    quality = *value;
  }
  return Wish{coding, quality};
}

}  // namespace

ContentCoding choose_coding(std::string_view accept_encoding) {
  // In order of result size, smallest first.
  struct Offer {
    std::string_view name;
    ContentCoding coding;
    std::optional<int> quality;
  };
  std::array<Offer, 3> offers{{{"br", ContentCoding::kBrotli, {}},
                               {"gzip", ContentCoding::kGzip, {}},
                               {"identity", ContentCoding::kIdentity, {}}}};
  std::optional<int> others;
  while (!accept_encoding.empty()) {
    const auto wish = read_wish(take_until(accept_encoding, ','));
    if (!wish) return ContentCoding::kIdentity;
    if (wish->coding == "*") others = wish->quality;
    for (auto& offer : offers) {
      const bool named = equals_ignoring_case(wish->coding, offer.name) ||
                         (offer.coding == ContentCoding::kGzip && equals_ignoring_case(wish->coding, "x-gzip"));
      if (named) offer.quality = wish->quality;
    }
  }
  auto best = ContentCoding::kIdentity;
  int best_quality = 0;
  for (const auto& offer : offers) {
    const int quality = offer.quality.value_or(others.value_or(0));
    if (quality <= best_quality) continue;
    best = offer.coding;
    best_quality = quality;
  }
  return best;
}

bool matches_etag(std::string_view if_none_match, std::string_view etag) {
  while (!if_none_match.empty()) {
    auto tag = take_until(if_none_match, ',');
    if (tag == "*") return true;
    if (tag.starts_with("W/")) tag.remove_prefix(2);
    if (tag == etag) return true;
  }
  return false;
}

}  // namespace countersign::api
