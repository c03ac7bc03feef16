#include "webauthn/public_suffix.h"

#include <algorithm>
#include <cstdint>
#include <set>
#include <utility>
#include <vector>

#include "base/ascii.h"
#include "base/text.h"

namespace countersign::webauthn {

namespace {

// RFC 3492, section 5: the parameters of Punycode.
constexpr std::uint32_t kBase = 36;
constexpr std::uint32_t kTMin = 1;
constexpr std::uint32_t kTMax = 26;
constexpr std::uint32_t kSkew = 38;
constexpr std::uint32_t kDamp = 700;
constexpr std::uint32_t kInitialBias = 72;
constexpr std::uint32_t kInitialN = 128;
/// RFC 1035: longer labels are in no host name, and bound the arithmetic below.
constexpr std::size_t kLabelMax = 63;

char punycode_digit(std::uint32_t value) { return static_cast<char>(value < 26 ? 'a' + value : '0' + (value - 26)); }

/// Section 6.1, bias adaptation.
std::uint32_t adapted_bias(std::uint32_t delta, std::uint32_t points, bool first) {
  delta = first ? delta / kDamp : delta / 2;
  delta += delta / points;
  std::uint32_t k = 0;
  while (delta > (kBase - kTMin) * kTMax / 2) {
    delta /= kBase - kTMin;
    k += kBase;
  }
  return k + (kBase - kTMin + 1) * delta / (delta + kSkew);
}

/// Section 6.3: one delta as a number with variable digits.
void append_delta(std::string& out, std::uint32_t delta, std::uint32_t bias) {
  std::uint32_t rest = delta;
  for (std::uint32_t k = kBase;; k += kBase) {
    const std::uint32_t t = k <= bias ? kTMin : std::min(k - bias, kTMax);
    if (rest < t) break;
    out.push_back(punycode_digit(t + (rest - t) % (kBase - t)));
    rest = (rest - t) / (kBase - t);
  }
  out.push_back(punycode_digit(rest));
}

/// Section 6.3, the encoding procedure, over at most 63 code points.
std::string punycode(const std::vector<std::uint32_t>& points) {
  std::string out;
  for (const std::uint32_t point : points) {
    if (point < kInitialN) out.push_back(static_cast<char>(point));
  }
  const auto basic = static_cast<std::uint32_t>(out.size());
  if (basic > 0) out.push_back('-');
  std::uint32_t n = kInitialN;
  std::uint32_t delta = 0;
  std::uint32_t bias = kInitialBias;
  std::uint32_t handled = basic;
  while (handled < points.size()) {
    std::uint32_t next = UINT32_MAX;
    for (const std::uint32_t point : points) {
      if (point >= n) next = std::min(next, point);
    }
    delta += (next - n) * (handled + 1);
    n = next;
    for (const std::uint32_t point : points) {
      if (point < n) ++delta;
      if (point != n) continue;
      append_delta(out, delta, bias);
      bias = adapted_bias(delta, handled + 1, handled == basic);
      delta = 0;
      ++handled;
    }
    ++delta;
    ++n;
  }
  return out;
}

std::string_view line_of(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  // "Each line is only read up to the first whitespace" (publicsuffix.org, Format).
  return line.substr(0, std::min(line.find_first_of(" \t\r"), line.size()));
}

constexpr std::string_view kException = "!";
constexpr std::string_view kWildcard = "*.";

/// What follows the first dot; empty without one.
std::string_view parent_of(std::string_view host) {
  const std::size_t dot = host.find('.');
  return dot == std::string_view::npos ? std::string_view() : host.substr(dot + 1);
}

}  // namespace

PublicSuffixList PublicSuffixList::of_sorted(std::string_view rules) {
  PublicSuffixList list;
  list.rules_ = rules;
  return list;
}

PublicSuffixList PublicSuffixList::parse(std::string_view text) {
  std::set<std::string> rules;
  while (!text.empty()) {
    const std::string_view line = line_of(text);
    if (line.empty() || line.starts_with("//")) continue;
    const std::string_view mark = line.starts_with(kException)  ? kException
                                  : line.starts_with(kWildcard) ? kWildcard
                                                                : std::string_view();
    const std::string name = ascii_host(line.substr(mark.size()));
    if (!name.empty()) rules.insert(std::string(mark) + name);
  }
  auto own = std::make_shared<std::string>();
  for (const auto& rule : rules) own->append(rule).push_back('\n');
  PublicSuffixList list = of_sorted(*own);
  list.own_ = std::move(own);
  return list;
}

std::size_t PublicSuffixList::size() const { return static_cast<std::size_t>(std::ranges::count(rules_, '\n')); }

bool PublicSuffixList::has(std::string_view mark, std::string_view name) const {
  const std::string rule = std::string(mark).append(name);
  // Both are the beginnings of lines, or the end.
  std::size_t from = 0;
  std::size_t to = rules_.size();
  while (from < to) {
    const std::size_t middle = from + (to - from) / 2;
    const std::size_t before = middle > from ? rules_.rfind('\n', middle - 1) : std::string_view::npos;
    const std::size_t begin = before == std::string_view::npos || before < from ? from : before + 1;
    const std::size_t end = std::min(rules_.find('\n', middle), rules_.size());
    const int order = rules_.substr(begin, end - begin).compare(rule);
    if (order == 0) return true;
    if (order < 0)
      from = end + 1;
    else
      to = begin;
  }
  return false;
}

PublicSuffixList::Match PublicSuffixList::match(std::string_view host) const {
  // From the longest name to the shortest: the first rule that fits is the one with the most labels. An exception is as
  // long as the wildcard that it lifts, and takes precedence over it.
  for (std::string_view name = host; !name.empty(); name = parent_of(name)) {
    if (has(kException, name)) return {parent_of(name), true};
    if (has("", name)) return {name, true};
    if (const auto parent = parent_of(name); !parent.empty() && has(kWildcard, parent)) return {name, true};
  }
  const std::size_t dot = host.rfind('.');
  return {dot == std::string_view::npos ? host : host.substr(dot + 1), false};
}

std::string_view PublicSuffixList::suffix_of(std::string_view host) const { return match(host).suffix; }

bool PublicSuffixList::lists(std::string_view host) const {
  const Match found = match(host);
  return found.listed && found.suffix == host;
}

std::string ascii_label(std::string_view label) {
  std::vector<std::uint32_t> points;
  bool plain = true;
  for (std::string_view rest = label; !rest.empty();) {
    const char32_t point = take_code_point(rest);
    if (point == kNotUtf8 || points.size() == kLabelMax) return {};
    plain = plain && point < kInitialN;
    points.push_back(point < kInitialN ? static_cast<std::uint32_t>(to_lower(static_cast<char>(point))) : point);
  }
  if (!plain) return "xn--" + punycode(points);
  std::string out(label);
  std::ranges::transform(out, out.begin(), [](char c) { return to_lower(c); });
  return out;
}

std::string ascii_host(std::string_view host) {
  std::string out;
  while (true) {
    const std::size_t dot = host.find('.');
    const std::string label = ascii_label(host.substr(0, dot));
    if (label.empty()) return {};
    out += label;
    if (dot == std::string_view::npos) return out;
    out.push_back('.');
    host.remove_prefix(dot + 1);
  }
}

}  // namespace countersign::webauthn
