#include "store/error.h"

namespace countersign::store {

std::string_view name_of(StoreError::Code code) {
  using enum StoreError::Code;
  switch (code) {
    case kUnavailable:
      return "unavailable";
    case kInUse:
      return "in_use";
    case kFull:
      return "full";
    case kConflict:
      return "conflict";
    case kDenied:
      return "denied";
    case kDamaged:
      return "damaged";
    case kCorrupt:
      return "corrupt";
    case kSchema:
      return "schema";
    case kFailed:
      return "failed";
    case kShutDown:
      return "shut_down";
    case kOverloaded:
      return "overloaded";
    case kUnreadable:
      return "unreadable";
    case kUnknown:
      break;
  }
  return "unknown";
}

}  // namespace countersign::store
