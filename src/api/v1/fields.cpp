#include "api/v1/fields.h"

#include <algorithm>

#include "base/typed.h"

namespace countersign::api::v1 {

std::string_view repeatable_name(std::string_view name) {
  const bool plain = !name.empty() && name.size() <= 64 &&
                     std::all_of(name.begin(), name.end(), [](char c) { return c > 0x20 && c < 0x7F; });
  return plain ? name : "(unprintable)";
}

Fields::Fields(const json::object& object, std::string path, std::initializer_list<std::string_view> known)
    : object_(object), path_(std::move(path)) {
  for (const auto& member : object) {
    const std::string_view name(member.key());
    if (std::find(known.begin(), known.end(), name) == known.end())
      refuse(repeatable_name(name), "is not a field of this request");
  }
}

void Fields::refuse(std::string_view name, std::string_view detail) {
  if (!problem_) problem_ = usecase::Problem{usecase::Code::kInvalidField, std::string(detail), path_of(name)};
}

void Fields::absorb(const Fields& inner) {
  if (!problem_) problem_ = inner.problem_;
}

const json::value* Fields::any(std::string_view name) { return object_.if_contains({name.data(), name.size()}); }

std::string Fields::text(std::string_view name) {
  auto text = optional_text(name);
  if (!text) {
    refuse(name, "is required and must be a string");
    return "";
  }
  return *std::move(text);
}

SecretString Fields::code(std::string_view name) { return SecretString(plain_typed(text(name))); }

std::optional<std::string> Fields::optional_text(std::string_view name) {
  const auto* value = any(name);
  if (value == nullptr || value->is_null()) return std::nullopt;
  if (!value->is_string()) {
    refuse(name, "must be a string");
    return std::nullopt;
  }
  return std::string(value->get_string());
}

std::optional<std::int64_t> Fields::optional_integer(std::string_view name) {
  const auto* value = any(name);
  if (value == nullptr || value->is_null()) return std::nullopt;
  if (!value->is_int64()) {
    refuse(name, "must be a whole number");
    return std::nullopt;
  }
  return value->get_int64();
}

std::optional<WallTime> Fields::optional_time(std::string_view name) {
  const auto text = optional_text(name);
  const auto time = text ? from_rfc3339(*text) : std::nullopt;
  if (text && !time) refuse(name, kMustBeATime);
  return time;
}

bool Fields::boolean(std::string_view name, bool otherwise) {
  const auto* value = any(name);
  if (value == nullptr || value->is_null()) return otherwise;
  if (!value->is_bool()) {
    refuse(name, "must be true or false");
    return otherwise;
  }
  return value->get_bool();
}

const json::object* Fields::optional_object(std::string_view name) {
  const auto* value = any(name);
  if (value == nullptr || value->is_null()) return nullptr;
  if (!value->is_object()) {
    refuse(name, "must be an object");
    return nullptr;
  }
  return &value->get_object();
}

const json::object* Fields::object(std::string_view name) {
  const auto* object = optional_object(name);
  if (object == nullptr) refuse(name, "is required and must be an object");
  return object;
}

const json::array* Fields::optional_array(std::string_view name) {
  const auto* value = any(name);
  if (value == nullptr || value->is_null()) return nullptr;
  if (!value->is_array()) {
    refuse(name, "must be an array");
    return nullptr;
  }
  return &value->get_array();
}

}  // namespace countersign::api::v1
