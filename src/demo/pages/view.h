#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "demo/payout.h"
#include "demo/steps/event.h"
#include "demo/visit.h"

// Values for templates that several pages use.
namespace countersign::demo {

/// For a number in a sentence that is read as one: no line ends inside it.
[[nodiscard]] std::string unbroken(std::string_view text);

/// `R$ 80,00`, elsewhere `BRL 80.00`.
[[nodiscard]] std::string format_price(std::int64_t cents, const html::Language& language);
/// `1.500`, elsewhere `1,500`.
[[nodiscard]] std::string format_tickets(std::int64_t tickets, const html::Language& language);
/// `24/06/2027, 20:00`; in English `Jun 24, 2027, 8:00 PM`.
[[nodiscard]] std::string format_event_time(const Event& event, const html::Language& language);

/// What `lang` says of a text in that language on a page in this one; empty where they are the same.
[[nodiscard]] std::string other_language(std::string_view of_text, const html::Language& of_page);

/// Label and value, as lists of facts have them.
struct Fact {
  std::string label;
  std::string value;
  std::string value_language = {};  ///< Where it is not the page's; empty otherwise.
  std::string label_language = {};
};
[[nodiscard]] html::List facts_view(const std::vector<Fact>& facts);

/// How people are shown where the money goes, short enough for a message and too little to use: `Itaú Unibanco final
/// 3661`, `Pix ***.982.247-**`.
[[nodiscard]] std::string short_name(const Payout& payout, const html::Language& language);
/// The same where there is little room, in a text message: a long name of a bank is cut, its ending never. Empty for a
/// Pix key that is too long even masked.
[[nodiscard]] std::string message_name(Payout payout, const html::Language& language);

enum class Detail { kFull, kMasked };
/// What there is to say about an account: in full for the person who typed it, masked for everything that leaves here.
[[nodiscard]] std::vector<Fact> payout_facts(const Payout& payout, const html::Language& language, Detail detail);

}  // namespace countersign::demo
