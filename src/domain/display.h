#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace countersign::domain {

/// An amount as written: digits, at most as many decimals as its currency has, and an ISO 4217 code. Never a
/// floating-point number.
struct Amount {
  std::string value;
  std::string currency;
};

struct DisplayLine {
  std::string label;
  std::string value;
  std::string previous = {};  ///< What `value` replaces; empty: nothing. Shown struck through beside it, never alone.

  [[nodiscard]] bool replaces() const { return !previous.empty() && !value.empty() && previous != value; }
};

/// What the person sees before approving, on the page and in messages. Every proof is bound to all of it. [TXN-2,
/// TXN-3]
struct Display {
  std::string title;
  std::optional<Amount> amount;
  std::string payee;
  std::vector<DisplayLine> lines;
  /// The destination in a few words ("Itaú final 3661"), never cut in a text message. Empty: not given.
  std::string short_line = {};
};

/// Which field of a display is invalid, and why, in words for the client.
struct DisplayFault {
  std::string field;
  std::string reason;
};

/// Bounds: title 1–120 characters, payee up to 140, 20 lines of up to 40 and 200, twice 200 where something is
/// replaced, the short line up to 60. Control and bidirectional formatting characters are refused, because they can
/// make a text read as another one. [SMS-4]
[[nodiscard]] std::optional<DisplayFault> display_fault(const Display& display);

/// Whether a text may be shown to people unchanged: UTF-8, within `characters_max`, without invisible characters that
/// change how the rest reads. A single U+200C or U+200D is allowed where spelling needs it: after a letter or mark of
/// Arabic, an Indic or a neighbouring script, or after a pictograph. Elsewhere, also after Latin letters and digits of
/// any script, it would be an invisible difference.
[[nodiscard]] bool is_showable(std::string_view text, std::size_t characters_max);

/// The JSON form without absent members; its RFC 8785 form is hashed and sealed.
[[nodiscard]] json::value to_json(const Display& display);
/// Reads the sealed form. Throws if it does not fit, because nothing else is ever sealed.
[[nodiscard]] Display display_from_json(const json::value& value);

/// `R$ 12.480,00` for pt-BR, `BRL 12,480.00` for other locales; with the currency's decimals (`JPY 1,000`, `KWD
/// 1.500`), or the written ones if there are more.
[[nodiscard]] std::string format_amount(const Amount& amount, std::string_view locale);

}  // namespace countersign::domain
