#pragma once

#include <cstdint>
#include <string_view>

namespace countersign::api {

enum class ContentCoding : std::uint8_t { kIdentity, kGzip, kBrotli };

/// The coding that a client asks for with this Accept-Encoding (RFC 9110 section 12.5.3; several fields are joined by
/// commas). The highest quality wins, and of equal ones the smallest result: br, gzip, identity. A client that excludes
/// everything, and one whose header cannot be read, gets identity.
[[nodiscard]] ContentCoding choose_coding(std::string_view accept_encoding);

/// Whether an If-None-Match holds this entity tag (with its quotes), or is `*`. Compared weakly, as RFC 9110 section
/// 13.1.2 says.
[[nodiscard]] bool matches_etag(std::string_view if_none_match, std::string_view etag);

}  // namespace countersign::api
