#include <fmt/format.h>

#include <memory>

#include "api/run.h"
#include "api/twilio/entity_json.h"
#include "api/twilio/routes.h"
#include "base/encoding.h"
#include "domain/display.h"
#include "usecase/verify_api/passkey.h"
#include "usecase/verify_api/passkey_challenge.h"
#include "webauthn/client_data.h"
#include "webauthn/response_json.h"
#include "webauthn/sizes.h"

// The paths of passkeys. Their bodies are JSON; null is the same as absent, because some SDKs write what was not given.
// What is malformed has an error of its own, what is wrong has not. [WA-A14]
namespace countersign::api::twilio {

namespace {

namespace verify_api = usecase::verify_api;

const json::value* given(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  return value == nullptr || value->is_null() ? nullptr : value;
}

Verdict<json::object> read_body(const Call& call) {
  if (call.request.body.empty()) return json::object();
  constexpr auto kSentence = "the body must be a JSON object";
  if (call.request.body.size() > webauthn::kResponseJsonMax) return refuse(ErrorCode::kInvalidRequest, kSentence);
  auto value = parse_json(call.request.body);
  if (!value || !value->is_object()) return refuse(ErrorCode::kInvalidRequest, kSentence);
  return std::move(value->get_object());
}

/// The SDK for Node sends the names of its own types: friendlyName, relyingParty.
std::string in_snake_case(std::string_view name) {
  std::string out;
  for (const char c : name) {
    if (c >= 'A' && c <= 'Z') {
      out += '_';
      out += static_cast<char>(c - 'A' + 'a');
    } else {
      out += c;
    }
  }
  return out;
}

/// With the names that the description has, also in objects inside. A name in both spellings counts as described.
json::object as_described(const json::object& object) {
  json::object out;
  for (const auto& [name, value] : object) {
    const std::string described = in_snake_case(name);
    if (described != std::string_view(name) && object.contains(described)) continue;
    out[described] = value.is_object() ? json::value(as_described(value.get_object())) : value;
  }
  return out;
}

Verdict<json::object> read_described(const Call& call) {
  return read_body(call).transform([](const json::object& body) { return as_described(body); });
}

/// nullopt if it is no text, or none of base64url for 1 to `most` bytes.
std::optional<std::string_view> binary_text(const json::object& object, std::string_view name, std::size_t most) {
  const auto text = json_text(object, name);
  if (!text || text->empty() || text->size() > (most * 4 + 2) / 3 || !from_base64url(*text)) return std::nullopt;
  return text;
}

enum class Finishing { kRegistration, kAssertion };

/// Of a registration everything but the response may be left out.
std::optional<ErrorCode> fault_of_credential(const json::object& body, Finishing what) {
  const bool required = what == Finishing::kAssertion;
  const auto id = binary_text(body, "id", webauthn::kCredentialIdMax);
  if (!id && (required || given(body, "id") != nullptr)) return ErrorCode::kPasskeyId;
  // As browsers write it, or in hexadecimal, as in Twilio's examples.
  const auto raw = json_text(body, "rawId");
  const bool fits = raw && id && (*raw == *id || *raw == to_hex(*from_base64url(*id)));
  if (!fits && (required || given(body, "rawId") != nullptr)) return ErrorCode::kPasskeyRawId;
  const auto attachment = json_text(body, "authenticatorAttachment");
  const bool known = attachment == "platform" || attachment == "cross-platform";
  if (!known && (required || given(body, "authenticatorAttachment") != nullptr)) return ErrorCode::kPasskeyAttachment;
  if (given(body, "type") != nullptr && json_text(body, "type") != "public-key") return ErrorCode::kPasskeyResponse;
  return std::nullopt;
}

std::optional<ErrorCode> fault_of_response(const json::object& response, Finishing what) {
  if (!binary_text(response, "clientDataJSON", webauthn::kClientDataMax)) return ErrorCode::kClientData;
  if (what == Finishing::kRegistration) {
    const bool fits = binary_text(response, "attestationObject", webauthn::kAttestationObjectMax).has_value();
    return fits ? std::nullopt : std::optional(ErrorCode::kAttestationObject);
  }
  if (!binary_text(response, "authenticatorData", webauthn::kAuthenticatorDataMax))
    return ErrorCode::kAuthenticatorData;
  if (!binary_text(response, "signature", webauthn::kSignatureMax)) return ErrorCode::kPasskeySignature;
  return std::nullopt;
}

/// As webauthn/response_json.h reads it; `id` is a placeholder where none was given.
Verdict<json::object> read_credential(const Call& call, Finishing what) {
  auto body = read_body(call);
  if (!body) return body;
  if (const auto fault = fault_of_credential(*body, what)) return refuse(*fault);
  const auto* response = given(*body, "response");
  if (response == nullptr || !response->is_object()) return refuse(ErrorCode::kPasskeyResponse);
  if (const auto fault = fault_of_response(response->get_object(), what)) return refuse(*fault);
  const json::value id = given(*body, "id") == nullptr ? json::value("AA") : body->at("id");
  return json::object{{"id", id}, {"rawId", id}, {"type", "public-key"}, {"response", *response}};
}

Verdict<webauthn::RegistrationResponse> read_registration(const Call& call) {
  auto body = read_credential(call, Finishing::kRegistration);
  if (!body) return countersign::fail(body.error());
  auto response = webauthn::read_registration_response(*body);
  if (!response) return refuse(ErrorCode::kPasskeyResponse);
  if (body->at("id") == "AA") response->id.clear();
  return *std::move(response);
}

Verdict<webauthn::AuthenticationResponse> read_assertion(const Call& call) {
  auto body = read_credential(call, Finishing::kAssertion);
  if (!body) return countersign::fail(body.error());
  auto response = webauthn::read_authentication_response(*body);
  if (!response) return refuse(ErrorCode::kPasskeyResponse);
  return *std::move(response);
}

Verdict<verify_api::NewPasskey> read_passkey(const Call& call) {
  const auto body = read_described(call);
  if (!body) return countersign::fail(body.error());
  verify_api::NewPasskey passkey;
  passkey.friendly_name = json_text(*body, "friendly_name").value_or("");
  if (passkey.friendly_name.empty() || !domain::is_showable(passkey.friendly_name, 64))
    return refuse(ErrorCode::kInvalidRequest, "friendly_name");
  passkey.identity = json_text(*body, "identity").value_or("");
  if (!verify_api::is_identity(passkey.identity)) return refuse(ErrorCode::kPasskeyIdentity);
  if (const auto* config = given(*body, "config")) {
    if (!config->is_object()) return refuse(ErrorCode::kPasskeyConfig);
    passkey.config = config->get_object();
    const auto* party = given(*passkey.config, "relying_party");
    if (party != nullptr && !party->is_object()) return refuse(ErrorCode::kRelyingParty);
  }
  return passkey;
}

Verdict<verify_api::NewPasskeyChallenge> read_challenge(const Call& call) {
  const auto body = read_described(call);
  if (!body) return countersign::fail(body.error());
  verify_api::NewPasskeyChallenge challenge;
  if (given(*body, "identity") != nullptr) {
    challenge.identity = json_text(*body, "identity").value_or("");
    if (!verify_api::is_identity(*challenge.identity)) return refuse(ErrorCode::kPasskeyIdentity);
  }
  if (given(*body, "factor_sid") == nullptr) return challenge;
  challenge.factor = FactorId::parse(json_text(*body, "factor_sid").value_or(""));
  if (!challenge.factor) return refuse(ErrorCode::kFactorSid);
  if (!challenge.identity) return refuse(ErrorCode::kPasskeyIdentity, "a factor belongs to one");
  return challenge;
}

/// `path`: the last part of its url.
std::string asked_json(const Twilio& twilio, const Call& call, const verify_api::AskedPasskey& asked,
                       std::string_view path, WallTime now) {
  const auto& [challenge, entity, options] = asked;
  json::object out = challenge_object(call, challenge, entity ? &*entity : nullptr, now);
  out["factor_sid"] = json_text(challenge.content, "factor_sid").value_or("");
  for (const std::string_view name : {"details", "hidden_details", "metadata", "links"}) out[name] = nullptr;
  out["factor_type"] = "passkeys";
  out["url"] = fmt::format("{}/v2/Services/{}/Passkeys/{}", twilio.api.context.settings.public_url,
                           call.request.params.at(0), path);
  out["options"] = json::object{{"publicKey", options}};
  return canonical_json(out);
}

Verdict<Answered> create_passkey(const Twilio& twilio, const usecase::Work& work, const Call& call) {
  const auto service = owned_service(work, call);
  if (!service) return refuse(ErrorCode::kNotFound);
  const auto passkey = read_passkey(call);
  if (!passkey) return countersign::fail(passkey.error());
  auto created = verify_api::create_passkey(work, *service, *passkey);
  if (!created) return countersign::fail(created.error());
  json::object out = factor_object(twilio, work, call, created->entity, created->factor);
  out["binding"] = nullptr;
  out["options"] = json::object{{"publicKey", std::move(created->options)}};
  return Answered{201, canonical_json(out), {}, [&api = twilio.api] { api.courier.nudge(); }};
}

Verdict<Answered> create_challenge_of_passkeys(const Twilio& twilio, const usecase::Work& work, const Call& call) {
  const auto service = owned_service(work, call);
  if (!service) return refuse(ErrorCode::kNotFound);
  const auto challenge = read_challenge(call);
  if (!challenge) return countersign::fail(challenge.error());
  return verify_api::create_passkey_challenge(work, *service, *challenge)
      .transform([&](const verify_api::AskedPasskey& asked) {
        return Answered{201, asked_json(twilio, call, asked, "Challenges", work.moment.now)};
      });
}

/// The two calls that finish a ceremony. What the answer is judged by is remembered or read on a snapshot, its
/// signature is verified on this thread, and the unit stores what came of it: nobody waits for somebody else's
/// signature.
template <class Response>
struct Ceremony {
  Verdict<Response> (*read)(const Call&);
  /// On a snapshot, unless `remember` has an answer without; then Judge(seen, response), then Store(work, service,
  /// response, judged).
  template <class Remember, class Look, class Judge, class Store>
  void finish(const Twilio& twilio, Call call, http::Reply reply, Remember remember, Look look, Judge judge,
              Store store) const {
    const Api& api = twilio.api;
    const auto held = std::make_shared<const Call>(std::move(call));
    const auto refused = [held](const Refusal& refusal) {
      return with_id(error_response(refusal, held->request.path), held->request.id);
    };
    auto response = read(*held);
    const auto service = service_in(*held);
    if (!service) return reply.send(refused(Refusal{ErrorCode::kNotFound}));
    if (!response) return reply.send(refused(response.error()));
    const auto shared = std::make_shared<const Response>(*std::move(response));
    using Seen = decltype(look(std::declval<const usecase::Work&>(), *service, *shared));
    const auto conclude = [&twilio, &api, held, shared, judge, store, service = *service](const Seen& seen,
                                                                                          http::Reply to) {
      run(
          api, std::move(to),
          [&twilio, &api, held, shared, store, service, judged = judge(seen, *shared)](store::Tx& tx) {
            Moment moment = api.moment();
            const usecase::Work work{tx, api.context, held->caller, moment};
            Verdict<Answered> verdict = owned_service(work, *held)
                                            ? store(twilio, work, *held, service, *shared, judged)
                                            : Verdict<Answered>(refuse(ErrorCode::kNotFound));
            abandon_if_refused(tx, verdict);
            return verdict;
          },
          [&api, held](Result<Verdict<Answered>, store::StoreError> result) {
            if (auto refusal = refusal_of(result, held->request.path))
              return with_id(*std::move(refusal), held->request.id);
            api.courier.nudge();
            return with_id(response_of(std::move(**result)), held->request.id);
          });
    };
    if (const Seen remembered = remember(api, held->caller, *service, *shared))
      return conclude(remembered, std::move(reply));
    run_on_snapshot(
        api, std::move(reply),
        [&api, held, shared, look, service = *service](store::Tx& tx) -> Seen {
          Moment moment = api.moment();
          return look({tx, api.context, held->caller, moment}, service, *shared);
        },
        [held, conclude](const Result<Seen, store::StoreError>& seen, http::Reply to) {
          if (!seen) return to.send(with_id(error_response(seen.error()), held->request.id));
          conclude(*seen, std::move(to));
        });
  }
};

http::Handler verify_factor(const Twilio& twilio) {
  return signed_in(twilio, [&twilio](Call call, http::Reply reply) {
    const Ceremony<webauthn::RegistrationResponse> ceremony{read_registration};
    ceremony.finish(
        twilio, std::move(call), std::move(reply),
        [](const Api&, const usecase::Caller&, const ServiceId&, const auto&) {
          return std::optional<verify_api::SeenRegistration>();
        },
        verify_api::look_for_registration,
        [&twilio](const std::optional<verify_api::SeenRegistration>& seen, const auto& response) {
          std::optional<usecase::JudgedRegistration> judged;
          if (seen) judged = usecase::judge_registration(seen->settings, seen->offer, response, twilio.api.clock.now());
          return judged;
        },
        [](const Twilio& to, const usecase::Work& work, const Call& original, const ServiceId& service,
           const auto& response, const std::optional<usecase::JudgedRegistration>& judged) {
          return verify_api::verify_passkey(work, service, response, judged)
              .transform([&](const verify_api::VerifiedPasskey& verified) {
                return Answered{200,
                                canonical_json(factor_object(to, work, original, verified.entity, verified.factor))};
              });
        });
  });
}

http::Handler approve_challenge(const Twilio& twilio) {
  return signed_in(twilio, [&twilio](Call call, http::Reply reply) {
    const Ceremony<webauthn::AuthenticationResponse> ceremony{read_assertion};
    ceremony.finish(
        twilio, std::move(call), std::move(reply),
        [](const Api& api, const usecase::Caller& caller, const ServiceId& service, const auto& response) {
          return verify_api::remembered_answer(api.context, caller.account, service, response, api.clock.now());
        },
        verify_api::look_for_answer,
        [&twilio](const std::optional<verify_api::SeenAnswer>& seen, const auto& response) {
          return verify_api::judge_answer(twilio.api.context.passkey_keys, seen, response);
        },
        [](const Twilio& to, const usecase::Work& work, const Call& original, const ServiceId& service,
           const auto& response, const verify_api::JudgedAnswer& judged) {
          return verify_api::approve_challenge(work, service, response, judged)
              .transform([&](const verify_api::AskedPasskey& asked) {
                return Answered{200, asked_json(to, original, asked, "ApproveChallenge", work.moment.now)};
              });
        });
  });
}

}  // namespace

void add_passkey_routes(http::Router& router, const Twilio& twilio) {
  const Routes routes{router, twilio};
  using http::Method::kPost;
  routes.write(kPost, "/v2/Services/{service}/Passkeys/Factors", "verify_passkey_create", create_passkey);
  router.add(kPost, "/v2/Services/{service}/Passkeys/VerifyFactor", "verify_passkey_verify", verify_factor(twilio));
  routes.write(kPost, "/v2/Services/{service}/Passkeys/Challenges", "verify_passkey_challenge",
               create_challenge_of_passkeys);
  router.add(kPost, "/v2/Services/{service}/Passkeys/ApproveChallenge", "verify_passkey_approve",
             approve_challenge(twilio));
}

}  // namespace countersign::api::twilio
