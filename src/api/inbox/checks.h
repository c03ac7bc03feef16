#pragma once

#include <string>
#include <vector>

#include "usecase/inbox.h"

namespace countersign::api {

/// One thing that is worth knowing about a message before a real network carries it.
struct MessageCheck {
  std::string label;
  std::string finding;
  bool good = true;
};

/// For text messages: alphabet, length, segments, the origin-bound line; for every message: links, and its code.
[[nodiscard]] std::vector<MessageCheck> check_message(const usecase::InboxMessage& message);

}  // namespace countersign::api
