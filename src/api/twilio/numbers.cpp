#include <fmt/format.h>

#include "api/twilio/params.h"
#include "api/twilio/render.h"
#include "api/twilio/routes.h"
#include "contact/phone_number.h"
#include "usecase/verify_api/collection.h"

namespace countersign::api::twilio {

namespace {

namespace verify_api = usecase::verify_api;

// Which of Twilio's messaging services sends to a country. Stored and shown only; here the configuration selects the
// provider.

std::string country_json(const Twilio& twilio, const Call& call, const verify_api::Resource& resource) {
  json::object out = resource.content;
  out["account_sid"] = call.caller.account.text();
  out["service_sid"] = call.request.params.at(0);
  out["date_created"] = date_text(resource.created_at);
  out["date_updated"] = date_text(resource.updated_at);
  out["url"] = fmt::format("{}/v2/Services/{}/MessagingConfigurations/{}", twilio.api.context.settings.public_url,
                           call.request.params.at(0), json_text(resource.content, "country").value_or(""));
  return canonical_json(out);
}

std::string read_messaging_service(Params& params) {
  auto sid = params.required("MessagingServiceSid", 34);
  if (!parse_id("MG", sid)) params.refuse("MessagingServiceSid");
  return sid;
}

Verdict<Answered> create_country(const Twilio& twilio, const usecase::Work& work, const Call& call) {
  const auto service = owned_service(work, call);
  if (!service) return refuse(ErrorCode::kNotFound);
  Params params(call.form);
  const std::string country = params.required("Country", 3);
  if (country != "all" && !contact::is_phone_region(country)) params.refuse("Country");
  const std::string sid = read_messaging_service(params);
  if (params.refusal()) return countersign::fail(*params.refusal());
  return verify_api::add_to(work, verify_api::kCountries, service->id, country,
                            {{"country", country}, {"messaging_service_sid", sid}})
      .transform([&](const verify_api::Resource& made) { return Answered{201, country_json(twilio, call, made)}; });
}

Verdict<verify_api::Resource> country_in(const usecase::Work& work, const Call& call) {
  const auto service = owned_service(work, call);
  if (!service) return refuse(ErrorCode::kNotFound);
  return verify_api::show_named(work, verify_api::kCountries, service->id, call.request.params.at(1));
}

Verdict<Answered> show_country(const Twilio& twilio, const usecase::Work& work, const Call& call) {
  return country_in(work, call).transform([&](const verify_api::Resource& found) {
    return Answered{200, country_json(twilio, call, found)};
  });
}

Verdict<Answered> update_country(const Twilio& twilio, const usecase::Work& work, const Call& call) {
  const auto found = country_in(work, call);
  if (!found) return countersign::fail(found.error());
  Params params(call.form);
  const std::string sid = read_messaging_service(params);
  if (params.refusal()) return countersign::fail(*params.refusal());
  return verify_api::change_in(work, verify_api::kCountries, found->parent, found->id, {{"messaging_service_sid", sid}})
      .transform(
          [&](const verify_api::Resource& changed) { return Answered{200, country_json(twilio, call, changed)}; });
}

Verdict<Answered> remove_country(const Twilio&, const usecase::Work& work, const Call& call) {
  const auto found = country_in(work, call);
  if (!found) return countersign::fail(found.error());
  return verify_api::remove_from(work, verify_api::kCountries, found->parent, found->id).transform([](Done) {
    return Answered{204};
  });
}

Verdict<Answered> list_countries(const Twilio& twilio, const usecase::Work& work, const Call& call) {
  const auto service = owned_service(work, call);
  if (!service) return refuse(ErrorCode::kNotFound);
  return list_collection(twilio, work, call,
                         {verify_api::kCountries, service->id, "messaging_configurations", country_json});
}

// Numbers exempt from the limit by country.

std::string safe_json(const Twilio& twilio, const verify_api::Resource& resource) {
  const std::string number(json_text(resource.content, "phone_number").value_or(""));
  return canonical_json(
      json::object{{"sid", id_text("GN", resource.id)},
                   {"phone_number", number},
                   {"url", fmt::format("{}/v2/SafeList/Numbers/{}", twilio.api.context.settings.public_url, number)}});
}

Verdict<Answered> create_safe(const Twilio& twilio, const usecase::Work& work, const Call& call) {
  Params params(call.form);
  const auto number = params.required("PhoneNumber", 16);
  const auto phone = contact::PhoneNumber::parse(number);
  if (!phone || !number.starts_with('+')) params.refuse("PhoneNumber");
  if (params.refusal()) return countersign::fail(*params.refusal());
  return verify_api::add_to(work, verify_api::kSafeList, Id{}, std::string(phone->text()),
                            {{"phone_number", phone->text()}})
      .transform([&](const verify_api::Resource& made) { return Answered{201, safe_json(twilio, made)}; });
}

Verdict<Answered> show_safe(const Twilio& twilio, const usecase::Work& work, const Call& call) {
  return verify_api::show_named(work, verify_api::kSafeList, Id{}, call.request.params.at(0))
      .transform([&](const verify_api::Resource& found) { return Answered{200, safe_json(twilio, found)}; });
}

Verdict<Answered> remove_safe(const Twilio&, const usecase::Work& work, const Call& call) {
  const auto found = verify_api::show_named(work, verify_api::kSafeList, Id{}, call.request.params.at(0));
  if (!found) return countersign::fail(found.error());
  return verify_api::remove_from(work, verify_api::kSafeList, Id{}, found->id).transform([](Done) {
    return Answered{204};
  });
}

}  // namespace

void add_number_routes(http::Router& router, const Twilio& twilio) {
  const Routes routes{router, twilio};
  routes.collection("/v2/Services/{service}/MessagingConfigurations", "verify_country", create_country, list_countries);
  routes.member("/v2/Services/{service}/MessagingConfigurations/{country}", "verify_country", show_country,
                update_country, remove_country);
  routes.write(http::Method::kPost, "/v2/SafeList/Numbers", "verify_safe_create", create_safe);
  routes.member("/v2/SafeList/Numbers/{number}", "verify_safe", show_safe, nullptr, remove_safe);
}

}  // namespace countersign::api::twilio
