#pragma once

#include <string>
#include <string_view>

#include "http/request.h"
#include "http/response.h"

namespace countersign::api {

/// For every page: content only from this server, no inline or generated scripts, no framing.
inline constexpr std::string_view kContentSecurityPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

/// The same for pages with the script of devices (push.js): one named policy makes the address of the worker, and of
/// nothing else; and they have a manifest.
inline constexpr std::string_view kContentSecurityPolicyWithWorker =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
    "worker-src 'self'; manifest-src 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types countersign-worker";

/// A page only for developers.
[[nodiscard]] http::Response developer_page(std::string html);

/// Whether the browser says that a page of another site made this request (Fetch metadata). Old browsers and other
/// clients do not send it.
[[nodiscard]] bool says_another_site(const http::Request& request);

/// The same; without Fetch metadata it compares Origin with Host. For pages that are not behind a proxy.
[[nodiscard]] bool is_from_another_site(const http::Request& request);

}  // namespace countersign::api
