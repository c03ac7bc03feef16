#include "html/value.h"

namespace countersign::html {

bool Value::truthy() const {
  if (const auto* flag = as<bool>()) return *flag;
  if (const auto* text = as<std::string>()) return !text->empty();
  if (const auto* list = as<List>()) return !list->empty();
  if (const auto* markup = as<Html>()) return !markup->markup().empty();
  return true;  // A number, even zero, and an object count as "yes".
}

std::string Value::text() const {
  if (const auto* text = as<std::string>()) return *text;
  if (const auto* number = as<std::int64_t>()) return std::to_string(*number);
  return {};
}

}  // namespace countersign::html
