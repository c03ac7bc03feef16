#include "api/pages/session.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/ascii.h"
#include "base/encoding.h"
#include "base/number.h"
#include "base/secret.h"

namespace countersign::api::pages {

namespace {

constexpr std::size_t kBrowserBytes = 16;
constexpr std::size_t kNonceBytes = 12;
constexpr std::size_t kMacBytes = 16;
constexpr std::size_t kIdText = 34;  // `YF` and 32 hex digits.
constexpr auto kFormLife = std::chrono::hours(2);
constexpr auto kProvedFor = std::chrono::minutes(15);
constexpr std::string_view kBrowserCookie = "cs";
constexpr std::string_view kNoteCookie = "cs-note";
constexpr std::string_view kProvedCookie = "cs-proved";
constexpr std::string_view kLanguageCookie = "cs-lang";
constexpr std::string_view kLaterCookie = "cs-later";
constexpr std::string_view kAskedCookie = "cs-asked";
constexpr std::string_view kShownCookie = "cs-shown";
constexpr std::size_t kMarksMax = 4;

// Forms and cookies are bound to a transaction and a browser by a MAC:
//
// mac(purpose, what) := the first 16 bytes of the code digest (crypto/digest.cpp) with that purpose, of `what` in place
// of a code, bound to
//    transaction     16 bytes
//    browser         the value of the cookie `cs`, as text
// cookie cs := Base64url of 16 random bytes
// form token := Base64url of
//    nonce           12 bytes    random; an answer is remembered under it
//    made at         5 bytes     seconds since the epoch, big-endian
//    mac             16 bytes    "page_form" over nonce and time
// enrolment token :=
//    factor          its id as text, YF…
//    mac             Base64url; "page_enrolment" over the factor's 16 bytes
// cookie cs-proved :=
//    until           seconds since the epoch, in decimal
//    "."
//    mac             Base64url; "page_proved" over the decimal digits
// cookie cs-shown := as cs-proved, "page_shown", with the time when the page was shown
// handover token := as cs-proved, "page_handover", of no browser
// cookie cs-asked := up to four, the newest first, separated by "."
//    mac             Base64url; "page_asked" over the prompt's id
// cookie cs-later := up to four, the newest first, separated by "."
//    mark            Base64url of the first 16 bytes of the code digest "page_later" of the identity, bound to its
//                    account: no browser's, for it outlives the cookie `cs`
// cookie cs-note := transaction as text "." word "." seconds since the epoch, or 0; nobody is believed for it

std::string number_bytes(std::int64_t seconds) {
  std::string out;
  for (int shift = 32; shift >= 0; shift -= 8) out += static_cast<char>(seconds >> shift & 0xFF);
  return out;
}

std::int64_t number_of(std::string_view bytes) {
  std::int64_t value = 0;
  for (const char c : bytes) value = value << 8 | static_cast<unsigned char>(c);
  return value;
}

bool is_word(std::string_view text) {
  return text.size() <= 24 && std::ranges::all_of(text, [](char c) { return is_lower(c) || c == '_'; });
}

}  // namespace

std::string Sessions::mac(std::string_view purpose, const TransactionId& id, const Browser& browser,
                          std::string_view what) const {
  return digester_->code_digest(purpose, {id.bytes(), browser.id}, what).substr(0, kMacBytes);
}

std::string Sessions::cookie_name(std::string_view name) const {
  return secure_ ? fmt::format("__Host-{}", name) : std::string(name);
}

void Sessions::set_cookie(std::string_view name, std::string_view value, std::string_view life,
                          http::Response& response) const {
  // Lax, not Strict: the person comes from the application's site, and the browser must still send the cookie.
  response.headers.emplace_back("Set-Cookie", fmt::format("{}={}; Path=/{}; HttpOnly; SameSite=Lax{}",
                                                          cookie_name(name), value, life, secure_ ? "; Secure" : ""));
}

std::optional<std::string> Sessions::cookie(const http::Request& request, std::string_view name) const {
  const std::string wanted = cookie_name(name) + '=';
  for (std::string_view header : request.header_values("cookie")) {
    while (!header.empty()) {
      const auto end = header.find(';');
      std::string_view pair = header.substr(0, end);
      while (pair.starts_with(' ')) pair.remove_prefix(1);
      if (pair.starts_with(wanted)) return std::string(pair.substr(wanted.size()));
      header.remove_prefix(end == std::string_view::npos ? header.size() : end + 1);
    }
  }
  return std::nullopt;
}

Browser Sessions::browser_of(const http::Request& request, Random& random) const {
  const auto value = cookie(request, kBrowserCookie);
  const auto bytes = value ? from_base64url(*value) : std::nullopt;
  if (bytes && bytes->size() == kBrowserBytes) return {*value, false};
  return {to_base64url(random.bytes(kBrowserBytes)), true};
}

void Sessions::remember(const Browser& browser, http::Response& response) const {
  if (browser.is_new) set_cookie(kBrowserCookie, browser.id, "", response);
}

std::string Sessions::form_token(const TransactionId& id, const Browser& browser, Moment& moment) const {
  const std::string body = moment.random.bytes(kNonceBytes) + number_bytes(to_unix_seconds(moment.now));
  return to_base64url(body + mac("page_form", id, browser, body));
}

std::optional<Sessions::FormToken> Sessions::check_form_token(std::string_view token, const TransactionId& id,
                                                              const Browser& browser, WallTime now) const {
  const auto bytes = from_base64url(token);
  if (!bytes || bytes->size() != kNonceBytes + 5 + kMacBytes) return std::nullopt;
  const std::string_view body = std::string_view(*bytes).substr(0, kNonceBytes + 5);
  if (!equal_constant_time(std::string_view(*bytes).substr(body.size()), mac("page_form", id, browser, body)))
    return std::nullopt;
  const auto made = WallTime(std::chrono::seconds(number_of(body.substr(kNonceBytes))));
  if (now >= made + kFormLife) return std::nullopt;
  return FormToken{std::string(body.substr(0, kNonceBytes)), made};
}

void Sessions::set_shown(const TransactionId& id, const Browser& browser, WallTime at, http::Response& response) const {
  const std::string seconds = std::to_string(to_unix_seconds(at));
  set_cookie(kShownCookie, fmt::format("{}.{}", seconds, to_base64url(mac("page_shown", id, browser, seconds))),
             "; Max-Age=7200", response);
}

std::optional<WallTime> Sessions::shown_at(const http::Request& request, const TransactionId& id,
                                           const Browser& browser) const {
  const auto value = cookie(request, kShownCookie);
  const auto dot = value ? value->find('.') : std::string::npos;
  if (dot == std::string::npos) return std::nullopt;
  const auto seconds = parse_number<std::int64_t>(std::string_view(*value).substr(0, dot));
  if (!seconds) return std::nullopt;
  const bool ours = equal_constant_time(std::string_view(*value).substr(dot + 1),
                                        to_base64url(mac("page_shown", id, browser, std::to_string(*seconds))));
  return ours ? std::optional(WallTime(std::chrono::seconds(*seconds))) : std::nullopt;
}

std::string Sessions::enrolment_token(const FactorId& factor, const TransactionId& id, const Browser& browser) const {
  return factor.text() + to_base64url(mac("page_enrolment", id, browser, factor.bytes()));
}

std::optional<FactorId> Sessions::check_enrolment_token(std::string_view token, const TransactionId& id,
                                                        const Browser& browser) const {
  if (token.size() <= kIdText) return std::nullopt;
  const auto factor = FactorId::parse(token.substr(0, kIdText));
  const bool ours = factor && equal_constant_time(token, enrolment_token(*factor, id, browser));
  return ours ? factor : std::nullopt;
}

void Sessions::set_proved(const TransactionId& id, const Browser& browser, WallTime now,
                          http::Response& response) const {
  const std::string until = std::to_string(to_unix_seconds(now + kProvedFor));
  set_cookie(kProvedCookie, fmt::format("{}.{}", until, to_base64url(mac("page_proved", id, browser, until))),
             "; Max-Age=900", response);
}

bool Sessions::has_proved(const http::Request& request, const TransactionId& id, const Browser& browser,
                          WallTime now) const {
  const auto value = cookie(request, kProvedCookie);
  if (!value) return false;
  const auto dot = value->find('.');
  const auto until = parse_number<std::int64_t>(std::string_view(*value).substr(0, dot));
  if (!until || dot == std::string::npos || to_unix_seconds(now) >= *until) return false;
  return equal_constant_time(std::string_view(*value).substr(dot + 1),
                             to_base64url(mac("page_proved", id, browser, std::to_string(*until))));
}

void Sessions::set_language(std::string_view tag, http::Response& response) const {
  set_cookie(kLanguageCookie, tag, "; Max-Age=15552000", response);
}

std::string Sessions::language_of(const http::Request& request) const {
  return cookie(request, kLanguageCookie).value_or("");
}

std::string Sessions::mark_of(const AccountId& account, std::string_view identity) const {
  return to_base64url(digester_->code_digest("page_later", {account.bytes()}, identity).substr(0, kMacBytes));
}

namespace {

/// The newest mark before those of `before`, at most kMarksMax in all.
std::string with_mark(std::string marks, std::string_view before) {
  const std::size_t length = marks.size();
  for (std::size_t at = 0; at + length <= before.size() && marks.size() < kMarksMax * length; at += length + 1) {
    const std::string_view one = before.substr(at, length);
    if (from_base64url(one) && !marks.starts_with(one)) marks.append(".").append(one);
  }
  return marks;
}

}  // namespace

void Sessions::set_declined(const http::Request& request, const AccountId& account, std::string_view identity,
                            http::Response& response) const {
  set_cookie(kLaterCookie, with_mark(mark_of(account, identity), cookie(request, kLaterCookie).value_or("")),
             "; Max-Age=7776000", response);
}

void Sessions::set_asked(const http::Request& request, const TransactionId& id, const Browser& browser,
                         std::string_view prompt, http::Response& response) const {
  set_cookie(
      kAskedCookie,
      with_mark(to_base64url(mac("page_asked", id, browser, prompt)), cookie(request, kAskedCookie).value_or("")),
      "; Max-Age=900", response);
}

bool Sessions::has_asked(const http::Request& request, const TransactionId& id, const Browser& browser,
                         std::string_view prompt) const {
  const std::string marks = cookie(request, kAskedCookie).value_or("");
  const std::string own = to_base64url(mac("page_asked", id, browser, prompt));
  bool found = false;
  for (std::size_t at = 0; at + own.size() <= marks.size(); at += own.size() + 1)
    found = equal_constant_time(std::string_view(marks).substr(at, own.size()), own) || found;
  return found;
}

std::string Sessions::handover_token(const TransactionId& id, WallTime now) const {
  const std::string until = std::to_string(to_unix_seconds(now + kProvedFor));
  return fmt::format("{}.{}", until, to_base64url(mac("page_handover", id, {}, until)));
}

bool Sessions::check_handover(std::string_view token, const TransactionId& id, WallTime now) const {
  const auto dot = token.find('.');
  const auto until = parse_number<std::int64_t>(token.substr(0, dot));
  if (!until || dot == std::string_view::npos || to_unix_seconds(now) >= *until) return false;
  return equal_constant_time(token.substr(dot + 1), to_base64url(mac("page_handover", id, {}, std::to_string(*until))));
}

bool Sessions::has_declined(const http::Request& request, const AccountId& account, std::string_view identity) const {
  const auto marks = cookie(request, kLaterCookie);
  return marks && marks->find(mark_of(account, identity)) != std::string::npos;
}

void Sessions::set_note(const TransactionId& id, const Note& note, http::Response& response) const {
  if (note.word.empty()) return;
  const auto until = note.until ? to_unix_seconds(*note.until) : 0;
  set_cookie(kNoteCookie, fmt::format("{}.{}.{}", id.text(), note.word, until), "; Max-Age=60", response);
}

Note Sessions::note_of(const http::Request& request, const TransactionId& id) const {
  const auto value = cookie(request, kNoteCookie);
  if (!value || !value->starts_with(id.text() + '.')) return {};
  const std::string_view rest = std::string_view(*value).substr(id.text().size() + 1);
  const auto dot = rest.find('.');
  const auto until = dot == std::string_view::npos ? std::nullopt : parse_number<std::int64_t>(rest.substr(dot + 1));
  if (!until || !is_word(rest.substr(0, dot))) return {};
  constexpr std::int64_t kFarFuture = 253'402'300'800;  // The year 10000: later times cannot be shown.
  const bool has_time = *until > 0 && *until < kFarFuture;
  return {std::string(rest.substr(0, dot)),
          has_time ? std::optional(WallTime(std::chrono::seconds(*until))) : std::nullopt};
}

void Sessions::spend_note(http::Response& response) const { set_cookie(kNoteCookie, "", "; Max-Age=0", response); }

}  // namespace countersign::api::pages
