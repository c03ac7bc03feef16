#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/id.h"
#include "contact/channel.h"
#include "domain/method.h"
#include "domain/standing/counted.h"

namespace countersign::domain {

/// What must be proved before a release. Configured by name, or given in the hold.
struct Policy {
  MethodSet any_of;                ///< Methods that count. Never empty.
  int min_kinds = 1;               ///< Number of different kinds (Kind) required, 1 to 3.
  bool user_verification = false;  ///< Passkeys must verify the person, not only presence.
  bool device_bound = false;       ///< Passkeys must not be able to leave their device. [BND-7]
  bool totp_alone = true;          ///< False: a TOTP code needs another proof, because it cannot show what is approved.
  bool email_alone = false;        ///< False: an e-mail code needs another proof. [OTP-9]
  bool display_required = true;  ///< False: a message that does not show what is approved may be chosen for the person.
  bool trust_on_first_use = false;  ///< The link may bind a first factor if nothing was ever given or proved. [STD-1]
  MethodSet enrol;                  ///< What the person may add on the page; it does not count for earlier holds.
  Duration wait{};                  ///< Lengthens the wait of a new source, never shortens it. [STD-3]
  /// The fraud rules ask for one kind more than `min_kinds`: by any of these methods, or of `any_of`. It meets no other
  /// clause. Empty: they do not. Never configured. [ADR 51]
  MethodSet also;

  /// Whether a proof by that method can help to meet it.
  [[nodiscard]] bool takes(Method method) const { return any_of.contains(method) || also.contains(method); }

  friend bool operator==(const Policy&, const Policy&) = default;
};

/// Why a policy is invalid, or nullopt. Checked when configured and when given in a hold.
[[nodiscard]] std::optional<std::string_view> policy_fault(const Policy& policy);

/// Whether the answers of a service's devices carry the number that the asking page shows.
enum class PushAnswers : std::uint8_t { kBare, kWithNumber };

/// Whether the methods of `offered` can satisfy the policy. A push without a number is one kind beside another, as in
/// standing::judge(). [PUSH-8]
[[nodiscard]] bool can_be_met(const Policy& policy, MethodSet offered, PushAnswers push = PushAnswers::kBare);

/// What an authenticator said of itself in the answer that proved something. Both false for other methods.
struct PasskeyFacts {
  bool user_verified =
      false;                  ///< It verified the person: PIN, fingerprint, face. Without it, it is one factor. [BND-7]
  bool device_bound = false;  ///< Its key cannot be copied to another device (BE is clear).

  friend bool operator==(const PasskeyFacts&, const PasskeyFacts&) = default;
};

/// The policy with one kind more, by any method of `offered` but recovery codes. Nothing changes in one that asks for
/// it already.
[[nodiscard]] Policy with_another_kind(Policy policy, MethodSet offered);

/// Whether a passkey's answer has what the policy asks of passkeys; true for every other method.
[[nodiscard]] bool suffices(const Policy& policy, Method method, const PasskeyFacts& facts);

/// What a device's answer to a push carried. False for other methods.
struct PushFacts {
  /// The person typed into it the number that the asking page shows. Without it the answer is not tied to the page that
  /// asked: one kind beside another, never enough alone, and no policy changes that. [PUSH-8]
  bool number_typed = false;

  friend bool operator==(const PushFacts&, const PushFacts&) = default;
};

/// An accepted proof for one transaction.
struct Proof {
  /// By which codes for it went to the line: `channels`, or that of the method. Empty for a factor.
  [[nodiscard]] std::vector<contact::Channel> sent_by() const;
  /// The id of its source, as text: `AD…` of a line or a mailbox, `YF…` of a factor.
  [[nodiscard]] std::string source_text() const;

  Method method;
  Id source;  ///< Id of the address (one line, whatever the channel) or of the factor.
  WallTime proven_at;
  std::optional<ContactId> contact{};  ///< The contact of that address that was used; nullopt for a factor.
  standing::HowCounted how{};
  PasskeyFacts passkey{};
  /// The channels by which codes for it went to the line, where the product chose them or they changed; empty: by that
  /// of the method alone.
  std::vector<contact::Channel> channels{};
  PushFacts push{};

  friend bool operator==(const Proof&, const Proof&) = default;
};

}  // namespace countersign::domain
