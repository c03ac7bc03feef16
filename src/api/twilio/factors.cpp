#include <fmt/format.h>

#include <algorithm>

#include "api/twilio/entity_json.h"
#include "api/twilio/params.h"
#include "api/twilio/routes.h"
#include "base/encoding.h"
#include "crypto/p256.h"
#include "domain/ceilings.h"
#include "domain/display.h"
#include "usecase/verify_api/passkey.h"

namespace countersign::api::twilio {

namespace {

namespace verify_api = usecase::verify_api;

constexpr std::size_t kMetadataMax = 1024;

std::string_view algorithm_text(crypto::OtpAlgorithm algorithm) {
  switch (algorithm) {
    case crypto::OtpAlgorithm::kSha1:
      return "sha1";
    case crypto::OtpAlgorithm::kSha256:
      return "sha256";
    case crypto::OtpAlgorithm::kSha512:
      return "sha512";
  }
  return "sha1";
}

json::object totp_config(const verify_api::Factor& factor) {
  return {{"alg", algorithm_text(factor.row.totp.algorithm)},
          {"skew", json_integer(factor.content, "skew").value_or(1)},
          {"code_length", factor.row.totp.digits},
          {"time_step", factor.row.totp.period_seconds}};
}

json::object config_of(const usecase::Work& work, const Call& call, const verify_api::Factor& factor) {
  if (factor.row.state.type == domain::Method::kPush) return verify_api::device_config(factor);
  if (factor.row.state.type != domain::Method::kWebauthn) return totp_config(factor);
  const auto id = service_in(call);
  const auto service = id ? verify_api::find_service(work, *id) : std::nullopt;
  return service ? verify_api::passkey_config(*service, factor) : json::object();
}

std::string factor_json(const Twilio& twilio, const usecase::Work& work, const Call& call,
                        const verify_api::Entity& entity, const verify_api::Factor& factor) {
  return canonical_json(factor_object(twilio, work, call, entity, factor));
}

/// With its binding, which is never shown again.
std::string created_json(const Twilio& twilio, const usecase::Work& work, const Call& call,
                         const verify_api::CreatedFactor& created) {
  json::object out = factor_object(twilio, work, call, created.entity, created.factor);
  out["binding"] = json::object{{"secret", created.enrolment.secret_base32.expose()},
                                {"uri", created.enrolment.otpauth_uri.expose()}};
  out["options"] = nullptr;
  return canonical_json(out);
}

std::optional<json::object> read_metadata(Params& params, std::string_view name) {
  auto metadata = params.object(name, kMetadataMax);
  if (metadata && !has_only_texts(*metadata)) params.refuse(name);
  return metadata;
}

std::int64_t service_default(const verify_api::Service& service, std::string_view name, std::int64_t otherwise) {
  const auto* totp = service.content.if_contains("totp");
  return totp == nullptr ? otherwise : json_integer(totp->as_object(), name).value_or(otherwise);
}

Verdict<std::string> read_type(const Call& call) {
  Params params(call.form, ErrorCode::kInvalidRequest);
  const auto type = params.one_of("FactorType", {"totp", "push", "passkeys"});
  if (!type) params.refuse("FactorType");
  if (params.refusal()) return countersign::fail(*params.refusal());
  if (*type == "passkeys") return refuse(ErrorCode::kFeatureNotEnabled);
  return *type;
}

/// What a device may say of itself, at first or again. `is_new`: all of it is required.
json::object read_device_config(Params& params, bool is_new) {
  // Twilio takes registration tokens of up to 255 characters; nothing says that platforms will keep to that.
  constexpr std::size_t kRegistrationMax = 1024;
  json::object config;
  const auto put = [&](std::string_view parameter, std::string_view member, std::size_t max, std::size_t min) {
    const auto value = params.text(parameter, max, min);
    if (value && !domain::is_showable(*value, max)) params.refuse(parameter);
    if (value) config[member] = *value;
    if (!value && is_new) params.refuse(parameter);
  };
  put("Config.AppId", "app_id", 100, 1);
  put("Config.SdkVersion", "sdk_version", 64, 1);
  const auto platform = params.one_of("Config.NotificationPlatform", {"apn", "fcm", "none"});
  if (platform) config["notification_platform"] = *platform;
  if (!platform && is_new) params.refuse("Config.NotificationPlatform");
  if (platform == "none")
    config["notification_token"] = nullptr;
  else if (platform || params.text("Config.NotificationToken", kRegistrationMax))
    config["notification_token"] = params.required("Config.NotificationToken", kRegistrationMax, 32);
  return config;
}

/// `name`: what the access token calls the device; empty: what it calls itself.
Verdict<verify_api::DeviceRegistration> read_device(const Call& call, const std::string& name) {
  Params params(call.form, ErrorCode::kInvalidRequest);
  verify_api::DeviceRegistration device;
  device.friendly_name = name.empty() ? params.required("FriendlyName", 64) : name;
  if (!domain::is_showable(device.friendly_name, 64)) params.refuse("FriendlyName");
  device.config = read_device_config(params, true);
  device.metadata = read_metadata(params, "Metadata").value_or(json::object());
  const auto algorithm = params.text("Binding.Alg", 16);
  const auto spki = from_base64(params.text("Binding.PublicKey", 512).value_or(""));
  if (params.refusal()) return countersign::fail(*params.refusal());
  auto point = spki ? crypto::p256_point_of_spki(*spki) : std::nullopt;
  if (algorithm != "ES256" || !point) return refuse(ErrorCode::kBindingFormat);
  device.point = *std::move(point);
  return device;
}

Verdict<Answered> create_device(const Twilio& twilio, const usecase::Work& work, const Call& call,
                                const ServiceId& service, const std::string& identity) {
  std::optional<verify_api::AccessToken> token;
  if (call.new_phone) {
    token = verify_api::look_for_access_token(work, service, *call.new_phone);
    if (!token) return refuse(ErrorCode::kAuthenticate);  // Another request has used it meanwhile.
    if (token->identity != identity) return refuse(ErrorCode::kUnauthorizedFactor);
  }
  const auto given = read_device(call, token ? token->friendly_name : std::string());
  if (!given) return countersign::fail(given.error());
  const auto created = verify_api::create_device(work, service, identity, *given);
  if (!created) return countersign::fail(created.error());
  if (token) verify_api::spend_access_token(work, service, *token);
  json::object out = factor_object(twilio, work, call, created->entity, created->factor);
  out["binding"] = json::object{{"alg", "ES256"}, {"public_key", to_base64(crypto::spki_of_p256_point(given->point))}};
  out["options"] = nullptr;
  return Answered{201, canonical_json(out), {}, [&api = twilio.api] { api.courier.nudge(); }};
}

Verdict<verify_api::NewFactor> read_factor(const Call& call, const verify_api::Service& service) {
  Params params(call.form, ErrorCode::kInvalidRequest);
  verify_api::NewFactor factor;
  factor.friendly_name = params.required("FriendlyName", 64);
  if (!domain::is_showable(factor.friendly_name, 64)) params.refuse("FriendlyName");
  factor.totp.period_seconds =
      params.integer("Config.TimeStep", 20, 60).value_or(service_default(service, "time_step", 30));
  const auto digits = domain::totp_digits_bounds();
  factor.totp.digits = static_cast<int>(params.integer("Config.CodeLength", digits.least, digits.most)
                                            .value_or(digits.nearest(service_default(service, "code_length", 6))));
  const auto skew = domain::totp_skew_bounds(service.settings.loosened);
  factor.skew =
      params.integer("Config.Skew", skew.least, skew.most).value_or(skew.nearest(service_default(service, "skew", 1)));
  const auto algorithm = params.one_of("Config.Alg", {"sha1", "sha256", "sha512"}).value_or("sha1");
  if (algorithm == "sha256") factor.totp.algorithm = crypto::OtpAlgorithm::kSha256;
  if (algorithm == "sha512") factor.totp.algorithm = crypto::OtpAlgorithm::kSha512;
  factor.metadata = read_metadata(params, "Metadata").value_or(json::object());
  const auto secret = params.text("Binding.Secret", 256);
  if (params.refusal()) return countersign::fail(*params.refusal());
  if (secret && !secret->empty()) {
    auto bytes = from_base32(*secret);
    if (!bytes || bytes->size() < 10 || bytes->size() > 128) return refuse(ErrorCode::kBindingFormat);
    factor.secret = SecretString(*std::move(bytes));
  }
  return factor;
}

Verdict<Answered> create_factor(const Twilio& twilio, const usecase::Work& work, const Call& call) {
  const auto id = service_in(call);
  const auto service = id ? verify_api::find_service(work, *id) : std::nullopt;
  if (!service) return refuse(ErrorCode::kNotFound);
  const std::string& identity = call.request.params.at(1);
  if (!verify_api::is_identity(identity)) return refuse(ErrorCode::kInvalidRequest, "Identity");
  const auto type = read_type(call);
  if (!type) return countersign::fail(type.error());
  if (*type == "push") return create_device(twilio, work, call, *id, identity);
  if (call.new_phone) return refuse(ErrorCode::kUnauthorizedFactor);
  const auto given = read_factor(call, *service);
  if (!given) return countersign::fail(given.error());
  auto created = verify_api::create_factor(work, *id, identity, *given);
  if (!created) return countersign::fail(created.error());
  return Answered{201, created_json(twilio, work, call, *created), {}, [&api = twilio.api] { api.courier.nudge(); }};
}

Verdict<Answered> list_factors(const Twilio& twilio, const usecase::Work& work, const Call& call) {
  const auto entity = entity_in(work, call);
  if (!entity) return countersign::fail(entity.error());
  const auto page = read_page(call, ErrorCode::kInvalidRequest);
  if (!page) return countersign::fail(page.error());
  // One person has few factors, so the page is cut from the full list.
  std::vector<Item> items;
  for (const auto& factor : verify_api::list_factors(work, *service_in(call), *entity)) {
    const Id& id = factor.row.state.id.id;
    if ((page->after && id <= *page->after) || (page->before && id >= *page->before)) continue;
    items.emplace_back(id, factor_json(twilio, work, call, *entity, factor));
  }
  if (page->before) std::reverse(items.begin(), items.end());
  if (items.size() > static_cast<std::size_t>(page->size) + 1) items.resize(static_cast<std::size_t>(page->size) + 1);
  return page_of(call, work.context.settings.public_url, "factors", *page, std::move(items));
}

/// The entity and the factor's id in the path.
struct NamedFactor {
  verify_api::Entity entity;
  FactorId id;
};

/// A device sees itself alone.
Verdict<NamedFactor> factor_in(const usecase::Work& work, const Call& call) {
  auto entity = entity_in(work, call);
  const auto id = FactorId::parse(call.request.params.at(2));
  if (!entity || !id || (call.device && call.device->factor != *id)) return refuse(ErrorCode::kNotFound);
  return NamedFactor{*std::move(entity), *id};
}

Verdict<Answered> show_factor(const Twilio& twilio, const usecase::Work& work, const Call& call) {
  const auto named = factor_in(work, call);
  if (!named) return countersign::fail(named.error());
  return verify_api::find_factor(work, *service_in(call), named->entity, named->id)
      .transform([&](const verify_api::Factor& factor) {
        return Answered{200, factor_json(twilio, work, call, named->entity, factor)};
      });
}

Verdict<Answered> update_factor(const Twilio& twilio, const usecase::Work& work, const Call& call) {
  const auto named = factor_in(work, call);
  if (!named) return countersign::fail(named.error());
  Params params(call.form, ErrorCode::kInvalidRequest);
  verify_api::FactorChange change;
  change.friendly_name = params.text("FriendlyName", 64, 1);
  if (change.friendly_name && !domain::is_showable(*change.friendly_name, 64)) params.refuse("FriendlyName");
  if (call.answer)
    change.answer = &*call.answer;
  else if (auto code = params.code("AuthPayload", 8, 6))
    change.code = SecretString(*std::move(code));
  change.config = read_device_config(params, false);
  change.metadata = read_metadata(params, "Metadata");
  // An app already has its parameters from the QR code; changing ours would only make it fail.
  for (const auto name : {"Config.TimeStep", "Config.CodeLength", "Config.Skew", "Config.Alg"}) {
    if (call.form.value(name)) params.refuse(name);
  }
  if (params.refusal()) return countersign::fail(*params.refusal());
  auto factor = verify_api::update_factor(work, *service_in(call), named->entity, named->id, change);
  if (!factor) return countersign::fail(factor.error());
  return Answered{
      200, factor_json(twilio, work, call, named->entity, *factor), {}, [&api = twilio.api] { api.courier.nudge(); }};
}

Verdict<Answered> remove_factor(const Twilio& twilio, const usecase::Work& work, const Call& call) {
  const auto named = factor_in(work, call);
  if (!named) return countersign::fail(named.error());
  return verify_api::remove_factor(work, *service_in(call), named->entity, named->id).transform([&](Done) {
    return Answered{204, "", {}, [&api = twilio.api] { api.courier.nudge(); }};
  });
}

}  // namespace

json::object factor_object(const Twilio& twilio, const usecase::Work& work, const Call& call,
                           const verify_api::Entity& entity, const verify_api::Factor& factor) {
  const auto& state = factor.row.state;
  const auto* metadata = factor.content.if_contains("metadata");
  const std::string sid = state.id.text();
  return {{"sid", sid},
          {"account_sid", call.caller.account.text()},
          {"service_sid", call.request.params.at(0)},
          {"entity_sid", entity.id.text()},
          {"identity", entity.identity},
          {"date_created", date_text(state.created_at)},
          {"date_updated", date_text(std::max(factor.updated_at, state.confirmed_at.value_or(state.created_at)))},
          {"friendly_name", factor.name},
          {"status", state.status == domain::FactorStatus::kUnconfirmed ? "unverified" : "verified"},
          {"factor_type", verify_api::type_name(factor)},
          {"config", config_of(work, call, factor)},
          {"metadata", metadata == nullptr ? json::value(nullptr) : *metadata},
          {"url", fmt::format("{}/Factors/{}", entity_url(twilio, call, entity.identity), sid)}};
}

void add_factor_routes(http::Router& router, const Twilio& twilio) {
  const Routes routes{router, twilio};
  using http::Method::kDelete;
  using http::Method::kPost;
  constexpr std::string_view kAll = "/v2/Services/{service}/Entities/{identity}/Factors";
  constexpr std::string_view kOne = "/v2/Services/{service}/Entities/{identity}/Factors/{sid}";
  routes.write(kPost, kAll, "verify_factor_create", create_factor, Guests::kNewDevices);
  routes.read(kAll, "verify_factor_list", list_factors);
  routes.read(kOne, "verify_factor_show", show_factor, Guests::kDevices);
  routes.answered(kOne, "verify_factor_update", update_factor, AnswerOf::kFactor);
  routes.write(kDelete, kOne, "verify_factor_delete", remove_factor, Guests::kDevices);
}

}  // namespace countersign::api::twilio
