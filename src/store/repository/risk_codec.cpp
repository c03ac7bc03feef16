#include "store/repository/risk_codec.h"

#include <fmt/format.h>

#include <charconv>

#include "base/encoding.h"
#include "base/number.h"
#include "store/error.h"

namespace countersign::store {

// risk := words with a space between
//    review=UNTIL[,BY]     microseconds; who allowed it first, of two
//    allowed=1             by an operator; only where it is so
//    device=D network=D payout=D others=N   to be learned of the person: digests in hex
//    rule=NAME             for each
//    NAME=NUMBER           a feature at the hold

namespace {

[[noreturn]] void unreadable_risk() { throw StoreFailure({StoreError::Code::kUnreadable, "unknown word in risk"}); }

std::string_view next_part(std::string_view& rest, char end) {
  const std::size_t at = std::min(rest.find(end), rest.size());
  const std::string_view word = rest.substr(0, at);
  rest.remove_prefix(std::min(at + 1, rest.size()));
  return word;
}

}  // namespace

std::optional<std::string> encode_risk(const std::optional<domain::Review>& review, const NotedRisk& risk) {
  std::string out;
  const auto add = [&](std::string_view name, std::string_view value) {
    if (!out.empty()) out += ' ';
    out.append(name).append("=").append(value);
  };
  if (review) {
    const std::string by = review->allowed_by.empty() ? "" : "," + review->allowed_by;
    add("review", fmt::format("{}{}", to_micros(review->until), by));
  }
  if (risk.allowed) add("allowed", "1");
  const auto add_digest = [&](std::string_view name, const std::string& digest) {
    if (!digest.empty()) add(name, to_hex(digest));
  };
  add_digest("device", risk.learn.device);
  add_digest("network", risk.learn.network);
  add_digest("payout", risk.learn.payout);
  if (risk.payout_others != 0) add("others", fmt::format("{}", risk.payout_others));
  for (const auto& rule : risk.rules) add("rule", rule);
  for (std::size_t f = 0; f < risk::kFeatures; ++f) {
    const auto feature = static_cast<risk::Feature>(f);
    if (const auto value = risk.features.get(feature)) add(risk::info(feature).name, fmt::format("{}", *value));
  }
  if (out.empty()) return std::nullopt;
  return out;
}

void decode_risk(std::string_view text, std::optional<domain::Review>& review, NotedRisk& risk) {
  while (!text.empty()) {
    std::string_view value = next_part(text, ' ');
    const std::string_view name = next_part(value, '=');
    if (name == "review") {
      const auto until = parse_number<std::int64_t>(next_part(value, ','));
      if (!until) unreadable_risk();
      review = domain::Review{from_micros(*until), std::string(value)};
    } else if (name == "device" || name == "network" || name == "payout") {
      auto digest = from_hex(value);
      if (!digest) unreadable_risk();
      (name == "device"    ? risk.learn.device
       : name == "network" ? risk.learn.network
                           : risk.learn.payout) = *std::move(digest);
    } else if (name == "others") {
      const auto others = parse_number<std::int64_t>(value);
      if (!others) unreadable_risk();
      risk.payout_others = *others;
    } else if (name == "allowed") {
      risk.allowed = true;
    } else if (name == "rule") {
      risk.rules.emplace_back(value);
    } else if (const auto feature = risk::parse_feature(name)) {
      double number = 0;
      const auto [end, bad] = std::from_chars(value.data(), value.data() + value.size(), number);
      if (bad != std::errc() || end != value.data() + value.size()) unreadable_risk();
      risk.features.set(*feature, number);
    }
  }
}

}  // namespace countersign::store
