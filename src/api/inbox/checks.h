#pragma once

#include <string>
#include <vector>

#include "usecase/development/inbox.h"

namespace countersign::api {

/// A remark about a message before it is sent over a real network.
struct MessageCheck {
  std::string label;
  std::string finding;
  bool good = true;
};

/// For text messages: alphabet, length, segments, the origin-bound line; for every message: links, and its code.
[[nodiscard]] std::vector<MessageCheck> check_message(const usecase::InboxMessage& message);

}  // namespace countersign::api
