#include "domain/message.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "base/text.h"
#include "contact/message_text.h"
#include "contact/origin_bound.h"
#include "domain/sms_words.h"

namespace countersign::domain {

namespace {

struct Texts {
  std::string_view locale;
  std::string_view amount_to;   ///< {0} service, {1} code, {2} amount, {3} to whom and where, {4} minutes
  std::string_view amount_for;  ///< {3} title
  std::string_view code_for;    ///< {3} title, to whom and where
  std::string_view subject;     ///< {0} service, {1} code, {2} title
  std::string_view add_app;
  std::string_view add_codes;
  std::string_view add_passkey;
  std::string_view add_device;
};

constexpr std::array kMessageTexts{
    Texts{"pt-BR", "{0}: {1} autoriza {2} para {3}. Vale {4} min. Não pediu? Não passe a ninguém.",
          "{0}: {1} autoriza {2}: {3}. Vale {4} min. Não pediu? Não passe a ninguém.",
          "{0}: {1} é o código para {3}. Vale {4} min. Não passe a ninguém, nem ao suporte.",
          "{1} é o seu código: {2} ({0})", "Novo aplicativo autenticador", "Novos códigos de recuperação",
          "Nova chave de acesso", "Novo aparelho"},
    Texts{"en", "{0}: {1} authorizes {2} to {3}. Valid {4} min. Not you? Do not share it.",
          "{0}: {1} authorizes {2}: {3}. Valid {4} min. Not you? Do not share it.",
          "{0}: {1} is your code for {3}. Valid {4} min. Never share it, even with support.",
          "{1} is your code: {2} ({0})", "New authenticator app", "New recovery codes", "New passkey", "New device"},
    Texts{"es", "{0}: {1} autoriza {2} a {3}. Vale {4} min. ¿No fuiste tú? No lo compartas.",
          "{0}: {1} autoriza {2}: {3}. Vale {4} min. ¿No fuiste tú? No lo compartas.",
          "{0}: {1} es tu código para {3}. Vale {4} min. No lo compartas con nadie.", "{1} es tu código: {2} ({0})",
          "Nueva app de autenticación", "Nuevos códigos de recuperación", "Nueva llave de acceso", "Nuevo dispositivo"},
};

/// The three sentences of a locale in GSM-7, which does not change from one message to the next.
struct Gsm7Sentences {
  std::string amount_to, amount_for, code_for;
};

const Gsm7Sentences& in_gsm7(const Texts& texts) {
  static const auto kAll = [] {
    std::array<Gsm7Sentences, kMessageTexts.size()> all;
    std::ranges::transform(kMessageTexts, all.begin(), [](const Texts& t) {
      const auto plain = [](std::string_view words) { return spelled_words(words, Spelling::kGsm7); };
      return Gsm7Sentences{plain(t.amount_to), plain(t.amount_for), plain(t.code_for)};
    });
    return all;
  }();
  return kAll[static_cast<std::size_t>(&texts - kMessageTexts.data())];
}

const Texts& texts_for(std::string_view locale) {
  const auto by_language = [&](const Texts& t) { return t.locale.substr(0, 2) == locale.substr(0, 2); };
  const auto found = std::find_if(kMessageTexts.begin(), kMessageTexts.end(), by_language);
  return found != kMessageTexts.end() ? *found : kMessageTexts[1];
}

constexpr std::size_t kWholeLine = 200;  // Maximum length of a display's line.
constexpr std::size_t kUcs2SegmentsMax = 3;

/// Space for each name in a message, in characters. A payee that is the only known destination is cut like a title; any
/// other is included completely or not at all.
struct Room {
  bool payee;
  std::size_t title;
  std::size_t service;
};

/// In order of shortening.
constexpr std::array kRooms{
    Room{true, 140, 30}, Room{false, 140, 30}, Room{false, 100, 30}, Room{false, 80, 30}, Room{false, 70, 30},
    Room{false, 60, 30}, Room{false, 54, 30},  Room{false, 48, 30},  Room{false, 42, 30}, Room{false, 38, 30},
    Room{false, 34, 30}, Room{false, 30, 30},  Room{false, 27, 30},  Room{false, 24, 30}, Room{false, 21, 30},
    Room{false, 18, 30}, Room{false, 15, 30},  Room{false, 12, 30},  Room{false, 8, 30},  Room{false, 0, 30},
    Room{false, 0, 24},  Room{false, 0, 18},   Room{false, 0, 12},   Room{false, 0, 8},   Room{false, 0, 4}};
constexpr std::size_t kTitleLeast = 8;  // Minimum for a title or payee that is the only description.
constexpr std::size_t kTitleLast = 4;   // Minimum beside the shortest name.

/// Whether `part` is in `text`, but not as a piece of a longer word or number (`3661` is not in `3661-9`), nor of a cut
/// one (`3661...`).
bool has_whole(std::string_view text, std::string_view part) {
  constexpr std::string_view kWithin = "-./,:_";
  const auto is_of_word = [](char c) { return is_letter_or_digit(c) || static_cast<unsigned char>(c) >= 0x80; };
  const auto is_edge = [&](std::string_view outwards) {
    if (outwards.starts_with("..")) return false;
    const auto next = outwards.find_first_not_of(kWithin);
    return next == std::string_view::npos || !is_of_word(outwards[next]);
  };
  for (auto at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1)) {
    std::string before(text.substr(0, at));
    std::ranges::reverse(before);
    if (is_edge(before) && is_edge(text.substr(at + part.size()))) return true;
  }
  return false;
}

/// A message in the making.
class Draft {
 public:
  /// `where`: the destination from the display; empty if only the payee is known.
  Draft(const Display& display, std::string_view where, std::string_view code, const MessageParts& parts)
      : display_(display), where_(where), code_(code), parts_(parts), texts_(texts_for(parts.locale)) {}

