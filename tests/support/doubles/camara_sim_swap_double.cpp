#include "support/doubles/camara_sim_swap_double.h"

#include <regex>

#include "base/encoding.h"
#include "support/doubles/twilio_wire.h"

namespace countersign::testing {

namespace {

std::string bearer(int number) { return "eyJ.token_" + std::to_string(number) + "-of~the+carrier/="; }

std::string basic_of(std::string_view user, std::string_view password) {
  return "Basic " + to_base64(percent_encode(user) + ':' + percent_encode(password));
}

}  // namespace

CamaraSimSwapDouble::CamaraSimSwapDouble()
    : server_([this](const ServerRequest& request) { return handle(request); }) {}

void CamaraSimSwapDouble::set_change(const std::string& phone, std::optional<std::string> rfc3339) {
  const std::lock_guard lock(mutex_);
  changes_[phone] = std::move(rfc3339);
}

void CamaraSimSwapDouble::set_swapped(const std::string& phone, bool swapped) {
  const std::lock_guard lock(mutex_);
  swapped_[phone] = swapped;
}

void CamaraSimSwapDouble::keep_hours(int hours) {
  const std::lock_guard lock(mutex_);
  hours_ = hours;
}

void CamaraSimSwapDouble::revoke_tokens() {
  const std::lock_guard lock(mutex_);
  valid_from_ = granted_ + 1;
}

void CamaraSimSwapDouble::answer_next(ServerReply reply) {
  const std::lock_guard lock(mutex_);
  next_.push_back(std::move(reply));
}

void CamaraSimSwapDouble::grant_next(ServerReply reply) {
  const std::lock_guard lock(mutex_);
  next_grants_.push_back(std::move(reply));
}

int CamaraSimSwapDouble::tokens_granted() const {
  const std::lock_guard lock(mutex_);
  return granted_;
}

std::vector<std::string> CamaraSimSwapDouble::violations() const {
  const std::lock_guard lock(mutex_);
  return violations_;
}

ServerReply CamaraSimSwapDouble::error(int status, std::string_view code) {
  return json_reply(status, {{"status", status}, {"code", code}, {"message", "as the description says"}});
}

ServerReply CamaraSimSwapDouble::handle(const ServerRequest& request) {
  const std::lock_guard lock(mutex_);
  if (request.path == "/oauth2/token") return grant(request);
  return answer(request);
}

ServerReply CamaraSimSwapDouble::grant(const ServerRequest& request) {
  if (!next_grants_.empty()) {
    auto reply = std::move(next_grants_.front());
    next_grants_.pop_front();
    return reply;
  }
  const auto form = parse_form(request.body);
  if (request.method != "POST" || request.header("content-type") != "application/x-www-form-urlencoded" || !form ||
      form->size() != 2)
    violations_.push_back("token request " + request.body);
  if (request.header("authorization") != basic_of(kClient, kSecret))
    return json_reply(401, {{"error", "invalid_client"}});
  if (!form || form_value(*form, "grant_type") != "client_credentials")
    return json_reply(400, {{"error", "unsupported_grant_type"}});
  if (form_value(*form, "scope") != std::string(kScope)) return json_reply(400, {{"error", "invalid_scope"}});
  return json_reply(
      200, {{"access_token", bearer(++granted_)}, {"token_type", "Bearer"}, {"expires_in", 3600}, {"scope", kScope}});
}

ServerReply CamaraSimSwapDouble::answer(const ServerRequest& request) {
  static const std::regex kNumber(R"(\+[1-9][0-9]{4,14})");
  static const std::regex kCorrelator(R"([a-zA-Z0-9\-_:;.\/<>{}]{0,256})");
  const bool check = request.path == "/sim-swap/v2/check";
  if (!check && request.path != "/sim-swap/v2/retrieve-date") return error(404, "NOT_FOUND");
  bool known = false;
  for (int token = valid_from_; token <= granted_; ++token)
    known = known || request.header("authorization") == "Bearer " + bearer(token);
  if (!known) return error(401, "UNAUTHENTICATED");
  if (!next_.empty()) {
    auto reply = std::move(next_.front());
    next_.pop_front();
    return reply;
  }
  const std::string correlator(request.header("x-correlator"));
  if (request.method != "POST" || request.header("content-type") != "application/json" ||
      !std::regex_match(correlator, kCorrelator))
    violations_.push_back(request.method + " " + request.path + " " + correlator);
  const auto parsed = parse_json(request.body);
  if (!parsed || !parsed->is_object()) return error(400, "INVALID_ARGUMENT");
  const auto& body = parsed->get_object();
  for (const auto& member : body) {
    if (member.key() != "phoneNumber" && !(check && member.key() == "maxAge"))
      violations_.push_back("member " + std::string(member.key()));
  }
  const auto phone = json_text(body, "phoneNumber");
  if (!phone) return error(422, "MISSING_IDENTIFIER");
  if (!std::regex_match(std::string(*phone), kNumber)) return error(400, "INVALID_ARGUMENT");
  if (check) {
    const auto age = body.contains("maxAge") ? json_integer(body, "maxAge") : 240;
    if (!age || *age < 1 || *age > 2400) return error(400, "INVALID_ARGUMENT");
    if (*age > hours_) return error(400, "OUT_OF_RANGE");
    const auto found = swapped_.find(std::string(*phone));
    if (found == swapped_.end()) return error(404, "IDENTIFIER_NOT_FOUND");
    return json_reply(200, {{"swapped", found->second}});
  }
  const auto found = changes_.find(std::string(*phone));
  if (found == changes_.end()) return error(404, "IDENTIFIER_NOT_FOUND");
  if (!found->second) return json_reply(200, {{"latestSimChange", nullptr}, {"monitoredPeriod", 120}});
  return json_reply(200, {{"latestSimChange", *found->second}});
}

}  // namespace countersign::testing
