#include "support/doubles/twilio_verify_double.h"

#include <algorithm>
#include <array>

#include "base/encoding.h"
#include "support/doubles/twilio_wire.h"

namespace countersign::testing {
namespace {

const std::vector<std::string_view> kCreateFields = {
    "To",    "Channel", "CustomFriendlyName", "SendDigits", "Locale", "CustomCode", "Amount",
    "Payee", "AppHash", "TemplateSid",        "RiskCheck",  "Tags"};
const std::vector<std::string_view> kCheckFields = {"Code", "To", "VerificationSid", "Amount", "Payee"};
const std::vector<std::string_view> kUpdateFields = {"Status"};

/// `YYYY-MM-DDTHH:MM:SSZ`, Verify's only format.
std::string date(WallTime time) { return to_rfc3339(time).substr(0, 19) + "Z"; }

bool is_e164(std::string_view text) {
  return text.size() >= 8 && text.size() <= 16 && text[0] == '+' && text[1] != '0' &&
         text.find_first_not_of("0123456789", 1) == std::string_view::npos;
}

ServerReply not_found(std::string_view path) {
  return twilio_error(404, 20404, "The requested resource " + std::string(path) + " was not found");
}

ServerReply invalid(std::string_view name) {
  return twilio_error(400, 60200, "Invalid parameter: " + std::string(name));
}

}  // namespace

TwilioVerifyDouble::TwilioVerifyDouble(Settings settings)
    : settings_(settings), server_([this](const ServerRequest& request) { return handle(request); }) {}

void TwilioVerifyDouble::answer_next(ServerReply reply) {
  const std::lock_guard lock(mutex_);
  script_.next.push_back(std::move(reply));
}

std::string TwilioVerifyDouble::code_of(const std::string& sid) const {
  const std::lock_guard lock(mutex_);
  const auto found = verifications_.find(sid);
  return found == verifications_.end() ? "" : found->second.code;
}

std::string TwilioVerifyDouble::last_code_to(const std::string& to) const {
  const std::lock_guard lock(mutex_);
  const auto found = last_codes_.find(to);
  return found == last_codes_.end() ? "" : found->second;
}

std::string TwilioVerifyDouble::status_of(const std::string& sid) const {
  const std::lock_guard lock(mutex_);
  const auto found = verifications_.find(sid);
  return found == verifications_.end() ? "" : found->second.status;
}

unsigned TwilioVerifyDouble::sends_of(const std::string& sid) const {
  const std::lock_guard lock(mutex_);
  const auto found = verifications_.find(sid);
  return found == verifications_.end() ? 0 : static_cast<unsigned>(found->second.sends.size());
}

void TwilioVerifyDouble::advance(Duration by) {
  const std::lock_guard lock(mutex_);
  now_ += by;
}

std::vector<std::string> TwilioVerifyDouble::violations() const {
  const std::lock_guard lock(mutex_);
  return script_.violations;
}

void TwilioVerifyDouble::forget_violations() {
  const std::lock_guard lock(mutex_);
  script_.violations.clear();
}

ServerReply TwilioVerifyDouble::handle(const ServerRequest& request) {
  const std::lock_guard lock(mutex_);
  const std::string base = "/v2/Services/" + service_sid_;
  const std::string update_base = base + "/Verifications/";
  const bool is_create = request.path == base + "/Verifications";
  const bool is_check = request.path == base + "/VerificationCheck";
  const bool is_update = request.path.starts_with(update_base);
  if (!is_create && !is_check && !is_update) {
    script_.violations.push_back("path " + request.path);
    return not_found(request.path);
  }
  const auto& fields = is_create ? kCreateFields : is_check ? kCheckFields : kUpdateFields;
  if (auto reply = script_.answer(request, credentials_, fields)) return *std::move(reply);
  const Form form = *parse_form(request.body);
  if (is_create) return create(form);
  return is_check ? check(form) : update(request.path.substr(update_base.size()), form);
}

ServerReply TwilioVerifyDouble::create(const Form& form) {
  constexpr std::array<std::string_view, 4> kChannels = {"sms", "call", "email", "whatsapp"};
  const auto to = form_value(form, "To");
  const auto channel = form_value(form, "Channel");
  if (!channel || std::ranges::find(kChannels, *channel) == kChannels.end()) return invalid("Channel");
  if (!to || (*channel == "email" ? to->find('@') == std::string::npos : !is_e164(*to))) return invalid("To");
  if (form_value(form, "CustomFriendlyName") && !settings_.friendly_name_allowed) {
    return twilio_error(403, 60204, "Service does not support this feature");
  }
  const auto amount = form_value(form, "Amount");
  const auto payee = form_value(form, "Payee");
  if (settings_.psd2 && (!amount || !payee)) return twilio_error(400, 60206, "'Amount' & 'Payee' params are required");
  if (settings_.psd2 && *channel == "call") {
    return twilio_error(400, 60214, "Call channel is not supported when using PSD2");
  }

  // A pending one is sent again, with the same code.
  Verification* verification = pending_for(*to, amount, payee);
  if (verification != nullptr && verification->sends.size() >= settings_.sends_max) {
    return twilio_error(429, 60203, "Max send attempts reached");
  }
  if (verification == nullptr) {
    const std::string sid = make_sid("VE", ++number_);
    verification = &verifications_[sid];
    verification->sid = sid;
    verification->to = *to;
    verification->code = std::to_string(100'000 + 7'919 * number_);
    verification->created = now_;
    if (settings_.psd2) {
      verification->amount = amount;
      verification->payee = payee;
    }
  }
  verification->channel = *channel;
  last_codes_[*to] = verification->code;
  verification->sends.emplace_back(*channel, make_sid("VL", ++number_));
  return json_reply(201, resource(*verification));
}

ServerReply TwilioVerifyDouble::check(const Form& form) {
  const auto sid = form_value(form, "VerificationSid");
  const auto to = form_value(form, "To");
  const auto code = form_value(form, "Code");
  if (!sid && !to) return twilio_error(400, 60221, "No target verification specified");
  if (!code || code->size() < 4 || code->size() > 10) return invalid("Code");
  const auto amount = form_value(form, "Amount");
  const auto payee = form_value(form, "Payee");
  Verification* verification = sid ? live(*sid) : pending_for(*to, amount, payee);
  if (verification == nullptr) return not_found("/Services/" + service_sid_ + "/VerificationCheck");
  if (settings_.psd2 && (!amount || !payee)) return twilio_error(400, 60206, "'Amount' & 'Payee' params are required");
  if (verification->checks >= settings_.checks_max) return twilio_error(429, 60202, "Max check attempts reached");
  ++verification->checks;
  const bool same_transaction = !settings_.psd2 || (amount == verification->amount && payee == verification->payee);
  if (*code == verification->code && same_transaction) verification->status = "approved";
  return json_reply(201, check_resource(*verification));
}

ServerReply TwilioVerifyDouble::update(const std::string& which, const Form& form) {
  const auto status = form_value(form, "Status");
  if (status != "canceled" && status != "approved") return invalid("Status");
  const auto to = percent_decode(which, Plus::kIsPlus).value_or("");
  Verification* verification = which.starts_with("VE") ? live(which) : last_pending_for(to);
  if (verification == nullptr) return not_found("/Services/" + service_sid_ + "/Verifications/" + which);
  verification->status = *status;
  return json_reply(200, resource(*verification));
}

TwilioVerifyDouble::Verification* TwilioVerifyDouble::live(const std::string& sid) {
  const auto found = verifications_.find(sid);
  if (found == verifications_.end()) return nullptr;
  auto& verification = found->second;
  if (verification.status == "pending" && now_ >= verification.created + settings_.life)
    verification.status = "expired";
  return verification.status == "pending" ? &verification : nullptr;
}

TwilioVerifyDouble::Verification* TwilioVerifyDouble::pending_for(const std::string& to,
                                                                  const std::optional<std::string>& amount,
                                                                  const std::optional<std::string>& payee) {
  for (auto& [sid, verification] : verifications_) {
    const bool same_payment = !settings_.psd2 || (verification.amount == amount && verification.payee == payee);
    if (verification.to == to && same_payment && live(sid) != nullptr) return &verification;
  }
  return nullptr;
}

TwilioVerifyDouble::Verification* TwilioVerifyDouble::last_pending_for(const std::string& to) {
  Verification* last = nullptr;
  for (auto& [sid, verification] : verifications_) {
    const bool later = last == nullptr || verification.created >= last->created;
    if (verification.to == to && later && live(sid) != nullptr) last = &verification;
  }
  return last;
}

json::object TwilioVerifyDouble::common(const Verification& verification) const {
  return {{"sid", verification.sid},
          {"service_sid", service_sid_},
          {"account_sid", credentials_.account_sid},
          {"to", verification.to},
          {"channel", verification.channel},
          {"status", verification.status},
          {"valid", verification.status == "approved"},
          {"amount", text_or_null(verification.amount)},
          {"payee", text_or_null(verification.payee)},
          {"date_created", date(verification.created)},
          {"date_updated", date(now_)}};
}

json::value TwilioVerifyDouble::resource(const Verification& verification) const {
  json::object body = common(verification);
  json::array sends;
  for (const auto& [channel, sid] : verification.sends) {
    sends.push_back({{"time", date(now_)}, {"channel", channel == "sms" ? "SMS" : channel}, {"attempt_sid", sid}});
  }
  body["lookup"] = json::object();
  body["send_code_attempts"] = std::move(sends);
  body["sna"] = nullptr;
  body["url"] = "https://verify.twilio.com/v2/Services/" + service_sid_ + "/Verifications/" + verification.sid;
  return body;
}

json::value TwilioVerifyDouble::check_resource(const Verification& verification) const {
  json::object body = common(verification);
  body["sna_attempts_error_codes"] = json::array();
  return body;
}

}  // namespace countersign::testing
