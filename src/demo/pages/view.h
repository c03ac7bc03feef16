#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "demo/payout.h"
#include "demo/steps/event.h"
#include "demo/visit.h"

// Values for templates that several pages use.
namespace countersign::demo {

/// `R$ 80,00`, elsewhere `BRL 80.00`.
[[nodiscard]] std::string format_price(std::int64_t cents, const html::Language& language);
/// `24/06/2027, 20:00`; in English the month is a word.
[[nodiscard]] std::string format_event_time(const Event& event, const html::Language& language);

/// Label and value, as lists of facts have them.
struct Fact {
  std::string label;
  std::string value;
};
[[nodiscard]] html::List facts_view(const std::vector<Fact>& facts);

enum class Detail { kFull, kMasked };
/// What there is to say about an account: in full for the person who typed it, masked for everything that leaves here.
[[nodiscard]] std::vector<Fact> payout_facts(const Payout& payout, const html::Language& language, Detail detail);

}  // namespace countersign::demo
