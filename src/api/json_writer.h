#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"
#include "base/time.h"

namespace countersign::api {

/// Writes JSON from front to back into one string: what answers are made with, because building a tree first would cost
/// more than the rest of a request. Commas are its business, matching brackets the caller's.
class JsonWriter {
 public:
  JsonWriter& open_object() { return open('{'); }
  JsonWriter& close_object() { return close('}'); }
  JsonWriter& open_array() { return open('['); }
  JsonWriter& close_array() { return close(']'); }

  JsonWriter& key(std::string_view name) {
    separate();
    append_json_string(out_, name);
    out_ += ':';
    first_ = true;
    return *this;
  }

  JsonWriter& text(std::string_view value) {
    separate();
    append_json_string(out_, value);
    return *this;
  }
  JsonWriter& number(std::int64_t value) { return raw(std::to_string(value)); }
  JsonWriter& boolean(bool value) { return raw(value ? "true" : "false"); }
  JsonWriter& null() { return raw("null"); }
  JsonWriter& time(WallTime value) { return text(to_rfc3339(value)); }
  /// JSON that is written already.
  JsonWriter& raw(std::string_view json) {
    separate();
    out_ += json;
    return *this;
  }

  JsonWriter& text_or_null(const std::optional<std::string>& value) { return value ? text(*value) : null(); }
  JsonWriter& word_or_null(const std::optional<std::string_view>& word) { return word ? text(*word) : null(); }
  JsonWriter& time_or_null(const std::optional<WallTime>& value) { return value ? time(*value) : null(); }

  [[nodiscard]] std::string take() { return std::move(out_); }

 private:
  void separate() {
    if (!first_) out_ += ',';
    first_ = false;
  }
  JsonWriter& open(char bracket) {
    separate();
    out_ += bracket;
    first_ = true;
    return *this;
  }
  JsonWriter& close(char bracket) {
    out_ += bracket;
    first_ = false;
    return *this;
  }

  std::string out_;
  bool first_ = true;
};

}  // namespace countersign::api
