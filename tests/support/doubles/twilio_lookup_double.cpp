#include "support/doubles/twilio_lookup_double.h"

#include <array>
#include <regex>

#include "base/encoding.h"

namespace countersign::testing {

namespace {

constexpr std::array<const char*, 10> kPackages = {
    "caller_name",    "sim_swap",          "call_forwarding",  "line_type_intelligence",     "line_status",
    "identity_match", "reassigned_number", "sms_pumping_risk", "phone_number_quality_score", "pre_fill"};

}  // namespace

TwilioLookupDouble::TwilioLookupDouble() : server_([this](const ServerRequest& request) { return handle(request); }) {}

void TwilioLookupDouble::set_line(const std::string& phone, json::object packages) {
  const std::lock_guard lock(mutex_);
  lines_[phone] = std::move(packages);
}

void TwilioLookupDouble::answer_next(ServerReply reply) {
  const std::lock_guard lock(mutex_);
  next_.push_back(std::move(reply));
}

std::vector<std::string> TwilioLookupDouble::violations() const {
  const std::lock_guard lock(mutex_);
  return violations_;
}

json::object TwilioLookupDouble::sim_swap(std::string_view date, std::string_view period, bool in_period) {
  json::object last = {{"last_sim_swap_date", date}, {"swapped_period", period}, {"swapped_in_period", in_period}};
  if (date.empty()) last["last_sim_swap_date"] = nullptr;
  return {{"last_sim_swap", last},
          {"carrier_name", "Vodafone UK"},
          {"mobile_country_code", "276"},
          {"mobile_network_code", "02"},
          {"error_code", nullptr}};
}

json::object TwilioLookupDouble::line_type(std::string_view type) {
  return {{"error_code", nullptr},
          {"mobile_country_code", "240"},
          {"mobile_network_code", "38"},
          {"carrier_name", "Twilio - SMS/MMS-SVR"},
          {"type", type}};
}

ServerReply TwilioLookupDouble::handle(const ServerRequest& request) {
  const std::lock_guard lock(mutex_);
  static const std::regex kPath(R"(/v2/PhoneNumbers/([^/?]+)\?Fields=([a-z_,]+))");
  std::smatch parts;
  if (request.method != "GET" || !std::regex_match(request.path, parts, kPath)) {
    violations_.push_back(request.method + " " + request.path);
    return twilio_error(404, 20404, "The requested resource " + request.path + " was not found");
  }
  if (request.header("authorization") != "Basic " + to_base64(credentials_.user + ':' + credentials_.password))
    return twilio_error(401, 20003, "Authenticate");
  if (!next_.empty()) {
    auto reply = std::move(next_.front());
    next_.pop_front();
    return reply;
  }
  const std::string phone = percent_decode(parts[1].str(), Plus::kIsPlus).value_or("");
  const std::string fields = ',' + parts[2].str() + ',';
  json::object body = {{"calling_country_code", "44"},
                       {"country_code", "GB"},
                       {"phone_number", phone},
                       {"national_format", "07772 000001"},
                       {"valid", true},
                       {"validation_errors", nullptr},
                       {"url", "https://lookups.twilio.com/v2/PhoneNumbers/" + phone}};
  const auto line = lines_.find(phone);
  for (const char* name : kPackages) {
    const bool asked = fields.contains(',' + std::string(name) + ',');
    const json::value* package = line == lines_.end() || !asked ? nullptr : line->second.if_contains(name);
    body[name] = package == nullptr ? json::value(nullptr) : *package;
  }
  return json_reply(200, body);
}

}  // namespace countersign::testing
