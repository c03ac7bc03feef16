#include "delivery/providers/twilio_account.h"

#include <algorithm>
#include <charconv>

#include "delivery/provider_error.h"
#include "delivery/providers/twilio_errors.h"

namespace countersign::delivery {

HttpCall twilio_post(const TwilioAccount& account, std::string_view base_url, std::string_view path,
                     const FormPairs& form) {
  HttpCall call;
  call.method = "POST";
  call.url = account.base_url.empty() ? std::string(base_url) : account.base_url;
  call.url += path;
  call.headers = {{"Content-Type", "application/x-www-form-urlencoded"}, {"Accept", "application/json"}};
  call.body = form_encode(form);
  call.auth = BasicAuth{account.user, account.password};
  call.total_timeout = account.timeout;
  call.addresses = AddressPolicy::kAny;  // From the operator's own configuration.
  call.plain_http = account.plain_http;
  return call;
}

Result<json::object, ProviderError> twilio_object(const HttpResult& result, WallTime now) {
  if (!result) return fail(provider_error_of(result.error()));
  if (result->status < 200 || result->status > 299) return fail(twilio_error_of(*result, now));
  auto body = parse_json(result->body);
  if (!body || !body->is_object()) return fail(unreadable_answer(*result));
  return std::move(body->as_object());
}

ProviderError creation_error(ProviderError error) {
  if (error.fault != Fault::kNotFound) return error;
  error.fault = Fault::kMisconfigured;
  error.notice = PersonNotice::kTemporarilyUnavailable;
  error.detail = "The account or service of the configuration does not exist.";
  return error;
}

std::optional<std::string_view> parameter_of(const FormPairs& form, std::string_view name) {
  const auto found = std::ranges::find(form, name, &FormPairs::value_type::first);
  return found == form.end() ? std::nullopt : std::optional<std::string_view>(found->second);
}

int parameter_number(const FormPairs& form, std::string_view name) {
  int number = 0;
  if (const auto text = parameter_of(form, name)) std::from_chars(text->data(), text->data() + text->size(), number);
  return number;
}

}  // namespace countersign::delivery
