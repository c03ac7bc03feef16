#include "usecase/verify_api/passkey_terms.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "domain/display.h"

namespace countersign::usecase::verify_api {

namespace {

using webauthn::UserVerification;
using Origins = std::vector<std::string>;

constexpr std::array<std::string_view, 3> kDegrees{"required", "preferred", "discouraged"};
constexpr std::array<std::string_view, 3> kAttachments{"platform", "cross-platform", "any"};
constexpr std::size_t kPartyNameMax = 64;

const json::object kNothing;

const json::object& object_in(const json::object& outer, std::string_view name) {
  const auto* inner = outer.if_contains(name);
  return inner != nullptr && inner->is_object() ? inner->get_object() : kNothing;
}

/// Clients leave the scheme out, as in Twilio's example, or write the port that goes without saying.
std::string as_configured(std::string_view origin) {
  std::string text =
      origin.find(':') == std::string_view::npos ? fmt::format("https://{}", origin) : std::string(origin);
  if (text.ends_with('/')) text.pop_back();
  if (text.starts_with("https://") && text.ends_with(":443")) text.resize(text.size() - 4);
  return text;
}

bool is_foreign_id(const webauthn::RelyingParty& party, const json::object& wanted) {
  const auto id = json_text(wanted, "id");
  return id && !id->empty() && *id != party.id;
}

/// Those of the party's origins that are wanted; all, if none is named. nullopt if one is not the party's.
std::optional<Origins> narrowed(const Origins& allowed, const json::object& wanted) {
  const auto* list = wanted.if_contains("origins");
  if (list == nullptr || list->is_null()) return allowed;
  if (!list->is_array() || list->get_array().size() > allowed.size() * 2 + 16) return std::nullopt;
  Origins out;
  for (const auto& value : list->get_array()) {
    const auto* text = value.if_string();
    const std::string origin = text == nullptr ? std::string() : as_configured(*text);
    if (std::ranges::find(allowed, origin) == allowed.end()) return std::nullopt;
    if (std::ranges::find(out, origin) == out.end()) out.push_back(origin);
  }
  return out.empty() ? allowed : out;
}

/// False if it names what the party does not have.
bool narrow(webauthn::RelyingParty& party, const json::object& wanted) {
  if (is_foreign_id(party, wanted)) return false;
  auto origins = narrowed(party.origins, wanted);
  if (origins) party.origins = *std::move(origins);
  return origins.has_value();
}

UserVerification parse_degree(std::string_view word) {
  if (word == "required") return UserVerification::kRequired;
  return word == "preferred" ? UserVerification::kPreferred : UserVerification::kDiscouraged;
}

UserVerification stricter(UserVerification a, UserVerification b) {
  static_assert(UserVerification::kRequired < UserVerification::kPreferred &&
                UserVerification::kPreferred < UserVerification::kDiscouraged);
  return std::min(a, b);
}

const json::object& passkeys_in(const Service& service) { return object_in(service.content, "passkeys"); }

/// The configuration's, narrowed by the service's, as far as that is still allowed.
PasskeySettings settings_for(const Service& service) {
  PasskeySettings settings = *service.settings.passkeys;
  static_cast<void>(narrow(settings.party, object_in(passkeys_in(service), "relying_party")));
  const auto wanted = json_text(passkeys_in(service), "user_verification").value_or("");
  if (!wanted.empty()) settings.user_verification = stricter(settings.user_verification, parse_degree(wanted));
  return settings;
}

std::string name_for(const Service& service) {
  const auto name = json_text(object_in(passkeys_in(service), "relying_party"), "name").value_or("");
  return name.empty() ? service.settings.friendly_name : std::string(name);
}

/// What stands in `config`, or else in the service. Nothing if what stands there is not one of `words`.
std::optional<std::string> chosen(const Service& service, const json::object& config, std::string_view name,
                                  const std::array<std::string_view, 3>& words) {
  const auto* given = config.if_contains(name);
  if (given == nullptr || given->is_null()) return std::string(json_text(passkeys_in(service), name).value_or(""));
  const auto* text = given->if_string();
  const std::string_view word = text == nullptr ? std::string_view() : std::string_view(*text);
  return std::ranges::find(words, word) == words.end() ? std::nullopt : std::optional(std::string(word));
}

/// As Twilio's message: it lists the missing fields.
std::optional<Refusal> missing_criteria(const PasskeyTerms& terms) {
  std::string missing;
  const auto need = [&](std::string_view name, const std::string& value) {
    if (!value.empty()) return;
    if (!missing.empty()) missing += ", ";
    missing += name;
  };
  need("authenticator_attachment", terms.attachment);
  need("discoverable_credentials", terms.discoverable);
  need("user_verification", terms.user_verification);
  return missing.empty() ? std::nullopt : std::optional(Refusal{ErrorCode::kPasskeyCriteria, missing});
}

}  // namespace

Verdict<PasskeySettings> passkey_settings(const Service& service) {
  if (!service.settings.passkeys) return refuse(ErrorCode::kFeatureNotEnabled);
  return settings_for(service);
}

Verdict<PasskeyTerms> passkey_terms(const Service& service, const json::object* config) {
  if (!service.settings.passkeys) return refuse(ErrorCode::kFeatureNotEnabled);
  const json::object& given = config == nullptr ? kNothing : *config;
  PasskeyTerms terms{settings_for(service), name_for(service), {}, {}, {}};
  const json::object& party = object_in(given, "relying_party");
  if (!narrow(terms.settings.party, party))
    return refuse(
        ErrorCode::kRelyingParty,
        fmt::format("id and origins must be among those of the configuration, for {}", terms.settings.party.id));
  if (const auto name = json_text(party, "name"); name && !name->empty()) {
    if (!domain::is_showable(*name, kPartyNameMax)) return refuse(ErrorCode::kRelyingParty, "name");
    terms.party_name = *name;
  }
  const auto attachment = chosen(service, given, "authenticator_attachment", kAttachments);
  if (!attachment) return refuse(ErrorCode::kPasskeyAttachment);
  const auto discoverable = chosen(service, given, "discoverable_credentials", kDegrees);
  if (!discoverable) return refuse(ErrorCode::kPasskeyConfig, "discoverable_credentials");
  const auto verification = chosen(service, given, "user_verification", kDegrees);
  if (!verification) return refuse(ErrorCode::kPasskeyConfig, "user_verification");
  terms.attachment = *attachment;
  terms.discoverable = *discoverable;
  terms.user_verification = *verification;
  if (auto missing = missing_criteria(terms)) return countersign::fail(*std::move(missing));
  terms.settings.user_verification = stricter(terms.settings.user_verification, parse_degree(*verification));
  return terms;
}

json::object config_json(const PasskeyTerms& terms) {
  json::array origins;
  for (const auto& origin : terms.settings.party.origins) origins.emplace_back(origin);
  return {{"relying_party",
           json::object{{"id", terms.settings.party.id}, {"name", terms.party_name}, {"origins", std::move(origins)}}},
          {"authenticator_attachment", terms.attachment},
          {"discoverable_credentials", terms.discoverable},
          {"user_verification", terms.user_verification}};
}

json::object party_json(const Service& service) {
  if (!service.settings.passkeys) return {{"id", nullptr}, {"name", nullptr}, {"origins", json::array()}};
  const auto settings = settings_for(service);
  json::array origins;
  for (const auto& origin : settings.party.origins) origins.emplace_back(origin);
  return {{"id", settings.party.id}, {"name", name_for(service)}, {"origins", std::move(origins)}};
}

std::optional<Refusal> passkey_refusal(const ServiceSettings& service, const json::object& changes) {
  if (!service.passkeys) return std::nullopt;
  const auto& party = service.passkeys->party;
  const json::object& wanted = object_in(object_in(changes, "passkeys"), "relying_party");
  if (is_foreign_id(party, wanted))
    return Refusal{ErrorCode::kInvalidParameter,
                   fmt::format("Passkeys.RelyingParty.Id must be {}, as the server's configuration has it", party.id)};
  if (!narrowed(party.origins, wanted))
    return Refusal{ErrorCode::kInvalidParameter,
                   "Passkeys.RelyingParty.Origins must be among those of the server's configuration"};
  return std::nullopt;
}

}  // namespace countersign::usecase::verify_api
