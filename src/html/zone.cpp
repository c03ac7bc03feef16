#include "html/zone.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace countersign::html {

namespace {

constexpr std::size_t kHeader = 44;

/// Reads big-endian numbers; after the end, all are 0 and `ok` is false.
class Bytes {
 public:
  explicit Bytes(std::string_view data) : data_(data) {}

  std::int64_t number(std::size_t size) {
    const std::string_view bytes = take(size);
    if (bytes.empty()) return 0;
    std::int64_t value = static_cast<signed char>(bytes[0]);
    for (const char c : bytes.substr(1)) value = value * 256 + static_cast<unsigned char>(c);
    return value;
  }
  std::string_view take(std::size_t size) {
    if (size > data_.size()) ok = false;
    const auto part = ok ? data_.substr(0, size) : std::string_view();
    data_.remove_prefix(part.size());
    return part;
  }
  [[nodiscard]] std::string_view rest() const { return data_; }
  bool ok = true;

 private:
  std::string_view data_;
};

struct Counts {
  std::size_t is_ut, is_std, leap, time, type, chars;
};

std::optional<Counts> read_header(Bytes& in) {
  if (in.take(4) != "TZif") return std::nullopt;
  in.take(16);  // Version and reserved bytes.
  std::array<std::size_t, 6> n{};
  for (auto& count : n) {
    const auto value = in.number(4);
    if (value < 0 || value > 100'000) return std::nullopt;
    count = static_cast<std::size_t>(value);
  }
  return Counts{n[0], n[1], n[2], n[3], n[4], n[5]};
}

/// The common abbreviation of zones for which the database only has digits.
std::string abbreviation(std::string_view from_file, std::string_view zone, Duration east) {
  if (!from_file.empty() && from_file.front() != '-' && from_file.front() != '+') return std::string(from_file);
  constexpr std::array<std::pair<std::string_view, std::string_view>, 9> kNamed{
      {{"America/Sao_Paulo", "BRT"},
       {"America/Bahia", "BRT"},
       {"America/Fortaleza", "BRT"},
       {"America/Recife", "BRT"},
       {"America/Belem", "BRT"},
       {"America/Manaus", "AMT"},
       {"America/Cuiaba", "AMT"},
       {"America/Buenos_Aires", "ART"},
       {"America/Argentina/Buenos_Aires", "ART"}}};
  const auto named = std::ranges::find(kNamed, zone, &std::pair<std::string_view, std::string_view>::first);
  if (named != kNamed.end()) return std::string(named->second);
  const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(east).count();
  const auto whole = minutes < 0 ? -minutes : minutes;
  const std::string hours = fmt::format("UTC{}{}", minutes < 0 ? '-' : '+', whole / 60);
  return whole % 60 == 0 ? hours : fmt::format("{}:{:02}", hours, whole % 60);
}

}  // namespace

std::optional<Zone> Zone::parse(std::string_view tzif, std::string_view name) {
  // The first block has 32-bit times; the second, of the same form, 64-bit times.
  Bytes first(tzif);
  const auto old = read_header(first);
  if (!old || tzif.size() < kHeader || tzif[4] < '2') return std::nullopt;
  first.take(old->time * 5 + old->type * 6 + old->chars + old->leap * 8 + old->is_std + old->is_ut);
  Bytes in = first;
  const auto n = read_header(in);
  if (!n || n->type == 0) return std::nullopt;

  Zone zone;
  std::vector<std::int64_t> times(n->time);
  for (auto& time : times) time = in.number(8);
  for (const auto time : times) zone.changes_.push_back({time, static_cast<std::size_t>(in.number(1) & 0xFF)});
  std::vector<std::pair<std::int64_t, std::size_t>> kinds(n->type);
  for (auto& [offset, at] : kinds) {
    offset = in.number(4);
    in.number(1);  // The summer time flag: the name already says so.
    at = static_cast<std::size_t>(in.number(1) & 0xFF);
  }
  const std::string_view names = in.take(n->chars);
  in.take(n->leap * 12 + n->is_std + n->is_ut);
  if (!in.ok || in.take(1) != "\n") return std::nullopt;
  const std::string_view rest = in.rest();
  const auto line_end = rest.find('\n');
  if (line_end == std::string_view::npos) return std::nullopt;
  if (const auto footer = rest.substr(0, line_end); !footer.empty()) {
    zone.rule_ = ZoneRule::parse(footer);
    if (!zone.rule_) return std::nullopt;
  }
  zone.name_ = name;
  zone.kinds_.clear();
  for (const auto& [offset, at] : kinds) {
    if (at >= names.size() || offset < -93'600 || offset > 93'600) return std::nullopt;
    const Duration east = std::chrono::seconds(offset);
    zone.kinds_.push_back({east, abbreviation(names.substr(at, names.find('\0', at) - at), name, east)});
  }
  const bool known = std::ranges::all_of(zone.changes_, [&](const Change& c) { return c.kind < zone.kinds_.size(); });
  return known ? std::optional(std::move(zone)) : std::nullopt;
}

std::optional<Zone> Zone::by_rule(std::string_view rule, std::string_view name) {
  Zone zone;
  zone.rule_ = ZoneRule::parse(rule);
  zone.name_ = name;
  return zone.rule_ ? std::optional(std::move(zone)) : std::nullopt;
}

ZoneOffset Zone::at(WallTime time) const {
  const auto seconds = to_unix_seconds(time);
  const auto next = std::ranges::upper_bound(changes_, seconds, {}, &Change::from);
  if (next == changes_.end() && rule_) {
    const auto& clock = rule_->at(seconds);
    const Duration east = std::chrono::seconds(clock.east);
    return {east, abbreviation(clock.name, name_, east)};
  }
  return next == changes_.begin() ? kinds_.front() : kinds_[std::prev(next)->kind];
}

}  // namespace countersign::html
