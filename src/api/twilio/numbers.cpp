#include <fmt/format.h>

#include "api/twilio/params.h"
#include "api/twilio/render.h"
#include "api/twilio/routes.h"
#include "contact/phone_number.h"
#include "usecase/verify/collection.h"

namespace countersign::api::twilio {

namespace {

namespace verify = usecase::verify;

// Which of Twilio's messaging services carries the messages to a country. Kept and shown; here it is the configuration
// that says who carries what.

std::string country_json(const Twilio& twilio, const Call& call, const store::Resource& resource) {
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

Verdict<Answered> create_country(const Twilio& twilio, store::Tx& tx, const Call& call, Moment& moment) {
  const auto service = owned_service(twilio, tx, call);
  if (!service) return refuse(Fault::kNotFound);
  Params params(call.form);
  const std::string country = params.required("Country", 3);
  if (country != "all" && !contact::is_phone_region(country)) params.refuse("Country");
  const std::string sid = read_messaging_service(params);
  if (params.refusal()) return countersign::fail(*params.refusal());
  return verify::add_to(tx, twilio.api.context, call.caller, verify::kCountries, service->id, country,
                        {{"country", country}, {"messaging_service_sid", sid}}, moment)
      .transform([&](const store::Resource& made) { return Answered{201, country_json(twilio, call, made)}; });
}

Verdict<store::Resource> country_in(const Twilio& twilio, store::Tx& tx, const Call& call) {
  const auto service = owned_service(twilio, tx, call);
  if (!service) return refuse(Fault::kNotFound);
  return verify::show_named(tx, twilio.api.context, call.caller, verify::kCountries, service->id,
                            call.request.params.at(1));
}

Verdict<Answered> show_country(const Twilio& twilio, store::Tx& tx, const Call& call, Moment&) {
  return country_in(twilio, tx, call).transform([&](const store::Resource& found) {
    return Answered{200, country_json(twilio, call, found)};
  });
}

Verdict<Answered> update_country(const Twilio& twilio, store::Tx& tx, const Call& call, Moment& moment) {
  const auto found = country_in(twilio, tx, call);
  if (!found) return countersign::fail(found.error());
  Params params(call.form);
  const std::string sid = read_messaging_service(params);
  if (params.refusal()) return countersign::fail(*params.refusal());
  return verify::change_in(tx, twilio.api.context, call.caller, verify::kCountries, found->parent, found->id,
                           {{"messaging_service_sid", sid}}, moment)
      .transform([&](const store::Resource& changed) { return Answered{200, country_json(twilio, call, changed)}; });
}

Verdict<Answered> remove_country(const Twilio& twilio, store::Tx& tx, const Call& call, Moment& moment) {
  const auto found = country_in(twilio, tx, call);
  if (!found) return countersign::fail(found.error());
  return verify::remove_from(tx, twilio.api.context, call.caller, verify::kCountries, found->parent, found->id, moment)
      .transform([](Done) { return Answered{204}; });
}

Verdict<Answered> list_countries(const Twilio& twilio, store::Tx& tx, const Call& call, Moment&) {
  const auto service = owned_service(twilio, tx, call);
  if (!service) return refuse(Fault::kNotFound);
  return list_collection(twilio, tx, call, verify::kCountries.kind, service->id, "messaging_configurations",
                         country_json);
}

// Numbers that no limit by country stops.

std::string safe_json(const Twilio& twilio, const store::Resource& resource) {
  const std::string number(json_text(resource.content, "phone_number").value_or(""));
  return canonical_json(
      json::object{{"sid", id_text("GN", resource.id)},
                   {"phone_number", number},
                   {"url", fmt::format("{}/v2/SafeList/Numbers/{}", twilio.api.context.settings.public_url, number)}});
}

Verdict<Answered> create_safe(const Twilio& twilio, store::Tx& tx, const Call& call, Moment& moment) {
  Params params(call.form);
  const auto number = params.required("PhoneNumber", 16);
  const auto phone = contact::PhoneNumber::parse(number);
  if (!phone || !number.starts_with('+')) params.refuse("PhoneNumber");
  if (params.refusal()) return countersign::fail(*params.refusal());
  return verify::add_to(tx, twilio.api.context, call.caller, verify::kSafeList, Id{}, std::string(phone->text()),
                        {{"phone_number", phone->text()}}, moment)
      .transform([&](const store::Resource& made) { return Answered{201, safe_json(twilio, made)}; });
}

Verdict<Answered> show_safe(const Twilio& twilio, store::Tx& tx, const Call& call, Moment&) {
  return verify::show_named(tx, twilio.api.context, call.caller, verify::kSafeList, Id{}, call.request.params.at(0))
      .transform([&](const store::Resource& found) { return Answered{200, safe_json(twilio, found)}; });
}

Verdict<Answered> remove_safe(const Twilio& twilio, store::Tx& tx, const Call& call, Moment& moment) {
  const auto& context = twilio.api.context;
  const auto found = verify::show_named(tx, context, call.caller, verify::kSafeList, Id{}, call.request.params.at(0));
  if (!found) return countersign::fail(found.error());
  return verify::remove_from(tx, context, call.caller, verify::kSafeList, Id{}, found->id, moment).transform([](Done) {
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
