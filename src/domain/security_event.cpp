#include "domain/security_event.h"

#include <algorithm>
#include <array>

namespace countersign::domain {

namespace {

constexpr std::size_t kEventsMax = 16;
constexpr std::size_t kNamesMax = 8;
constexpr std::size_t kAudienceMax = 16;
constexpr std::size_t kTextMax = 512;
constexpr std::size_t kJtiMax = 256;

constexpr std::array<std::string_view, 12> kEventNames = {
    "account-disabled",         "account-purged",     "account-credential-change-required",
    "credential-compromise",    "identifier-changed", "identifier-recycled",
    "session-revoked",          "credential-change",  "assurance-level-change",
    "device-compliance-change", "risk-level-change",  "other"};

constexpr std::string_view kRisc = "https://schemas.openid.net/secevent/risc/event-type/";
constexpr std::string_view kCaep = "https://schemas.openid.net/secevent/caep/event-type/";

SharedEvent parse_event(std::string_view uri) {
  const bool risc = uri.starts_with(kRisc);
  if (!risc && !uri.starts_with(kCaep)) return SharedEvent::kOther;
  std::string_view name = uri.substr(risc ? kRisc.size() : kCaep.size());
  if (risc && name == "sessions-revoked") return SharedEvent::kSessionRevoked;  // RISC's own, before CAEP had it.
  const auto* const found = std::ranges::find(kEventNames, name);
  if (found == kEventNames.end()) return SharedEvent::kOther;
  const auto event = static_cast<SharedEvent>(found - kEventNames.begin());
  const bool of_risc = event <= SharedEvent::kIdentifierRecycled;
  return of_risc == risc ? event : SharedEvent::kOther;
}

bool worsens(SharedEvent event, const json::object& details) {
  switch (event) {
    case SharedEvent::kAssuranceLevelChange:
      return json_text(details, "change_direction") != "increase";
    case SharedEvent::kDeviceComplianceChange:
      return json_text(details, "current_status") != "compliant";
    case SharedEvent::kRiskLevelChange:
      return json_text(details, "current_level") == "HIGH";
    default:
      return true;
  }
}

std::optional<std::string> bounded_text(const json::object& object, std::string_view name) {
  const auto text = json_text(object, name);
  if (!text || text->empty() || text->size() > kTextMax) return std::nullopt;
  return std::string(*text);
}

void add_name(std::vector<SubjectName>& names, SubjectName::Kind kind, std::optional<std::string> value,
              std::string issuer = "") {
  if (value && names.size() < kNamesMax) names.push_back({kind, *std::move(value), std::move(issuer)});
}

/// The names in one subject identifier. `outer`: it may contain others, which may not.
void read_names(const json::object& subject, std::vector<SubjectName>& names, bool outer) {
  using enum SubjectName::Kind;
  auto format = json_text(subject, "format");
  if (!format) format = json_text(subject, "subject_type");  // Drafts, as RISC transmitters still send.
  if (format == "iss_sub" || format == "iss-sub") {
    add_name(names, kIdentity, bounded_text(subject, "sub"), bounded_text(subject, "iss").value_or(""));
  } else if (format == "opaque") {
    add_name(names, kIdentity, bounded_text(subject, "id"));
  } else if (format == "account") {
    add_name(names, kIdentity, bounded_text(subject, "uri"));
  } else if (format == "phone_number" || format == "phone") {
    auto number = bounded_text(subject, "phone_number");
    if (!number) number = bounded_text(subject, "phone");
    add_name(names, kPhone, std::move(number));
  } else if (format == "email") {
    add_name(names, kEmail, bounded_text(subject, "email"));
  } else if (format == "aliases" && outer) {
    const json::value* list = subject.if_contains("identifiers");
    if (list == nullptr || !list->is_array()) return;
    for (const json::value& entry : list->get_array()) {
      if (entry.is_object()) read_names(entry.get_object(), names, false);
    }
  } else if (outer) {
    // Complex subjects: of a session, a device and a user, the user is who is known here.
    const json::value* user = subject.if_contains("user");
    if (user != nullptr && user->is_object()) read_names(user->get_object(), names, false);
  }
}

std::vector<SubjectName> names_of(const json::object& claims, const json::object& details) {
  std::vector<SubjectName> names;
  const json::value* subject = claims.if_contains("sub_id");
  if (subject == nullptr) subject = details.if_contains("subject");
  if (subject != nullptr && subject->is_object()) read_names(subject->get_object(), names, true);
  return names;
}

std::optional<std::vector<std::string>> read_audience(const json::object& claims) {
  const json::value* aud = claims.if_contains("aud");
  if (aud == nullptr) return std::nullopt;
  if (const auto* one = aud->if_string()) return std::vector{std::string(*one)};
  const auto* list = aud->if_array();
  if (list == nullptr || list->empty() || list->size() > kAudienceMax) return std::nullopt;
  std::vector<std::string> out;
  for (const json::value& entry : *list) {
    if (!entry.is_string()) return std::nullopt;
    out.emplace_back(entry.get_string());
  }
  return out;
}

}  // namespace

std::string_view to_text(SharedEvent event) { return kEventNames.at(static_cast<std::size_t>(event)); }

std::optional<SecurityEvents> read_security_events(const json::object& claims) {
  SecurityEvents out;
  const auto issuer = bounded_text(claims, "iss");
  auto audience = read_audience(claims);
  const auto jti = bounded_text(claims, "jti");
  const auto issued = json_integer(claims, "iat");
  const json::value* events = claims.if_contains("events");
  if (!issuer || !audience || !jti || jti->size() > kJtiMax || !issued || *issued < 0 || claims.contains("exp") ||
      events == nullptr || !events->is_object())
    return std::nullopt;
  // Seconds of parsed JSON are within 2^53; later than the year 9999 is no time.
  constexpr std::int64_t kEndOfTime = 253'402'300'800;
  if (*issued >= kEndOfTime) return std::nullopt;
  const json::object& all = events->get_object();
  if (all.empty() || all.size() > kEventsMax) return std::nullopt;
  out.issuer = *issuer;
  out.audience = *std::move(audience);
  out.jti = *jti;
  out.issued_at = WallTime(std::chrono::seconds(*issued));
  for (const auto& [uri, details] : all) {
    if (!details.is_object()) return std::nullopt;
    const SharedEvent event = parse_event(uri);
    out.events.push_back({event, worsens(event, details.get_object()), names_of(claims, details.get_object())});
  }
  return out;
}

EventEffect effect_of(const ToldEvent& told, SubjectName::Kind named_by, bool runs_contact) {
  if (!told.worsens) return {};
  const bool of_contact = named_by != SubjectName::Kind::kIdentity && runs_contact;
  switch (told.event) {
    // The name is no longer hers: whoever runs it knows.
    case SharedEvent::kIdentifierChanged:
    case SharedEvent::kIdentifierRecycled:
    // A stolen or closed account at whoever runs her mailbox is a stolen or closed mailbox.
    case SharedEvent::kAccountDisabled:
    case SharedEvent::kAccountPurged:
    case SharedEvent::kCredentialCompromise:
    case SharedEvent::kCredentialChangeRequired:
      return {.suspects_contact = of_contact, .stops_changes = true, .asks_for_more = true};
    case SharedEvent::kSessionRevoked:
    case SharedEvent::kCredentialChange:
    case SharedEvent::kAssuranceLevelChange:
    case SharedEvent::kDeviceComplianceChange:
    case SharedEvent::kRiskLevelChange:
      return {.suspects_contact = false, .stops_changes = false, .asks_for_more = true};
    case SharedEvent::kOther:
      return {};
  }
  return {};
}

}  // namespace countersign::domain
