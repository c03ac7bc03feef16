#include "api/twilio/render.h"

namespace countersign::api::twilio {

std::string date_text(WallTime time) {
  std::string text = to_rfc3339(time);
  text.resize(text.size() - std::string_view(".000Z").size());
  return text + 'Z';
}

}  // namespace countersign::api::twilio
