#include "base/id.h"

#include <algorithm>
#include <cstring>

#include "base/encoding.h"

namespace countersign {

std::optional<Id> Id::from_bytes(std::string_view bytes) {
  Id id;
  if (bytes.size() != id.raw.size()) return std::nullopt;
  std::memcpy(id.raw.data(), bytes.data(), bytes.size());
  return id;
}

std::optional<Id> Id::from_hex(std::string_view text) {
  Id id;
  return from_hex_into(text, id.raw) ? std::optional(id) : std::nullopt;
}

Id Id::floor_of(WallTime time) {
  const auto millis = static_cast<std::uint64_t>(
      std::max<std::int64_t>(0, std::chrono::floor<std::chrono::milliseconds>(time).time_since_epoch().count()));
  Id id;
  for (unsigned i = 0; i < 6; ++i) id.raw[i] = static_cast<std::uint8_t>(millis >> (40 - 8 * i));
  return id;
}

Id Id::make(Moment& moment) {
  Id id = floor_of(moment.now);
  moment.random.fill({id.raw.data() + 6, 10});
  return id;
}

WallTime Id::time() const {
  std::int64_t millis = 0;
  for (unsigned i = 0; i < 6; ++i) millis = millis << 8 | raw[i];
  return WallTime(std::chrono::milliseconds(millis));
}

std::string id_text(std::string_view prefix, const Id& id) {
  std::string out;
  out.reserve(prefix.size() + 2 * id.raw.size());
  out += prefix;
  append_hex(out, id.bytes());
  return out;
}

std::optional<Id> parse_id(std::string_view prefix, std::string_view text) {
  if (text.size() != prefix.size() + 32 || !text.starts_with(prefix)) return std::nullopt;
  const std::string_view hex = text.substr(prefix.size());
  // One spelling only: ids are compared as text by clients, caches and logs.
  if (std::any_of(hex.begin(), hex.end(), [](char c) { return c >= 'A' && c <= 'F'; })) return std::nullopt;
  return Id::from_hex(hex);
}

bool looks_like_id(std::string_view text) {
  constexpr std::size_t kPrefix = 2;
  const auto is_capital = [](char c) { return c >= 'A' && c <= 'Z'; };
  return text.size() > kPrefix && is_capital(text[0]) && is_capital(text[1]) &&
         parse_id(text.substr(0, kPrefix), text).has_value();
}

}  // namespace countersign
