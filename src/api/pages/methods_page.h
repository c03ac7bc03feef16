#pragma once

#include <string_view>

#include "api/pages/page.h"
#include "usecase/subject/change_on_page.h"

namespace countersign::api::pages {

/// The page with the person's methods, or the question before a change, which the query selects: `rename-YB…`,
/// `remove-YB…`.
[[nodiscard]] http::Response show_methods(Page& page);

/// The page of an operation that adds a passkey, once it was approved: the ceremony.
[[nodiscard]] http::Response show_passkey_enrolment(Page& page);

/// The question about a change that was stopped. show_page.cpp.
[[nodiscard]] http::Response show_change(Page& page);

/// The text of an operation's last page.
[[nodiscard]] std::string_view done_key(usecase::MethodChange change);

}  // namespace countersign::api::pages