  /// nullopt if a name cannot be spelled this way.
  [[nodiscard]] std::optional<std::string> sentence(const Room& room, Spelling spelling) const {
    const auto service = spelled_name(parts_.service_name, room.service, spelling);
    const auto what = named(room, spelling);
    if (!service || !what) return std::nullopt;
    const bool by_amount = display_.amount.has_value();
    const std::string_view text = spelling == Spelling::kGsm7 ? one_of(in_gsm7(texts_)) : one_of(texts_);
    return fmt::format(fmt::runtime(text), *service, code_,
                       by_amount ? format_amount(*display_.amount, parts_.locale) : "", *what, parts_.valid_minutes);
  }

  /// The text message with its last line.
  [[nodiscard]] std::string text_message(const Room& room) const {
    std::string text = sentence(room, Spelling::kGsm7).value_or("");
    if (text.empty()) text = sentence(room, Spelling::kAsSpelled).value_or("");
    if (parts_.origin_host.empty()) return text;
    return contact::bind_to_origin(text, parts_.origin_host, code_).value_or(text);
  }

  /// The shortest form.
  [[nodiscard]] std::string shortest() const { return text_message(kRooms.back()); }

  /// The longest content in the fewest segments.
  [[nodiscard]] std::string fitted() const {
    for (std::size_t segments = 1;; ++segments) {
      for (const Room& room : kRooms) {
        std::string text = text_message(room);
        if (contact::measure_message(text).segments <= segments) return text;
      }
    }
  }

 private:
  [[nodiscard]] std::string_view one_of(const auto& sentences) const {
    if (!display_.amount) return sentences.code_for;
    const bool to_somebody = !display_.payee.empty() || !where_.empty();
    return to_somebody ? sentences.amount_to : sentences.amount_for;
  }

  /// Title, payee and destination, as far as they fit, separated by commas.
  [[nodiscard]] std::optional<std::string> named(const Room& room, Spelling spelling) const {
    std::string all;
    bool is_spelled = true;
    const auto append = [&](const std::optional<std::string>& text) {
      is_spelled = is_spelled && text;
      if (is_spelled && !text->empty()) all.append(all.empty() ? "" : ", ").append(*text);
    };
    const auto add = [&](std::string_view name, std::size_t most) {
      if (!name.empty() && most > 0) append(spelled_name(name, most, spelling));
    };
    const bool by_payee = where_.empty() && !display_.payee.empty();
    const bool needs_title = where_.empty() && (!display_.amount || !by_payee);
    const std::size_t least = room.service > kTitleLast ? kTitleLeast : kTitleLast;
    if (!display_.amount || needs_title) add(display_.title, needs_title ? std::max(room.title, least) : room.title);
    if (by_payee) add(display_.payee, std::max(room.title, least));
    if (!by_payee && room.payee) add(display_.payee, kWholeLine);
    if (!where_.empty()) {
      const auto where = spelled_name(where_, kWholeLine, spelling);
      if (!where || !has_whole(all, *where)) append(where);
    }
    if (!is_spelled) return std::nullopt;
    return all;
  }

