#include "usecase/verify_api/passkey.h"

#include "base/encoding.h"
#include "usecase/passkey/enrol.h"
#include "usecase/verify_api/hooks.h"
#include "usecase/verify_api/passkey_terms.h"
#include "webauthn/challenge.h"
#include "webauthn/client_data.h"

namespace countersign::usecase::verify_api {

namespace {

/// An offer can be asked for so long after it is over.
constexpr auto kOfferKept = std::chrono::hours(24);

webauthn::ResidentKey parse_resident_key(std::string_view word) {
  if (word == "required") return webauthn::ResidentKey::kRequired;
  return word == "preferred" ? webauthn::ResidentKey::kPreferred : webauthn::ResidentKey::kDiscouraged;
}

Refusal passkey_problem(const Problem& problem) {
  switch (problem.code) {
    case Code::kNotAvailableNow:  // By the fraud rules, which tell nothing.
    case Code::kWrongResponse: {
      Refusal refusal{ErrorCode::kFactorVerification};
      refusal.keep = true;  // The challenge is spent.
      return refusal;
    }
    case Code::kFactorUnusable:
      return {ErrorCode::kFactorStatus, problem.detail};
    case Code::kTooManyFactors:
      return {ErrorCode::kTooManyFactors};
    case Code::kInvalidField:
      return {ErrorCode::kInvalidRequest, "friendly_name"};
    case Code::kNotFound:
      return {ErrorCode::kPasskeyNotFound};
    default:
      return {ErrorCode::kTooManyRequests, problem.detail, problem.retry_after};
  }
}

struct FoundOffer {
  Id factor;
  std::string identity;
  json::object content;
};

std::optional<FoundOffer> find_offer(const Work& work, const ServiceId& service, std::string_view client_data) {
  const auto challenge = named_challenge(client_data);
  if (!challenge) return std::nullopt;
  auto found = store::find_named(work.tx, work.context.vault, work.caller.account, kOfferKind, service.id, *challenge);
  if (!found) return std::nullopt;
  std::string identity(json_text(found->content, "identity").value_or(""));
  return FoundOffer{found->id, std::move(identity), std::move(found->content)};
}

const json::object* config_in(const json::object& content) {
  const auto* config = content.if_contains("config");
  return config != nullptr && config->is_object() ? &config->get_object() : nullptr;
}

}  // namespace

const json::object* config_of(const Factor& factor) { return config_in(factor.content); }

std::optional<std::string> named_challenge(std::string_view client_data) {
  auto said = webauthn::parse_client_data(client_data);
  if (!said) return std::nullopt;
  const auto bytes = from_base64url(said->challenge);
  if (!bytes || bytes->size() != webauthn::kChallengeSize) return std::nullopt;
  return std::move(said->challenge);
}

Verdict<CreatedPasskey> create_passkey(const Work& work, const ServiceId& service_id, const NewPasskey& given) {
  const auto service = find_service(work, service_id);
  if (!service) return refuse(ErrorCode::kNotFound);
  auto terms = passkey_terms(*service, given.config ? &*given.config : nullptr);
  if (!terms) return fail(terms.error());
  auto entity = find_entity(work, service_id, given.identity);
  if (!entity) entity = create_entity(work, service_id, given.identity);
  if (!entity) return fail(entity.error());
  json::object config = config_json(*terms);
  PasskeyEnrolRequest request{given.identity, given.friendly_name, given.friendly_name, service_id};
  request.wishes = PasskeyWishes{std::move(terms->settings), std::move(terms->party_name),
                                 terms->attachment == "any" ? std::string() : std::move(terms->attachment),
                                 parse_resident_key(terms->discoverable)};
  const auto enrolled = enrol_passkey(work, request);
  if (!enrolled) return fail(passkey_problem(enrolled.error()));
  auto options = parse_json(enrolled->options)->get_object();
  const store::Resource offer{
      work.caller.account,
      kOfferKind,
      service_id.id,
      enrolled->id.id,
      std::string(json_text(options, "challenge").value()),
      {{"service", service_id.text()}, {"identity", given.identity}, {"config", std::move(config)}},
      work.moment.now,
      work.moment.now,
      enrolled->confirm_by + kOfferKept};
  CS_CHECK(store::insert_resource(work.tx, work.context.vault, offer, work.moment.random));
  auto factor = find_factor(work, service_id, *entity, enrolled->id);
  if (!factor) return fail(factor.error());
  enqueue_factor_webhook(work, "factor.created", service_id, *entity, *factor);
  return CreatedPasskey{*std::move(entity), *std::move(factor), std::move(options)};
}

json::object passkey_config(const Service& service, const Factor& factor) {
  if (const auto* config = config_of(factor)) return *config;
  const auto* set = service.content.if_contains("passkeys");
  const json::object none;
  const auto& passkeys = set != nullptr && set->is_object() ? set->get_object() : none;
  json::object config{{"relying_party", party_json(service)}};
  for (const auto name : {"authenticator_attachment", "discoverable_credentials", "user_verification"})
    config[name] = json_text(passkeys, name).value_or("");
  return config;
}

std::optional<SeenRegistration> look_for_registration(const Work& work, const ServiceId& service_id,
                                                      const webauthn::RegistrationResponse& response) {
  const auto service = find_service(work, service_id);
  const auto found = service ? find_offer(work, service_id, response.client_data) : std::nullopt;
  if (!found) return std::nullopt;
  auto offer = look_for_offer(work, found->identity, FactorId{found->factor});
  if (!offer) return std::nullopt;
  auto terms = passkey_terms(*service, config_in(found->content));
  if (!terms) return std::nullopt;
  return SeenRegistration{*std::move(offer), std::move(terms->settings)};
}

Verdict<VerifiedPasskey> verify_passkey(const Work& work, const ServiceId& service,
                                        const webauthn::RegistrationResponse& response,
                                        const std::optional<JudgedRegistration>& judged) {
  auto offer = find_service(work, service) ? find_offer(work, service, response.client_data) : std::nullopt;
  if (!offer) return refuse(ErrorCode::kPasskeyNotFound);
  auto entity = find_entity(work, service, offer->identity);
  if (!entity) return refuse(ErrorCode::kPasskeyNotFound);
  const FactorId id{offer->factor};
  const auto confirmed = confirm_passkey(work, offer->identity, id, judged, {});
  if (!confirmed) return fail(passkey_problem(confirmed.error()));
  static_cast<void>(store::delete_resource(work.tx, work.caller.account, kOfferKind, service.id, id.id));
  offer->content.erase("identity");
  keep_content(work, *entity, id, std::move(offer->content));
  auto factor = find_factor(work, service, *entity, id);
  if (!factor) return fail(factor.error());
  enqueue_factor_webhook(work, "factor.verified", service, *entity, *factor);
  return VerifiedPasskey{*std::move(entity), *std::move(factor)};
}

}  // namespace countersign::usecase::verify_api
