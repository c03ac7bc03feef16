#include "api/v1/filters.h"

#include <algorithm>

#include "api/v1/fields.h"
#include "base/ascii.h"

namespace countersign::api::v1 {

namespace {

constexpr std::size_t kTypeMax = 64;

bool is_letter_of_a_type(char c) { return is_letter_or_digit(c) || c == '.' || c == '-' || c == '_'; }

usecase::Answer<std::optional<WallTime>> read_time(const http::Request& request, std::string_view name) {
  auto text = request.query_value(name);
  if (!text) return std::optional<WallTime>();
  std::ranges::replace(*text, ' ', '+');  // A time offset whose plus sign was not escaped.
  const auto time = from_rfc3339(*text);
  if (!time) return usecase::refuse_field(std::string(name), std::string(kMustBeATime));
  return time;
}

}  // namespace

usecase::Answer<store::TimeRange> read_time_range(const http::Request& request) {
  const auto since = read_time(request, "since");
  if (!since) return fail(since.error());
  const auto until = read_time(request, "until");
  if (!until) return fail(until.error());
  return store::TimeRange{*since, *until};
}

usecase::Answer<std::string> read_type(const http::Request& request) {
  const auto type = request.query_value("type");
  if (!type) return std::string();
  if (type->empty() || type->size() > kTypeMax || !std::ranges::all_of(*type, is_letter_of_a_type))
    return usecase::refuse_field("type", "must be 1 to 64 letters, digits, dots, hyphens or underscores");
  return std::string(*type);
}

usecase::Answer<std::optional<bool>> read_flag(const http::Request& request, std::string_view name) {
  const auto text = request.query_value(name);
  if (!text) return std::optional<bool>();
  if (*text != "true" && *text != "false") return usecase::refuse_field(std::string(name), "must be true or false");
  return std::optional(*text == "true");
}

usecase::Answer<std::optional<TransactionId>> read_transaction_filter(const http::Request& request) {
  const auto text = request.query_value("transaction");
  if (!text) return std::optional<TransactionId>();
  const auto id = TransactionId::parse(*text);
  if (!id) return usecase::refuse_field("transaction", "must be an id, TX and 32 hex digits");
  return id;
}

}  // namespace countersign::api::v1
