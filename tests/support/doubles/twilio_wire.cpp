#include "support/doubles/twilio_wire.h"

#include <algorithm>
#include <set>

#include "base/encoding.h"
#include "base/text.h"

namespace countersign::testing {

std::optional<Form> parse_form(std::string_view body) {
  Form form;
  while (!body.empty()) {
    const auto end = std::min(body.find('&'), body.size());
    const auto pair = body.substr(0, end);
    body.remove_prefix(std::min(end + 1, body.size()));
    const auto equals = pair.find('=');
    if (equals == std::string_view::npos) return std::nullopt;
    auto name = percent_decode(pair.substr(0, equals), Plus::kIsSpace);
    auto value = percent_decode(pair.substr(equals + 1), Plus::kIsSpace);
    if (!name || !value || !is_utf8(*value)) return std::nullopt;
    form.emplace_back(std::move(*name), std::move(*value));
  }
  return form;
}

std::optional<std::string> form_value(const Form& form, std::string_view name) {
  const auto found = std::ranges::find(form, name, &Form::value_type::first);
  return found == form.end() ? std::nullopt : std::optional(found->second);
}

ServerReply json_reply(int status, const json::value& body) {
  return {status, {{"Content-Type", "application/json"}}, canonical_json(body)};
}

ServerReply twilio_error(int status, int code, std::string_view message, Headers headers) {
  ServerReply reply = json_reply(status, {{"code", code},
                                          {"message", message},
                                          {"more_info", "https://www.twilio.com/docs/errors/" + std::to_string(code)},
                                          {"status", status}});
  reply.headers.insert(reply.headers.end(), headers.begin(), headers.end());
  return reply;
}

std::optional<WireRefusal> check_wire(const ServerRequest& request, const TwilioCredentialsOnWire& credentials,
                                      const std::vector<std::string_view>& known_fields) {
  const auto expected = "Basic " + to_base64(credentials.user + ':' + credentials.password);
  if (request.header("authorization") != expected) {
    return WireRefusal{"credentials",
                       twilio_error(401, 20003, "Authenticate", {{"WWW-Authenticate", "Basic realm=\"Twilio API\""}})};
  }
  if (request.method != "POST") return WireRefusal{"method", twilio_error(405, 20004, "Method not allowed")};
  if (request.header("content-type") != "application/x-www-form-urlencoded") {
    return WireRefusal{"content type", twilio_error(400, 20001, "Unknown parameter")};
  }
  const auto form = parse_form(request.body);
  if (!form) return WireRefusal{"form encoding", twilio_error(400, 20422, "Invalid parameter")};
  std::set<std::string> seen;
  for (const auto& [name, value] : *form) {
    const bool known = std::ranges::find(known_fields, name) != known_fields.end();
    if (!known || !seen.insert(name).second) {
      return WireRefusal{"field " + name, twilio_error(400, 20001, "Unknown parameter")};
    }
  }
  return std::nullopt;
}

std::optional<ServerReply> TwilioScript::answer(const ServerRequest& request,
                                                const TwilioCredentialsOnWire& credentials,
                                                const std::vector<std::string_view>& known_fields) {
  if (auto refusal = check_wire(request, credentials, known_fields)) {
    violations.push_back(refusal->violation);
    return std::move(refusal->reply);
  }
  if (next.empty()) return std::nullopt;
  ServerReply reply = std::move(next.front());
  next.pop_front();
  return reply;
}

std::string make_sid(std::string_view prefix, unsigned number) {
  std::string digits = std::to_string(number);
  return std::string(prefix) + std::string(32 - digits.size(), 'a') + digits;
}

json::value text_or_null(const std::optional<std::string>& text) {
  return text ? json::value(*text) : json::value(nullptr);
}

}  // namespace countersign::testing
