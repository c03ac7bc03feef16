#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "crypto/foreign_token.h"
#include "domain/security_event.h"
#include "usecase/idempotency.h"
#include "usecase/work.h"

namespace countersign::usecase {

/// Whom one issuer of Shared Signals may tell what, by the configuration.
struct SignalReceiver {
  std::string name;  ///< Of the configuration; in the address that it posts to.
  AccountId account = {};
  std::string issuer;          ///< `iss` of its tokens.
  std::string audience;        ///< One of their `aud`.
  std::string subject_issuer;  ///< `iss` of names of the format iss_sub whose `sub` is a subject's identity.
  std::vector<crypto::ForeignAlgorithm> algorithms = {crypto::ForeignAlgorithm::kRs256,
                                                      crypto::ForeignAlgorithm::kEs256};
  bool runs_mailboxes = false;  ///< It runs the mailboxes that it names, so that it speaks of them.
  bool runs_lines = false;      ///< Likewise the telephone lines.
};

/// `err` of RFC 8935, section 2.4.
enum class SetRefusal : std::uint8_t { kInvalidRequest, kInvalidKey, kInvalidIssuer, kInvalidAudience, kUnauthentic };
[[nodiscard]] std::string_view to_text(SetRefusal refusal);

/// Older tokens are refused: what is remembered against replays is kept for a day.
inline constexpr Duration kSetAgeMax = std::chrono::hours(23);
/// Newer ones too, beyond what clocks differ.
inline constexpr Duration kSetAhead = std::chrono::minutes(5);

/// The events of a token that one of these keys signed for this receiver, and that is of now. Pure.
[[nodiscard]] Result<domain::SecurityEvents, SetRefusal> read_set(std::string_view token,
                                                                  const std::vector<crypto::ForeignKey>& keys,
                                                                  const SignalReceiver& receiver, WallTime now);

/// Does what the events ask for (domain::effect_of), once for each `jti`, by all nodes: a repetition has the same
/// answer and no effect. People who are not known are passed over. kIdempotencyMismatch: that `jti` came with other
/// content. Needs a unit that runs beside no other.
[[nodiscard]] Answer<Recorded> take_security_events(const Work& work, const SignalReceiver& receiver,
                                                    const domain::SecurityEvents& events, std::string_view token);

}  // namespace countersign::usecase
