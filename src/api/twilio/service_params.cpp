#include "api/twilio/service_params.h"

#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "http/characters.h"

namespace countersign::api::twilio {

namespace {

struct Name {
  std::string_view parameter;
  std::string_view member;
};

constexpr std::array kBooleans{
    Name{"LookupEnabled", "lookup_enabled"},
    Name{"SkipSmsToLandlines", "skip_sms_to_landlines"},
    Name{"DtmfInputRequired", "dtmf_input_required"},
    Name{"Psd2Enabled", "psd2_enabled"},
    Name{"DoNotShareWarningEnabled", "do_not_share_warning_enabled"},
    Name{"CustomCodeEnabled", "custom_code_enabled"},
    Name{"VerifyEventSubscriptionEnabled", "verify_event_subscription_enabled"},
};

bool is_friendly_name(std::string_view name) {
  const auto fits = [](char c) { return is_letter_or_digit(c) || c == ' ' || c == '-' || c == '_'; };
  return !name.empty() && std::ranges::all_of(name, fits) && std::ranges::count_if(name, is_digit) <= 4;
}

bool is_sid(std::string_view prefix, std::string_view text) {
  return text.empty() || parse_id(prefix, text).has_value();
}

/// Absent members stay unchanged.
void put(json::object& into, std::string_view name, const std::optional<std::int64_t>& value) {
  if (value) into[name] = *value;
}
void put(json::object& into, std::string_view name, const std::optional<std::string>& value) {
  if (value) into[name] = *value;
}

void read_totp(Params& params, json::object& out) {
  json::object totp;
  put(totp, "issuer", params.text("Totp.Issuer", 64));
  put(totp, "time_step", params.integer("Totp.TimeStep", 20, 60));
  put(totp, "code_length", params.integer("Totp.CodeLength", 3, 8));
  put(totp, "skew", params.integer("Totp.Skew", 0, 2));
  if (!totp.empty()) out["totp"] = std::move(totp);
}

void read_push(Params& params, json::object& out) {
  json::object push;
  if (const auto date = params.boolean("Push.IncludeDate")) push["include_date"] = *date;
  for (const auto& [parameter, member] :
       {Name{"Push.ApnCredentialSid", "apn_credential_sid"}, Name{"Push.FcmCredentialSid", "fcm_credential_sid"}}) {
    const auto sid = params.text(parameter, 34);
    if (sid && !is_sid("CR", *sid)) params.refuse(parameter);
    put(push, member, sid);
  }
  if (!push.empty()) out["push"] = std::move(push);
}

void read_whatsapp(Params& params, json::object& out) {
  json::object whatsapp;
  const auto sid = params.text("Whatsapp.MsgServiceSid", 34);
  if (sid && !is_sid("MG", *sid)) params.refuse("Whatsapp.MsgServiceSid");
  put(whatsapp, "msg_service_sid", sid);
  put(whatsapp, "from", params.text("Whatsapp.From", 64));
  if (!whatsapp.empty()) out["whatsapp"] = std::move(whatsapp);
}

json::array split(std::string_view text) {
  json::array parts;
  while (!text.empty()) {
    const auto comma = std::min(text.find(','), text.size());
    parts.emplace_back(trim_blanks(text.substr(0, comma)));
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return parts;
}

void read_passkeys(Params& params, json::object& out) {
  json::object passkeys;
  json::object party;
  put(party, "id", params.text("Passkeys.RelyingParty.Id", 253));
  put(party, "name", params.text("Passkeys.RelyingParty.Name", 64));
  if (const auto origins = params.text("Passkeys.RelyingParty.Origins", 2000)) party["origins"] = split(*origins);
  if (!party.empty()) passkeys["relying_party"] = std::move(party);
  put(passkeys, "authenticator_attachment",
      params.one_of("Passkeys.AuthenticatorAttachment", {"", "platform", "cross-platform", "any"}));
  put(passkeys, "discoverable_credentials",
      params.one_of("Passkeys.DiscoverableCredentials", {"", "required", "preferred", "discouraged"}));
  put(passkeys, "user_verification",
      params.one_of("Passkeys.UserVerification", {"", "required", "preferred", "discouraged"}));
  if (!passkeys.empty()) out["passkeys"] = std::move(passkeys);
}

/// Members that only this server has.
void read_own(Params& params, json::object& out, bool creating) {
  json::object own;
  put(own, "code_ttl", params.integer("Countersign.CodeTtl", 120, 24L * 60 * 60));
  put(own, "check_attempts", params.integer("Countersign.CheckAttempts", 1, 5));
  put(own, "send_attempts", params.integer("Countersign.SendAttempts", 1, 5));
  if (const auto code = params.text("Countersign.TestCode", 10, 4)) {
    // Set only at creation: a service that people rely on must not become one that sends nothing.
    if (!creating || !std::ranges::all_of(*code, is_digit)) params.refuse("Countersign.TestCode");
    put(own, "test_code", code);
  }
  if (!own.empty()) out["countersign"] = std::move(own);
}

}  // namespace

Verdict<json::object> read_service(const http::Form& form, bool creating) {
  Params params(form);
  json::object out;
  if (const auto name = params.text("FriendlyName", 30)) {
    if (!is_friendly_name(*name)) params.refuse("FriendlyName");
    out["friendly_name"] = *name;
  } else if (creating) {
    params.refuse("FriendlyName");
  }
  put(out, "code_length", params.integer("CodeLength", 4, 10));
  for (const auto& [parameter, member] : kBooleans) {
    if (const auto value = params.boolean(parameter)) out[member] = *value;
  }
  put(out, "tts_name", params.text("TtsName", 64));
  const auto sid = params.text("DefaultTemplateSid", 34);
  if (sid && !is_sid("HJ", *sid)) params.refuse("DefaultTemplateSid");
  put(out, "default_template_sid", sid);
  read_totp(params, out);
  read_push(params, out);
  read_whatsapp(params, out);
  read_passkeys(params, out);
  read_own(params, out, creating);
  if (params.refusal()) return countersign::fail(*params.refusal());
  return out;
}

}  // namespace countersign::api::twilio
