#pragma once

#include <optional>
#include <string>

#include "domain/display.h"
#include "domain/standing/history.h"
#include "risk/profile.h"
#include "store/repository/risk_people.h"
#include "store/repository/transactions.h"
#include "usecase/problem.h"
#include "usecase/work.h"

namespace countersign::usecase {

// What the fraud rules about trust know of a transaction, and what follows from them. [ADR 51]

/// What the application says with a hold. Each may be empty: then nothing is known, and nothing is held against
/// anybody.
struct GivenRisk {
  std::string device;              ///< Its own id of the person's device or browser; opaque, at most 255 bytes.
  std::string payout_fingerprint;  ///< Anything that is the same for the same payout; only its keyed hash is kept.
};

/// What the rules know of where a hold comes from, as keyed digests of the account.
struct TrustQuestion {
  risk::Profile::Asked asked;
  store::AskTrust stored;  ///< What to read with the subject.
  [[nodiscard]] bool reads() const {
    return !stored.device.empty() || !stored.address.empty() || !stored.payout.empty();
  }
};
[[nodiscard]] TrustQuestion trust_question(const Work& work, const GivenRisk& given, std::string_view type,
                                           const domain::Display& display);

/// A hold that is about to be stored.
struct JudgedHold {
  const domain::standing::History& history;
  const domain::Display& display;
  const ServiceSettings& service;
  domain::MethodSet offered;  ///< At the service.
  const TrustQuestion& question;
  const store::StoredTrust& stored;
  risk::Features features = {};  ///< What is known from elsewhere.
};
/// Judges it and puts into `row` what follows: another kind, a review, a refusal. The events and webhooks of that are
/// written by announce_stopped(), once the row is stored.
void judge_hold(const Work& work, const JudgedHold& hold, store::TransactionRow& row);

/// Judges what a proof has just verified: `row` is verified, and not stored yet. It may be held again, and miss another
/// kind; be in review, or refused.
void judge_approval(const Work& work, const domain::standing::History& history, domain::MethodSet offered,
                    store::TransactionRow& row);

/// She has approved it: where it came from is hers from now on. Call it once it is verified and stands.
void learn_from_approval(const Work& work, const store::TransactionRow& row);

/// Counts it for her, once it is durable: prompts_hour, denials_day, recovery_failures_day.
void note_event(const Work& work, const SubjectId& subject, risk::Profile::Event event);

/// Judges a claim of what is verified. False: it may be claimed. True: it is in review or refused; `row` is to be
/// stored.
[[nodiscard]] bool stops_claim(const Work& work, const domain::standing::History& history, domain::MethodSet offered,
                               store::TransactionRow& row);

/// A factor that is about to be bound: its owner has just shown that she has it.
struct NewSource {
  enum class By : std::uint8_t {
    kApplication,  ///< It says so, or nobody does: the first one, by a link.
    kPerson,       ///< She adds it with proofs of other sources that count. [STD-4]
    kSupport,      ///< Vouched for. [STD-5]
  };
  ServiceId service;
  SubjectId subject;
  domain::Method method = domain::Method::kTotp;
  By by = By::kApplication;
  std::optional<TransactionId> operation = {};  ///< In which she adds it.
};
/// Judges it. kNotAvailableNow, whose text tells nothing of the rule: bind nothing. kAnotherKind stops what comes from
/// the application alone, kReview all but what support vouches for, kRefuse everything. A statement only where a rule
/// at kEnrol asks for what is remembered of her.
[[nodiscard]] Answer<Done> judge_enrolment(const Work& work, const domain::standing::History& history,
                                           const NewSource& source);

/// Whether the row is in review or refused, which its audit events and webhooks then say; of which it says nothing
/// otherwise. Call it after the row is stored.
bool announce_stopped(const Work& work, store::TransactionRow& row);

/// What the person has that counts, as of the hold.
struct PersonFeatures {
  std::optional<WallTime> oldest;   ///< The earliest time since which a source counts as its own.
  std::optional<WallTime> changed;  ///< The newest change of her sources.
  int kinds = 0;                    ///< Of how many kinds those are that count, recovery codes aside.
};
[[nodiscard]] PersonFeatures person_features(const domain::standing::History& history, domain::MethodSet usable,
                                             WallTime held_at, WallTime now);

/// `local_hour`, in the service's time zone; null: UTC.
void add_local_hour(risk::Features& features, const ServiceSettings* service, WallTime now);

/// All methods that the service offers.
[[nodiscard]] domain::MethodSet methods_offered(const ServiceSettings& service);

}  // namespace countersign::usecase
