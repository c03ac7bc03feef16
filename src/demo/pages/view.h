#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "demo/payout.h"
#include "demo/steps/event.h"
#include "demo/visit.h"

// Values for the templates of several pages.
namespace countersign::demo {

/// With no-break spaces, for a number in a sentence.
[[nodiscard]] std::string unbroken(std::string_view text);

/// `R$ 80,00`, in other languages `BRL 80.00`.
[[nodiscard]] std::string format_price(std::int64_t cents, const html::Language& language);
/// `1.500`, in other languages `1,500`.
[[nodiscard]] std::string format_tickets(std::int64_t tickets, const html::Language& language);
/// `24/06/2027, 20:00`; in English `Jun 24, 2027, 8:00 PM`.
[[nodiscard]] std::string format_event_time(const Event& event, const html::Language& language);

/// The `lang` attribute for a text in that language on a page in this one; empty if they are equal.
[[nodiscard]] std::string other_language(std::string_view of_text, const html::Language& of_page);

/// Label and value in a list of facts.
struct Fact {
  std::string label;
  std::string value;
  std::string value_language = {};  ///< If it differs from the page's; else empty.
  std::string label_language = {};
};
[[nodiscard]] html::List facts_view(const std::vector<Fact>& facts);

/// A payout account for display, short enough for a message and too little to use: `Itaú Unibanco final 3661`, `Pix
/// ***.982.247-**`.
[[nodiscard]] std::string short_name(const Payout& payout, const html::Language& language);
/// The same for a text message: a long bank name is cut, its last digits never. Empty for a Pix key that is too long
/// even masked.
[[nodiscard]] std::string message_name(Payout payout, const html::Language& language);

enum class Detail { kFull, kMasked };
/// The facts about an account: in full for the person who typed it, masked for everything that leaves this site.
[[nodiscard]] std::vector<Fact> payout_facts(const Payout& payout, const html::Language& language, Detail detail);

}  // namespace countersign::demo
