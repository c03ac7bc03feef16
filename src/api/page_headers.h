#pragma once

#include <string>

#include "http/request.h"
#include "http/response.h"

namespace countersign::api {

/// A page of ours that only developers see: everything from this server, no scripts made from text, in nobody's frame.
[[nodiscard]] http::Response developer_page(std::string html);

/// Whether a browser says that a page of another site made this request. Callers other than browsers do not say.
[[nodiscard]] bool is_from_another_site(const http::Request& request);

}  // namespace countersign::api
