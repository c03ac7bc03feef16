#pragma once

#include <string>
#include <string_view>

#include "http/request.h"
#include "http/response.h"

namespace countersign::api {

/// Of every page: all from this server, no scripts made from text, in nobody's frame.
inline constexpr std::string_view kContentSecurityPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

/// A page of ours that only developers see.
[[nodiscard]] http::Response developer_page(std::string html);

/// Whether the browser itself says that a page of another site made this request (Fetch metadata). Old browsers, and
/// callers that are none, do not say.
[[nodiscard]] bool says_another_site(const http::Request& request);

/// The same, and where there is no such word, by the Origin beside the Host. For pages that no proxy stands before.
[[nodiscard]] bool is_from_another_site(const http::Request& request);

}  // namespace countersign::api
