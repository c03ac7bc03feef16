#pragma once

#include <string>
#include <string_view>

namespace countersign::assets {

/// One style sheet or script of web/dist, as it goes over the wire. All views live as long as the program.
struct Asset {
  std::string_view content_type;
  std::string_view digest;  ///< Of the plain bytes, from the file's own name: another content has another one.
  std::string_view plain;
  std::string_view gzip;
  std::string_view brotli;
};

/// Where a page links to what web/ calls `verify.css`: `/assets/verify-0f1e2d3c4b5a.css`. A name that was not built is
/// a bug and ends the process.
[[nodiscard]] const std::string& url(std::string_view name);

/// By the last part of that path; null for anything else.
[[nodiscard]] const Asset* find(std::string_view hashed_name);

/// A whole page that web/ made, such as `guide.html`. One that was not built is a bug and ends the process.
[[nodiscard]] std::string_view page(std::string_view name);

}  // namespace countersign::assets
