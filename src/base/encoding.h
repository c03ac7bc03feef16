#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace countersign {

// Text forms of bytes. Decoders are strict: one spelling per value (no white space, no stray bits in the last
// character), and nothing for anything else. Byte strings are std::string in all modules.

[[nodiscard]] std::string to_hex(std::string_view bytes);  ///< lower case
void append_hex(std::string& out, std::string_view bytes);
[[nodiscard]] std::optional<std::string> from_hex(std::string_view text);  ///< either case
/// Decodes into the caller's buffer. False, with the buffer unspecified, unless `text` is hex of exactly its size.
[[nodiscard]] bool from_hex_into(std::string_view text, std::span<std::uint8_t> bytes);

[[nodiscard]] std::string to_base64(std::string_view bytes);  ///< RFC 4648 section 4, padded
[[nodiscard]] std::optional<std::string> from_base64(std::string_view text);

[[nodiscard]] std::string to_base64url(std::string_view bytes);  ///< section 5, no padding
[[nodiscard]] std::optional<std::string> from_base64url(std::string_view text);

[[nodiscard]] std::string to_base32(std::string_view bytes);  ///< section 6, no padding, upper case
/// Accepts either case and optional padding, as people type authenticator keys. The caller removes spaces and hyphens.
[[nodiscard]] std::optional<std::string> from_base32(std::string_view text);

/// RFC 3986: encodes everything but unreserved characters as %XX, space as %20.
[[nodiscard]] std::string percent_encode(std::string_view text);
/// Decodes; nullopt for a broken escape. `kIsSpace` is for query strings and form bodies, never for paths.
enum class Plus { kIsPlus, kIsSpace };
[[nodiscard]] std::optional<std::string> percent_decode(std::string_view text, Plus plus);

}  // namespace countersign
