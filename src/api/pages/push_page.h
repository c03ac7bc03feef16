#pragma once

#include <string_view>

#include "api/pages/page.h"

// Devices on the pages: the page that asks them, the one that makes a browser a device, and the one that a notification
// opens. [PUSH-7, PUSH-8]
namespace countersign::api::pages {

/// Asks the devices, or shows the number to type on one. The number is shown only to the browser that asked.
[[nodiscard]] http::Response show_push(Page& page, const usecase::Way& way);

/// The page before an operation that adds this browser as a device.
[[nodiscard]] http::Response show_device_begin(Page& page);
/// The page of such an operation, once it was approved: the browser subscribes and signs.
[[nodiscard]] http::Response show_device_enrolment(Page& page);

/// What is approved, with a field for the number; or how the prompt ended.
[[nodiscard]] http::Response show_approval(Page& page);

/// Whether this browser has a prompt that waits for an answer.
[[nodiscard]] bool waits_for_device(const Page& page);

/// For the script: another state or revision is another page.
[[nodiscard]] std::string approval_state(const Seen& seen);
[[nodiscard]] std::string approval_revision(const Seen& seen);

}  // namespace countersign::api::pages
