#pragma once

#include <cstdint>
#include <string_view>

namespace countersign::api {

enum class ContentCoding : std::uint8_t { kIdentity, kGzip, kBrotli };

/// The content coding for an Accept-Encoding header (RFC 9110 section 12.5.3; several fields are joined by commas). The
/// highest quality wins; among equals the smallest result: br, gzip, identity. Identity if the client excludes
/// everything or the header is malformed.
[[nodiscard]] ContentCoding choose_coding(std::string_view accept_encoding);

/// Whether an If-None-Match contains this entity tag (with its quotes), or is `*`. Uses weak comparison (RFC 9110
/// section 13.1.2).
[[nodiscard]] bool matches_etag(std::string_view if_none_match, std::string_view etag);

}  // namespace countersign::api
