#include <fmt/ranges.h>

#include "api/twilio/entity_json.h"
#include "api/twilio/params.h"
#include "api/twilio/routes.h"
#include "usecase/verify_api/device_challenge.h"

namespace countersign::api::twilio {

namespace {

namespace verify_api = usecase::verify_api;

constexpr std::string_view kChallenge = "YC";
constexpr std::size_t kHiddenMax = 1024;

json::value or_null(const json::object& object, std::string_view name) {
  const auto* found = object.if_contains(name);
  return found == nullptr ? json::value(nullptr) : *found;
}

json::object whole_challenge(const Twilio& twilio, const Call& call, const verify_api::Entity& entity,
                             const verify_api::Challenge& challenge, WallTime now) {
  const std::string sid = id_text(kChallenge, challenge.id);
  const std::string url = fmt::format("{}/Challenges/{}", entity_url(twilio, call, entity.identity), sid);
  json::object out = challenge_object(call, challenge, &entity, now);
  for (const std::string_view name : {"factor_sid", "details", "hidden_details", "metadata"})
    out[name] = or_null(challenge.content, name);
  out["factor_type"] = verify_api::type_name(challenge);
  out["url"] = url;
  out["links"] = json::object{{"notifications", url + "/Notifications"}};
  return out;
}

/// With the names of what a device signs, without which the SDKs cannot answer.
Answered challenge_answered(int status, const json::object& shown, const verify_api::Challenge& challenge,
                            WallTime now) {
  const auto fields = verify_api::signature_fields(challenge, now);
  Answered out{status, canonical_json(shown)};
  if (!fields.empty())
    out.headers.emplace_back("Twilio-Verify-Signature-Fields", fmt::format("{}", fmt::join(fields, ",")));
  return out;
}

/// Each occurrence of the parameter is one field.
json::array read_fields(Params& params) {
  json::array fields;
  for (const auto& text : params.list("Details.Fields")) {
    const auto parsed = parse_json(text);
    const bool object = parsed && parsed->is_object();
    const auto label = object ? json_text(parsed->get_object(), "label") : std::nullopt;
    const auto value = object ? json_text(parsed->get_object(), "value") : std::nullopt;
    if (!label || !value || label->size() > 36 || value->size() > 128 || fields.size() == 20) {
      params.refuse("Details.Fields");
      return fields;
    }
    fields.push_back(json::object{{"label", *label}, {"value", *value}});
  }
  return fields;
}

Verdict<verify_api::NewChallenge> read_challenge(const Call& call, WallTime now) {
  Params params(call.form, ErrorCode::kInvalidRequest);
  verify_api::NewChallenge given{};
  const auto sid = FactorId::parse(params.required("FactorSid", 34));
  if (!sid) params.refuse("FactorSid");
  given.factor = sid.value_or(FactorId{});
  given.expires_at = params.time("ExpirationDate").value_or(now + std::chrono::minutes(5));
  if (given.expires_at <= now || given.expires_at > now + std::chrono::minutes(60)) params.refuse("ExpirationDate");
  given.details["message"] = params.text("Details.Message", 256).value_or("");
  given.details["fields"] = read_fields(params);
  given.date = date_text(now);
  given.hidden_details = params.object("HiddenDetails", kHiddenMax);
  if (given.hidden_details && !has_only_texts(*given.hidden_details)) params.refuse("HiddenDetails");
  if (auto code = params.code("AuthPayload", 8, 3)) given.code = SecretString(*std::move(code));
  if (params.refusal()) return countersign::fail(*params.refusal());
  return given;
}

Verdict<Answered> create_challenge(const Twilio& twilio, const usecase::Work& work, const Call& call) {
  const auto entity = entity_in(work, call);
  if (!entity) return countersign::fail(entity.error());
  const auto given = read_challenge(call, work.moment.now);
  if (!given) return countersign::fail(given.error());
  auto made = verify_api::create_challenge(work, *service_in(call), *entity, *given);
  if (!made) return countersign::fail(made.error());
  auto out =
      challenge_answered(201, whole_challenge(twilio, call, *entity, *made, work.moment.now), *made, work.moment.now);
  out.after = [&api = twilio.api] { api.courier.nudge(); };
  return out;
}

/// A device sees what it is asked, and nothing else of the person.
bool is_for_caller(const Call& call, const verify_api::Challenge& challenge) {
  return !call.device || json_text(challenge.content, "factor_sid") == call.device->factor.text();
}

Verdict<Answered> list_challenges(const Twilio& twilio, const usecase::Work& work, const Call& call) {
  const auto entity = entity_in(work, call);
  if (!entity) return countersign::fail(entity.error());
  auto page = read_page(call, ErrorCode::kInvalidRequest);
  if (!page) return countersign::fail(page.error());
  Params params(call.query, ErrorCode::kInvalidRequest);
  const auto status = params.one_of("Status", {"pending", "expired", "approved", "denied"});
  const bool newest_first = params.one_of("Order", {"asc", "desc"}) == "desc";
  const auto factor = params.text("FactorSid", 34);
  if (params.refusal()) return countersign::fail(*params.refusal());
  // A filter may leave a page short, so all challenges of the entity are searched; they are kept for 30 days.
  auto range = page->range(newest_first);
  range.limit = 20'000;
  std::vector<Item> items;
  for (const auto& challenge : verify_api::list_challenges(work, *service_in(call), *entity, range)) {
    if (status && domain::to_text(domain::status_at(challenge.state, work.moment.now)) != *status) continue;
    if (factor && json_text(challenge.content, "factor_sid") != *factor) continue;
    if (!is_for_caller(call, challenge)) continue;
    if (items.size() > static_cast<std::size_t>(page->size)) break;
    items.emplace_back(challenge.id,
                       canonical_json(whole_challenge(twilio, call, *entity, challenge, work.moment.now)));
  }
  return page_of(call, work.context.settings.public_url, "challenges", *page, std::move(items));
}

struct NamedChallenge {
  verify_api::Entity entity;
  Id id;
};

Verdict<NamedChallenge> challenge_in(const usecase::Work& work, const Call& call) {
  auto entity = entity_in(work, call);
  const auto id = parse_id(kChallenge, call.request.params.at(2));
  if (!entity || !id) return refuse(ErrorCode::kNotFound);
  return NamedChallenge{*std::move(entity), *id};
}

Verdict<verify_api::Challenge> seen_challenge(const usecase::Work& work, const Call& call,
                                              const NamedChallenge& named) {
  auto challenge = verify_api::find_challenge(work, *service_in(call), named.entity, named.id);
  if (challenge && !is_for_caller(call, *challenge)) return refuse(ErrorCode::kNotFound);
  return challenge;
}

Verdict<Answered> show_challenge(const Twilio& twilio, const usecase::Work& work, const Call& call) {
  const auto named = challenge_in(work, call);
  if (!named) return countersign::fail(named.error());
  return seen_challenge(work, call, *named).transform([&](const verify_api::Challenge& challenge) {
    return challenge_answered(200, whole_challenge(twilio, call, named->entity, challenge, work.moment.now), challenge,
                              work.moment.now);
  });
}

/// By the code of an app, or by what a device signed.
Verdict<verify_api::Challenge> answer_challenge(const Twilio& twilio, const usecase::Work& work, const Call& call,
                                                const NamedChallenge& named, const verify_api::Challenge& challenge,
                                                const std::optional<std::string>& code) {
  const auto service = *service_in(call);
  if (verify_api::is_of_device(challenge)) {
    const json::object shown = whole_challenge(twilio, call, named.entity, challenge, work.moment.now);
    return verify_api::answer_device_challenge(work, service, named.entity, named.id,
                                               call.answer.value_or(verify_api::SignedAnswer{}), shown);
  }
  if (!code) return refuse(ErrorCode::kInvalidRequest, "AuthPayload");
  return verify_api::answer_challenge(work, service, named.entity, named.id, SecretString(*code));
}

Verdict<Answered> update_challenge(const Twilio& twilio, const usecase::Work& work, const Call& call) {
  const auto named = challenge_in(work, call);
  if (!named) return countersign::fail(named.error());
  Params params(call.form, ErrorCode::kInvalidRequest);
  const auto code = call.answer ? std::nullopt : params.code("AuthPayload", 8, 3);
  auto metadata = params.object("Metadata", kHiddenMax);
  if (metadata && !has_only_texts(*metadata)) params.refuse("Metadata");
  if (params.refusal()) return countersign::fail(*params.refusal());
  auto challenge = seen_challenge(work, call, *named);
  if (!challenge) return countersign::fail(challenge.error());
  if (metadata) {
    challenge = verify_api::note_on_challenge(work, *service_in(call), named->entity, named->id, *std::move(metadata));
    if (!challenge) return countersign::fail(challenge.error());
  }
  if (code || call.answer) challenge = answer_challenge(twilio, work, call, *named, *challenge, code);
  if (!challenge) return countersign::fail(challenge.error());
  auto out = challenge_answered(200, whole_challenge(twilio, call, named->entity, *challenge, work.moment.now),
                                *challenge, work.moment.now);
  out.after = [&api = twilio.api] { api.courier.nudge(); };
  return out;
}

/// Of a device. An authenticator app only shows codes, and a browser asks for passkeys: there is nothing to notify.
Verdict<Answered> notify(const Twilio& twilio, const usecase::Work& work, const Call& call) {
  const auto named = challenge_in(work, call);
  if (!named) return countersign::fail(named.error());
  Params params(call.form, ErrorCode::kInvalidRequest);
  const auto ttl = params.integer("Ttl", 0, 300).value_or(300);
  if (params.refusal()) return countersign::fail(*params.refusal());
  return verify_api::notify_again(work, *service_in(call), named->entity, named->id, ttl)
      .transform([&](const verify_api::Notification& made) {
        return Answered{201,
                        canonical_json(json::object{{"sid", id_text("NT", made.id)},
                                                    {"account_sid", call.caller.account.text()},
                                                    {"service_sid", call.request.params.at(0)},
                                                    {"entity_sid", named->entity.id.text()},
                                                    {"identity", named->entity.identity},
                                                    {"challenge_sid", call.request.params.at(2)},
                                                    {"priority", "high"},
                                                    {"ttl", made.ttl},
                                                    {"date_created", date_text(work.moment.now)}}),
                        {},
                        [&api = twilio.api] { api.courier.nudge(); }};
      });
}

}  // namespace

json::object challenge_object(const Call& call, const verify_api::Challenge& challenge,
                              const verify_api::Entity* entity, WallTime now) {
  const auto& state = challenge.state;
  return {{"sid", id_text(kChallenge, challenge.id)},
          {"account_sid", call.caller.account.text()},
          {"service_sid", call.request.params.at(0)},
          {"entity_sid", entity == nullptr ? std::string() : entity->id.text()},
          {"identity", entity == nullptr ? std::string() : entity->identity},
          {"date_created", date_text(challenge.created_at)},
          {"date_updated", date_text(challenge.updated_at)},
          {"date_responded", state.responded_at ? json::value(date_text(*state.responded_at)) : json::value(nullptr)},
          {"expiration_date", date_text(state.expires_at)},
          {"status", domain::to_text(domain::status_at(state, now))},
          {"responded_reason", "none"}};
}

void add_challenge_routes(http::Router& router, const Twilio& twilio) {
  const Routes routes{router, twilio};
  constexpr std::string_view kAll = "/v2/Services/{service}/Entities/{identity}/Challenges";
  constexpr std::string_view kOne = "/v2/Services/{service}/Entities/{identity}/Challenges/{sid}";
  routes.write(http::Method::kPost, kAll, "verify_challenge_create", create_challenge);
  routes.read(kAll, "verify_challenge_list", list_challenges, Guests::kDevices);
  routes.read(kOne, "verify_challenge_show", show_challenge, Guests::kDevices);
  routes.answered(kOne, "verify_challenge_update", update_challenge, AnswerOf::kChallenge);
  routes.write(http::Method::kPost, "/v2/Services/{service}/Entities/{identity}/Challenges/{sid}/Notifications",
               "verify_notification_create", notify);
}

}  // namespace countersign::api::twilio
