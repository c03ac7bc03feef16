#include <fmt/format.h>

#include "api/twilio/render.h"
#include "api/twilio/routes.h"
#include "api/twilio/service_params.h"
#include "usecase/verify_api/passkey_terms.h"
#include "usecase/verify_api/service.h"

namespace countersign::api::twilio {

namespace {

namespace verify_api = usecase::verify_api;

/// All members of an answer, with the values of an unchanged service.
json::object defaults_of(const verify_api::Service& service) {
  const auto& s = service.settings;
  return {
      {"friendly_name", s.friendly_name},
      {"code_length", s.code_length},
      {"lookup_enabled", false},
      {"psd2_enabled", false},
      {"skip_sms_to_landlines", false},
      {"dtmf_input_required", true},
      {"tts_name", nullptr},
      {"do_not_share_warning_enabled", false},
      {"custom_code_enabled", false},
      {"push", {{"include_date", false}, {"apn_credential_sid", nullptr}, {"fcm_credential_sid", nullptr}}},
      {"totp", {{"issuer", s.totp_issuer}, {"time_step", 30}, {"code_length", 6}, {"skew", 1}}},
      {"default_template_sid", nullptr},
      {"whatsapp", {{"msg_service_sid", nullptr}, {"from", nullptr}}},
      {"passkeys",
       {{"relying_party", nullptr},
        {"authenticator_attachment", ""},
        {"discoverable_credentials", ""},
        {"user_verification", ""}}},
      {"verify_event_subscription_enabled", false},
      {"countersign",
       {{"code_ttl", std::chrono::duration_cast<std::chrono::seconds>(s.code_ttl).count()},
        {"check_attempts", service.limits.attempts_max},
        {"send_attempts", service.limits.sends_max},
        {"test_code", nullptr},
        {"configured", service.configured}}},
  };
}

std::string json_of(const Twilio& twilio, const Call& call, const verify_api::Service& service) {
  json::object out = defaults_of(service);
  verify_api::merge_into(out, service.content);
  out["passkeys"].as_object()["relying_party"] = verify_api::party_json(service);
  // An empty text names no template or credential.
  for (const auto name : {"default_template_sid", "tts_name"}) {
    if (out[name].is_string() && out[name].as_string().empty()) out[name] = nullptr;
  }
  const std::string sid = service.settings.id.text();
  const std::string url = fmt::format("{}/v2/Services/{}", twilio.api.context.settings.public_url, sid);
  out["sid"] = sid;
  out["account_sid"] = call.caller.account.text();
  out["date_created"] = date_text(service.created_at);
  out["date_updated"] = date_text(service.updated_at);
  out["url"] = url;
  out["links"] = {{"verification_checks", url + "/VerificationCheck"},
                  {"verifications", url + "/Verifications"},
                  {"rate_limits", url + "/RateLimits"},
                  {"messaging_configurations", url + "/MessagingConfigurations"},
                  {"entities", url + "/Entities"},
                  {"webhooks", url + "/Webhooks"},
                  {"access_tokens", url + "/AccessTokens"}};
  return canonical_json(out);
}

Verdict<Answered> create_service(const Twilio& twilio, const usecase::Work& work, const Call& call) {
  auto content = read_service(call.form, true);
  if (!content) return countersign::fail(content.error());
  auto service = verify_api::create_service(work, *std::move(content));
  if (!service) return countersign::fail(service.error());
  return Answered{201, json_of(twilio, call, *service)};
}

Verdict<Answered> show_service(const Twilio& twilio, const usecase::Work& work, const Call& call) {
  const auto id = service_in(call);
  const auto service = id ? verify_api::find_service(work, *id) : std::nullopt;
  if (!service) return refuse(ErrorCode::kNotFound);
  return Answered{200, json_of(twilio, call, *service)};
}

Verdict<Answered> update_service(const Twilio& twilio, const usecase::Work& work, const Call& call) {
  const auto id = service_in(call);
  if (!id) return refuse(ErrorCode::kNotFound);
  const auto changes = read_service(call.form, false);
  if (!changes) return countersign::fail(changes.error());
  return verify_api::update_service(work, *id, *changes).transform([&](const verify_api::Service& service) {
    return Answered{200, json_of(twilio, call, service)};
  });
}

Verdict<Answered> remove_service(const Twilio&, const usecase::Work& work, const Call& call) {
  const auto id = service_in(call);
  if (!id) return refuse(ErrorCode::kNotFound);
  return verify_api::remove_service(work, *id).transform([](Done) { return Answered{204}; });
}

Verdict<Answered> list_services(const Twilio& twilio, const usecase::Work& work, const Call& call) {
  const auto page = read_page(call);
  if (!page) return countersign::fail(page.error());
  std::vector<Item> items;
  for (const auto& service : verify_api::list_services(work, page->range()))
    items.emplace_back(service.settings.id.id, json_of(twilio, call, service));
  return page_of(call, work.context.settings.public_url, "services", *page, std::move(items));
}

}  // namespace

void add_service_routes(http::Router& router, const Twilio& twilio) {
  const Routes routes{router, twilio};
  routes.collection("/v2/Services", "verify_service", create_service, list_services);
  routes.member("/v2/Services/{service}", "verify_service", show_service, update_service, remove_service);
}

}  // namespace countersign::api::twilio
