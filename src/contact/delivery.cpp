#include "contact/delivery.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace countersign::contact {

namespace {

constexpr std::array<std::string_view, 5> kStages{"accepted", "sent", "failed", "delivered", "read"};
constexpr std::array<std::string_view, 10> kReasons{
    "opted_out",   "landline", "invalid_address", "unsupported_address", "blocked", "misconfigured", "expired",
    "unavailable", "rejected", "unknown"};

template <class Word, std::size_t N>
std::optional<Word> word_of(const std::array<std::string_view, N>& words, std::string_view text) {
  const auto* const found = std::ranges::find(words, text);
  return found == words.end() ? std::nullopt : std::optional(static_cast<Word>(found - words.begin()));
}

}  // namespace

std::string_view to_text(DeliveryStage stage) { return kStages.at(static_cast<std::size_t>(stage)); }
std::string_view to_text(DeliveryReason reason) { return kReasons.at(static_cast<std::size_t>(reason)); }

std::optional<DeliveryStage> parse_delivery_stage(std::string_view text) {
  return word_of<DeliveryStage>(kStages, text);
}

std::optional<DeliveryReason> parse_delivery_reason(std::string_view text) {
  return word_of<DeliveryReason>(kReasons, text);
}

}  // namespace countersign::contact
