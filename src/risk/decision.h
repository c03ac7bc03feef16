#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace countersign::risk {

// What the engine answers where money or trust moves (docs/adr/0051). Pure.

/// Where a decision is made. Append only, like the other enumerations here: stored decisions hold their numbers.
enum class Point : std::uint8_t {
  kHold,     ///< An application hands over a transaction.
  kSend,     ///< A message is about to leave that costs money.
  kEnrol,    ///< A person gets another source.
  kApprove,  ///< A proof would complete a transaction.
  kClaim,    ///< A verified transaction would be released.
};
[[nodiscard]] std::string_view to_text(Point point);
[[nodiscard]] std::optional<Point> parse_point(std::string_view text);

/// From mild to hard: of several, the hardest holds.
enum class Outcome : std::uint8_t {
  kAllow,
  kNote,         ///< Allowed, and shown to whoever reads decisions.
  kAnotherKind,  ///< Allowed with a proof of another kind; to a page that sends: with a proof of work.
  kReview,       ///< Waits for an operator's word.
  kRefuse,
};
[[nodiscard]] std::string_view to_text(Outcome outcome);
[[nodiscard]] std::optional<Outcome> parse_outcome(std::string_view text);

/// A value that a rule compared, and what it compared it with.
struct Figure {
  std::string feature;  ///< A name of features.h.
  double value = 0;
  double limit = 0;
  friend bool operator==(const Figure&, const Figure&) = default;
};

/// A rule that matched.
struct Match {
  std::string rule;  ///< Built in, or of the configuration.
  Outcome outcome = Outcome::kNote;
  bool shadow = false;    ///< Only says what it would have done.
  bool advisory = false;  ///< May be skipped by RiskCheck=disable and by SafeList. Budgets and ceilings never are.
  std::vector<Figure> figures;
  friend bool operator==(const Match&, const Match&) = default;
};

/// Why a rule that matched does not decide.
enum class AllowReason : std::uint8_t {
  kProvedContact,  ///< The person has proved this contact before.
  kSafeList,
  kRiskCheckDisabled,
  kShadow,
  kFellBack,  ///< The rule hit too many established people.
  kOperator,  ///< An operator lifted the block, or allowed the review.
};
[[nodiscard]] std::string_view to_text(AllowReason reason);

struct Decision {
  Point point = Point::kSend;
  Outcome outcome = Outcome::kAllow;
  std::vector<Match> matches;               ///< All, with those that do not decide.
  std::optional<AllowReason> allow_reason;  ///< Where one of them would have decided otherwise.
  friend bool operator==(const Decision&, const Decision&) = default;
};

/// Which of the matches may be set aside.
struct Leniency {
  bool proved_contact = false;  ///< At kSend, sets aside every rule; ceilings and budgets are no rules, and stay.
  bool safe_listed = false;
  bool risk_check_disabled = false;
  bool operator_allowed = false;  ///< An operator has allowed this transaction: every rule is set aside.
  /// Rules that have gone wild (risk/guard.h): they count as kAnotherKind where they would be harder.
  std::vector<std::string> fell_back = {};
};

/// The hardest of the matches that decide.
[[nodiscard]] Decision decide(Point point, std::vector<Match> matches, const Leniency& leniency);

}  // namespace countersign::risk
