#include "base/id.h"

#include <algorithm>
#include <cstring>

#include "base/ascii.h"
#include "base/encoding.h"

namespace countersign {

// id :=
//    time      6 bytes    milliseconds since 1970-01-01 UTC, big-endian; zeros in the ids of test accounts
//                         (base/test_account.h)
//    random    10 bytes
// The id of a verification of a standalone code is its transaction's, byte for byte.
//
// text := the two capitals of the kind (CS_ID in id.h), and the 16 bytes as 32 lower-case hex digits

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
  append_id(out, prefix, id);
  return out;
}

void append_id(std::string& out, std::string_view prefix, const Id& id) {
  out += prefix;
  append_hex(out, id.bytes());
}

std::optional<Id> parse_id(std::string_view prefix, std::string_view text) {
  if (text.size() != prefix.size() + 32 || !text.starts_with(prefix)) return std::nullopt;
  const std::string_view hex = text.substr(prefix.size());
  // One spelling only: clients, caches and logs compare ids as text.
  if (std::any_of(hex.begin(), hex.end(), is_upper)) return std::nullopt;
  return Id::from_hex(hex);
}

bool looks_like_id(std::string_view text) {
  constexpr std::size_t kPrefix = 2;
  return text.size() > kPrefix && is_upper(text[0]) && is_upper(text[1]) &&
         parse_id(text.substr(0, kPrefix), text).has_value();
}

}  // namespace countersign
