#pragma once

#include <boost/json/value.hpp>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace countersign {

namespace json = boost::json;

struct JsonLimits {
  std::size_t depth = 32;  ///< Nested arrays and objects. Deeper input is rejected, so no reader can run out of stack.
};

/// Why a text is not acceptable JSON. `code` is stable and public; `offset` counts bytes from 0.
struct JsonError {
  enum class Code { kSyntax, kDuplicateName, kNumberOutOfRange, kTooDeep } code;
  std::size_t offset;
};

/// Reads one JSON text (RFC 8259) within I-JSON (RFC 7493): UTF-8, no duplicate names, integers within ±(2^53 - 1),
/// other numbers as the nearest finite double. Rejects what has no unique hash (RFC 8785) or what receivers would read
/// differently.
[[nodiscard]] Result<json::value, JsonError> parse_json(std::string_view text, const JsonLimits& limits = {});

/// The canonical form of RFC 8785: names sorted by UTF-16 code units, shortest numbers, minimal escapes. Equal values
/// have equal bytes; these are hashed, signed and sealed.
[[nodiscard]] std::string canonical_json(const json::value& value);

/// Appends `text` as a quoted JSON string. For responses built by hand on hot paths.
void append_json_string(std::string& out, std::string_view text);

/// The member `name` of `object`; nullopt unless it exists and has that type.
[[nodiscard]] std::optional<std::string_view> json_text(const json::object& object, std::string_view name);
[[nodiscard]] std::string json_text_or_empty(const json::object& object, std::string_view name);
[[nodiscard]] std::optional<std::int64_t> json_integer(const json::object& object, std::string_view name);

}  // namespace countersign
