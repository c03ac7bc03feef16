#pragma once

#include <string>
#include <string_view>

namespace countersign::assets {

/// One style sheet or script of web/dist, in the form that is sent. All views live as long as the program.
struct Asset {
  std::string_view content_type;
  std::string_view
      digest;  ///< Digest of the uncompressed bytes, from the file's own name: it changes with the content.
  std::string_view plain;
  std::string_view gzip;
  std::string_view brotli;
};

/// The URL of what web/ calls `verify.css`: `/assets/verify-0f1e2d3c4b5a.css`. A name that was not built is a bug and
/// aborts.
[[nodiscard]] const std::string& url(std::string_view name);

/// Looks up the last part of that path; null for anything else.
[[nodiscard]] const Asset* find(std::string_view hashed_name);

/// A complete page built by web/, such as `guide.html`. A name that was not built is a bug and aborts.
[[nodiscard]] std::string_view page(std::string_view name);

}  // namespace countersign::assets
