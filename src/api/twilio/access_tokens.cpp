#include <fmt/format.h>

#include "api/twilio/entity_json.h"
#include "api/twilio/params.h"
#include "api/twilio/routes.h"
#include "domain/display.h"
#include "usecase/verify_api/access_token.h"

namespace countersign::api::twilio {

namespace {

namespace verify_api = usecase::verify_api;

constexpr std::string_view kAccessToken = "YK";

/// `token`: shown at its creation alone.
std::string token_json(const Twilio& twilio, const Call& call, const verify_api::AccessToken& view, json::value token) {
  const std::string sid = id_text(kAccessToken, view.id);
  const std::string& service = call.request.params.at(0);
  return canonical_json(json::object{
      {"sid", sid},
      {"account_sid", call.caller.account.text()},
      {"service_sid", service},
      {"entity_identity", view.identity},
      {"factor_type", "push"},
      {"factor_friendly_name", view.friendly_name.empty() ? json::value(nullptr) : json::value(view.friendly_name)},
      {"token", std::move(token)},
      {"url", fmt::format("{}/v2/Services/{}/AccessTokens/{}", twilio.api.context.settings.public_url, service, sid)},
      {"ttl", view.ttl},
      {"date_created", date_text(view.created_at)}});
}

Verdict<Answered> create_token(const Twilio& twilio, const usecase::Work& work, const Call& call) {
  const auto service = owned_service(work, call);
  if (!service) return refuse(ErrorCode::kNotFound);
  Params params(call.form, ErrorCode::kAccessToken);
  verify_api::NewAccessToken given;
  given.identity = params.required("Identity", 64, 8);
  if (!verify_api::is_identity(given.identity)) params.refuse("Identity");
  if (params.one_of("FactorType", {"push"}) == std::nullopt) params.refuse("FactorType");
  given.friendly_name = params.text("FactorFriendlyName", 64).value_or("");
  if (!domain::is_showable(given.friendly_name, 64)) params.refuse("FactorFriendlyName");
  given.ttl = params.integer("Ttl", 60, 300).value_or(60);
  if (params.refusal()) return countersign::fail(*params.refusal());
  return verify_api::create_access_token(work, *service, given)
      .transform([&](const verify_api::CreatedAccessToken& made) {
        return Answered{201, token_json(twilio, call, made.view, json::value(made.token.expose()))};
      });
}

Verdict<Answered> show_token(const Twilio& twilio, const usecase::Work& work, const Call& call) {
  const auto service = owned_service(work, call);
  const auto id = parse_id(kAccessToken, call.request.params.at(1));
  if (!service || !id) return refuse(ErrorCode::kNotFound);
  return verify_api::find_access_token(work, *service, *id).transform([&](const verify_api::AccessToken& view) {
    return Answered{200, token_json(twilio, call, view, nullptr)};
  });
}

}  // namespace

void add_access_token_routes(http::Router& router, const Twilio& twilio) {
  const Routes routes{router, twilio};
  routes.write(http::Method::kPost, "/v2/Services/{service}/AccessTokens", "verify_access_token_create", create_token);
  routes.read("/v2/Services/{service}/AccessTokens/{sid}", "verify_access_token_show", show_token);
}

}  // namespace countersign::api::twilio
