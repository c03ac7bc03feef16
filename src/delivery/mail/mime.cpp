#include "delivery/mail/mime.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>

#include "base/encoding.h"
#include "base/text.h"

namespace countersign::delivery {
namespace {

constexpr std::string_view kEnd = "\r\n";
constexpr std::size_t kLineMax = 76;         // Of an encoded line or a header line with encoded words.
constexpr std::size_t kEncodedWordMax = 45;  // Bytes of text in an encoded word: 75 characters with its frame …
constexpr std::size_t kFirstWordMax = 36;    // … and beside the header's name.
constexpr std::size_t kPlainMax = 60;        // Characters of a header's text that needs no folding.
/// Cannot occur in quoted-printable, which has `=` only before two hex digits. [RFC 2045, 6.7]
constexpr std::string_view kBoundary = "=_countersign_alternative";

bool is_printable(char c) { return c >= ' ' && c <= '~'; }

std::string on_one_line(std::string_view text) {
  std::string line(text);
  const auto is_control = [](char c) { return (c >= 0 && c < ' ') || c == '\x7F'; };
  std::ranges::replace_if(line, is_control, ' ');
  return line;
}

/// The largest whole code points of `text` within `most` bytes; at least one byte.
std::size_t piece_of(std::string_view text, std::size_t most) {
  std::size_t size = 0;
  while (size < text.size()) {
    const std::size_t next = std::max<std::size_t>(code_point_size(text.substr(size)), 1);
    if (size + next > most) break;
    size += next;
  }
  return size;
}

std::string phrase(std::string_view name) {
  const std::string line = on_one_line(name);
  const std::string text = header_text(line);
  if (text != line) return text;
  std::string quoted = "\"";
  for (const char c : line) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + '"';
}

std::string rfc5322_date(WallTime time) {
  constexpr std::array<std::string_view, 7> kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::seconds>(time - day));
  return fmt::format("{}, {:02} {} {} {:02}:{:02}:{:02} +0000", kDays.at(std::chrono::weekday(day).c_encoding()),
                     static_cast<unsigned>(date.day()), kMonths.at(static_cast<unsigned>(date.month()) - 1),
                     static_cast<int>(date.year()), clock.hours().count(), clock.minutes().count(),
                     clock.seconds().count());
}

void add_part(std::string& out, std::string_view type, std::string_view content) {
  out += fmt::format("Content-Type: {}; charset=utf-8{}Content-Transfer-Encoding: quoted-printable{}{}", type, kEnd,
                     kEnd, kEnd);
  out += quoted_printable(content);
}

}  // namespace

std::string header_text(std::string_view text) {
  const std::string line = on_one_line(text);
  if (line.size() <= kPlainMax && std::ranges::all_of(line, is_printable) && !line.contains("=?")) return line;
  std::string out;
  for (std::string_view rest = line; !rest.empty();) {
    const std::size_t size = piece_of(rest, out.empty() ? kFirstWordMax : kEncodedWordMax);
    if (!out.empty()) out += "\r\n ";
    out += "=?utf-8?B?" + to_base64(rest.substr(0, size)) + "?=";
    rest.remove_prefix(size);
  }
  return out;
}

std::string quoted_printable(std::string_view text) {
  std::string out;
  std::size_t column = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\n') {
      out += kEnd;
      column = 0;
      continue;
    }
    // A space at the end of a line may be lost on the way.
    const bool ends_line = i + 1 == text.size() || text[i + 1] == '\n';
    const bool plain = is_printable(c) && c != '=' && !(c == ' ' && ends_line);
    const std::size_t width = plain ? 1 : 3;
    if (column + width > kLineMax - 1) {
      out += "=\r\n";
      column = 0;
    }
    if (plain)
      out += c;
    else
      out += fmt::format("={:02X}", static_cast<unsigned char>(c));
    column += width;
  }
  if (column > 0) out += kEnd;
  return out;
}

std::string write_mail(const Mail& mail) {
  std::string out;
  const auto header = [&](std::string_view name, std::string_view value) {
    out += fmt::format("{}: {}{}", name, value, kEnd);
  };
  const std::string address = fmt::format("<{}>", on_one_line(mail.from));
  header("Date", rfc5322_date(mail.date));
  header("From", mail.from_name.empty() ? address : phrase(mail.from_name) + "\r\n " + address);
  header("To", fmt::format("<{}>", on_one_line(mail.to)));
  header("Message-ID", fmt::format("<{}>", on_one_line(mail.message_id)));
  header("Subject", header_text(mail.subject));
  header("Content-Language", on_one_line(mail.locale));
  header("Auto-Submitted", "auto-generated");
  header("X-Auto-Response-Suppress", "All");  // What Exchange has for it.
  header("MIME-Version", "1.0");
  if (mail.html.empty()) {
    add_part(out, "text/plain", mail.text);
    return out;
  }
  header("Content-Type", fmt::format("multipart/alternative; boundary=\"{}\"", kBoundary));
  out += fmt::format("{}--{}{}", kEnd, kBoundary, kEnd);
  add_part(out, "text/plain", mail.text);
  out += fmt::format("{}--{}{}", kEnd, kBoundary, kEnd);
  add_part(out, "text/html", mail.html);
  out += fmt::format("{}--{}--{}", kEnd, kBoundary, kEnd);
  return out;
}

}  // namespace countersign::delivery