  const Display& display_;
  std::string_view where_;
  std::string_view code_;
  const MessageParts& parts_;
  const Texts& texts_;
};

bool fits(std::string_view text) {
  const auto size = contact::measure_message(text);
  return size.segments <= (size.alphabet == contact::MessageAlphabet::kGsm7 ? 1 : kUcs2SegmentsMax);
}

/// The first line that is not blank, if it can be the destination and there is no short line. No later line replaces
/// it: that may be anything, such as a fee.
std::string_view telling_line(const Display& display) {
  if (says_something(display.short_line)) return {};
  const auto is_blank = [](const DisplayLine& line) { return contact::visible_text(line.value).empty(); };
  const auto first = std::ranges::find_if_not(display.lines, is_blank);
  if (first == display.lines.end() || !says_something(first->value) || !stands_unaltered(first->value)) return {};
  return first->value;
}

/// The destination, of which `line` is telling_line(). Empty if the payee contains it, or if there is none.
std::string_view destination(const Display& display, std::string_view line, std::string_view code,
                             const MessageParts& parts) {
  if (says_something(display.short_line)) return display.short_line;
  if (line.empty()) return {};
  for (const auto spelling : {Spelling::kGsm7, Spelling::kAsSpelled}) {
    if (spelled_name(line, kWholeLine, spelling) && fits(Draft(display, line, code, parts).shortest())) return line;
    // A line that needs UCS-2 is no better than a payee that does not.
    if (!display.payee.empty() && spelled_name(display.payee, kWholeLine, spelling)) return {};
  }
  return {};
}

}  // namespace

SecretString code_message(contact::Channel channel, const Display& display, std::string_view code,
                          const MessageParts& parts) {
  const auto line = telling_line(display);
  const bool is_text = channel == contact::Channel::kSms;
  if (is_text && !line.empty()) {
    // Usually everything fits. Then so does the shortest form, which has no name that is longer here: the line is the
    // destination, and nothing is to be shortened.
    std::string whole = Draft(display, line, code, parts).text_message(kRooms.front());
    const auto size = contact::measure_message(whole);
    if (size.alphabet == contact::MessageAlphabet::kGsm7 && size.segments == 1) return SecretString(std::move(whole));
  }
  const Draft draft(display, destination(display, line, code, parts), code, parts);
  if (is_text) return SecretString(draft.fitted());
  return SecretString(draft.sentence({true, 140, 64}, Spelling::kAsSpelled).value_or(""));
}

ShortLineRoom short_line_room(const Display& display, std::size_t code_length, const MessageParts& parts) {
  using contact::MessageAlphabet;
  const std::string code(code_length, '0');
  const std::string text = Draft(display, display.short_line, code, parts).shortest();
  const auto size = contact::measure_message(text);
  const bool gsm7 = size.alphabet == MessageAlphabet::kGsm7;
  const auto line = spelled_name(display.short_line, kWholeLine, gsm7 ? Spelling::kGsm7 : Spelling::kAsSpelled);
  // In a message that is UCS-2 for other letters, a character of two septets takes one unit.
  const bool one_each = !gsm7 && contact::is_gsm7(line.value_or(""));
  const std::size_t has = one_each ? utf8_length(line.value_or("")) : contact::measure_message(line.value_or("")).units;
  const std::size_t beside = size.units - std::min(size.units, has);
  const std::size_t room = gsm7 ? 160 : kUcs2SegmentsMax * 67;
  const bool has_doubles = gsm7 && has > utf8_length(line.value_or(""));
  return {fits(text), room - std::min(room, beside), has, has_doubles};
}

std::size_t longest_text_message(std::string_view service_name, std::string_view origin_host, std::size_t code_length) {
  // The bounds of display_fault; a foreign currency is written with its three letters.
  const std::string title(120, 'W');
  const std::string payee(140, 'W');
  const std::string code(code_length, '0');
  const Amount amount{"999999999999999.9999", "CLF"};
  const std::string name = contact::to_gsm7(service_name).value_or(std::string(utf8_length(service_name), 'W'));
  const std::array<Display, 4> longest_sentences{Display{title, std::nullopt, "", {}}, Display{title, amount, "", {}},
                                                 Display{title, std::nullopt, payee, {}},
                                                 Display{title, amount, payee, {}}};
  std::size_t longest = 0;
  for (const Texts& texts : kMessageTexts) {
    for (const Display& display : longest_sentences) {
      const MessageParts parts{name, texts.locale, origin_host, 10};
      longest = std::max(longest, contact::measure_message(Draft(display, "", code, parts).shortest()).units);
    }
  }
  return longest;
}

std::string_view addition_title(std::string_view locale, Kind kind) {
  const Texts& texts = texts_for(locale);
  if (kind == Kind::kPasskey) return texts.add_passkey;
  if (kind == Kind::kDevice) return texts.add_device;
  return kind == Kind::kRecovery ? texts.add_codes : texts.add_app;
}

std::string code_subject(const Display& display, std::string_view code, const MessageParts& parts) {
  return fmt::format(fmt::runtime(texts_for(parts.locale).subject),
                     contact::sanitise_for_message(parts.service_name, 30), code,
                     contact::sanitise_for_message(display.title, 60));
}

}  // namespace countersign::domain
