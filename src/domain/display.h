#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace countersign::domain {

/// An amount as it was written: digits, no more decimals than its currency has, and an ISO 4217 code. Never a floating
/// number.
struct Amount {
  std::string value;
  std::string currency;
};

struct DisplayLine {
  std::string label;
  std::string value;
  std::string previous = {};  ///< What `value` takes the place of; empty: nothing. Shown struck beside it, never alone.

  [[nodiscard]] bool replaces() const { return !previous.empty() && !value.empty() && previous != value; }
};

/// What the person is shown before approving, on the page and in messages. All of it is bound to every proof. [TXN-2,
/// TXN-3]
struct Display {
  std::string title;
  std::optional<Amount> amount;
  std::string payee;
  std::vector<DisplayLine> lines;
  /// Where it goes, in a few words ("Itaú final 3661"): what a text message never cuts. Empty: not given.
  std::string short_line = {};
};

/// Which field of a display cannot be accepted, and why; for the client, in plain words.
struct DisplayFault {
  std::string field;
  std::string reason;
};

/// Bounds: title 1–120 characters, payee up to 140, 20 lines of up to 40 and 200, twice 200 where something is
/// replaced, the short line up to 60. Control and bidirectional formatting characters are refused, because they can
/// make a text read as another one. [SMS-4]
[[nodiscard]] std::optional<DisplayFault> display_fault(const Display& display);

/// Whether a text may be shown to people as it stands: UTF-8, within `characters_max`, nothing invisible that changes
/// how the rest reads. A single U+200C or U+200D is taken where scripts and emoji need one to be spelled at all: behind
/// a letter or mark of Arabic, an Indic or a neighbouring script, or behind a pictograph. Behind all else, Latin
/// letters and digits of any script among them, it would be nothing but a difference that nobody sees.
[[nodiscard]] bool is_showable(std::string_view text, std::size_t characters_max);

/// The JSON form, with absent members left out; its RFC 8785 form is what is hashed and sealed.
[[nodiscard]] json::value to_json(const Display& display);
/// Back from the sealed form. Broken machinery if it does not fit, because nothing else was ever sealed.
[[nodiscard]] Display display_from_json(const json::value& value);

/// `R$ 12.480,00` for pt-BR, `BRL 12,480.00` for the other locales; with the decimals that the currency has (`JPY
/// 1,000`, `KWD 1.500`), or those that were written if more.
[[nodiscard]] std::string format_amount(const Amount& amount, std::string_view locale);

}  // namespace countersign::domain
