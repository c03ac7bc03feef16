#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "base/time.h"

namespace countersign::domain {

// Security Event Tokens (RFC 8417) of Shared Signals: what an identity provider, a mail provider or a carrier tells of
// an account or an address of a person, by the events of RISC and CAEP. Pure.

/// The events that mean something here. All others are read and have no effect.
enum class SharedEvent : std::uint8_t {
  // RISC Profile 1.0.
  kAccountDisabled,
  kAccountPurged,
  kCredentialChangeRequired,
  kCredentialCompromise,
  kIdentifierChanged,
  kIdentifierRecycled,
  // CAEP 1.0.
  kSessionRevoked,
  kCredentialChange,
  kAssuranceLevelChange,
  kDeviceComplianceChange,
  kRiskLevelChange,
  kOther,  ///< Such as the verification of a stream.
};
/// The last part of its URI: `account-disabled`; `other`.
[[nodiscard]] std::string_view to_text(SharedEvent event);

/// Whom an event is about, by one identifier of RFC 9493.
struct SubjectName {
  enum class Kind : std::uint8_t {
    kIdentity,  ///< `iss_sub`, `opaque` or `account`: the person's name at the issuer.
    kPhone,     ///< `phone_number`.
    kEmail,
  };
  Kind kind = Kind::kIdentity;
  std::string value;   ///< `sub`, `id` or the URI; a number; an address. As it came, at most 512 bytes.
  std::string issuer;  ///< Of `iss_sub`: who gave the `sub`. Else empty.
  friend bool operator==(const SubjectName&, const SubjectName&) = default;
};

struct ToldEvent {
  SharedEvent event = SharedEvent::kOther;
  bool worsens = true;  ///< False where it tells of an improvement: assurance that rises, a device that complies.
  std::vector<SubjectName> subjects;  ///< All names of one subject. Empty: none that is understood.
  friend bool operator==(const ToldEvent&, const ToldEvent&) = default;
};

struct SecurityEvents {
  std::string issuer;
  std::vector<std::string> audience;
  std::string jti;  ///< 1 to 256 bytes.
  WallTime issued_at;
  std::vector<ToldEvent> events;  ///< 1 to 16.
};

/// The claims of a token whose signature holds. nullopt unless it has `iss`, `aud`, `jti`, `iat` and `events`, with the
/// types of RFC 8417, and no `exp`, which no SET of ours has use for and other tokens have (section 4.5). The subject
/// stands in `sub_id` (Shared Signals 1.0), or in the event (`subject`, by older drafts, with `subject_type`).
[[nodiscard]] std::optional<SecurityEvents> read_security_events(const json::object& claims);

/// What is done for a person about whom an event is told. None of it takes from what counts, but for a contact that its
/// own provider speaks of, which is made to wait anew as the application's own report would. [STD-11]
struct EventEffect {
  bool suspects_contact = false;  ///< The contact named waits anew for everybody who has it.
  bool stops_changes = false;     ///< What was added and does not count yet is stopped, as by "it wasn't me".
  bool asks_for_more = false;     ///< For a time, another kind is asked for where she has one.
  friend bool operator==(const EventEffect&, const EventEffect&) = default;
};
/// `runs_contact`: the issuer is the one who runs that mailbox or line, so that it speaks of the contact itself.
[[nodiscard]] EventEffect effect_of(const ToldEvent& told, SubjectName::Kind named_by, bool runs_contact);

}  // namespace countersign::domain
