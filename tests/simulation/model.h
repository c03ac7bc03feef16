#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "crypto/jws_key.h"
#include "delivery/ports.h"
#include "domain/policy.h"
#include "domain/transaction.h"
#include "domain/verification.h"
#include "simulation/tally.h"
#include "store/repository/subjects.h"
#include "support/software_authenticator.h"
#include "usecase/problem.h"
#include "usecase/subject/enrol.h"
#include "usecase/transaction/cancel.h"
#include "usecase/transaction/claim.h"
#include "usecase/verification/check.h"
#include "usecase/verification/start.h"

namespace countersign::simulation {

using usecase::Answer;
using usecase::Code;

/// When a factor was bound, by the product's word, or why it was not.
using Bound = Answer<WallTime>;
[[nodiscard]] inline Bound bound(const Answer<usecase::FactorView>& answer) {
  if (!answer) return fail(answer.error());
  return answer->confirmed_at.value();
}

/// Consecutive failures of one person at one line, of all strangers at it, or of one factor.
struct FailureCount {
  std::int64_t in_a_row = 0;
  std::optional<WallTime> locked_until;
};

struct ContactModel {
  ContactId id;
  std::size_t person = 0;
  std::uint64_t known_as_of = 0;  ///< When it was added, in commit order.
  WallTime known_since;
  AddressId line;
};

/// What a device was asked.
struct PromptsModel {
  int unanswered = 0;  ///< Since the person last proved something, or a device of hers answered.
  int denials = 0;     ///< Likewise, to anybody.
  std::vector<WallTime> asked;
  std::map<std::string, std::vector<WallTime>> denied;  ///< When, by network.
};

struct FactorModel {
  FactorId id;
  domain::Method type = domain::Method::kTotp;
  std::size_t person = 0;
  std::string secret;
  WallTime confirm_by;
  WallTime confirmed_at;
  std::uint64_t confirmed_as_of = 0;  ///< 0: not yet.
  std::uint64_t removed_as_of = 0;    ///< 0: not.
  bool at_upstream = false;           ///< Belongs to that service and to no other. [STD-12]
  bool founding = false;              ///< Confirmed before the person's first proof there. [STD-2]
  std::set<std::int64_t> spent_steps;
  std::vector<std::string> codes;                             ///< Of a list of recovery codes.
  std::set<std::string> used;                                 ///< Of them.
  std::optional<testing::SoftwareAuthenticator> device = {};  ///< Of a passkey.
  std::optional<crypto::SigningKey> browser = {};             ///< Of one that is asked by Web Push.
  PromptsModel prompts = {};                                  ///< Of the same.
  std::uint32_t sign_count = 0;                               ///< The highest that was accepted.
  bool offer_spent = false;                                   ///< By a wrong answer, or forgotten when it was late.
  FailureCount failures;
};

struct CodeModel {
  std::string digits;
  WallTime valid_until;
};

struct VerificationModel {
  VerificationId id;
  TransactionId transaction;
  ContactId contact;
  domain::Method method = domain::Method::kSms;
  bool upstream = false;
  WallTime expires_at;
  std::vector<CodeModel> codes;  ///< The last two are valid.
  int attempts = 0;
  domain::VerificationStatus status = domain::VerificationStatus::kPending;
};

/// What a passkey answered to one challenge (base64url).
struct KeyAnswer {
  std::string challenge;
  std::uint32_t count = 0;
  bool verified = false;
  bool genuine = true;
};

struct ChallengeModel {
  std::string challenge;
  WallTime until;
};

/// What a prompt said: to the page that asks, and to the devices that were asked.
struct PromptMade {
  std::string id;
  std::string number;
  std::string challenge;
  std::set<FactorId> devices;
  WallTime until;
};

/// What a device answered to one.
struct DeviceSaid {
  std::string prompt;
  std::string challenge;
  std::optional<std::string> number;  ///< nullopt: a refusal.
  bool genuine = true;
};

struct PromptModel {
  std::string id;
  std::string challenge;
  std::string number;
  std::string asker;
  std::set<FactorId> devices;
  WallTime until;
  bool open = true;
  int wrong = 0;
};

struct ProofModel {
  domain::Method method;
  Id source;
};

struct TransactionModel {
  TransactionId id;
  std::size_t person = 0;
  bool at_upstream = false;
  domain::Policy policy;
  std::string payload;
  std::string payee;
  std::uint64_t held_as_of = 0;
  WallTime created_at;
  WallTime expires_at;
  domain::TransactionStatus status = domain::TransactionStatus::kHeld;
  std::optional<WallTime> claimable_until;
  std::vector<ProofModel> proofs;
  std::vector<VerificationId> verifications;  ///< By id, which is how the product determines the newest.
  std::vector<ChallengeModel> challenges;     ///< Not answered yet, oldest first.
  std::vector<PromptModel> prompts;
  int prompted = 0;
  std::string winner;  ///< The claimer; empty: unclaimed.
  std::string fencing_token;
  std::string receipt;
  std::map<std::string, int> events;         ///< Required in the audit log, by type.
  std::map<std::string, int> announcements;  ///< Webhooks that must have been enqueued, by type.
};

/// The required content of the database, from the answers of committed units, with an independent judgement of what is
/// allowed. Each member is called for one unit right after its commit, in commit order, and throws Violation if the
/// product did something forbidden. Contains no SQL.
class Model {
 public:
  explicit Model(Tally& tally) : tally_(tally) {}

  // Transactions.
  void held(const TransactionModel& made);
  void ended(const TransactionId& id, const Answer<usecase::Ended>& answer, domain::TransactionStatus to, WallTime at);
  void expired(const std::vector<TransactionId>& ids, WallTime at);
  void claimed(const TransactionId& id, const std::string& claimer, const Answer<usecase::Claim>& answer, WallTime at);
  void acknowledged(const TransactionId& id, const std::string& token, const Answer<Done>& answer);

  // Contacts and codes.
  void knows_contacts(std::size_t person, const std::vector<store::ContactRow>& rows);
  [[nodiscard]] bool has_proved(const ContactId& id) const;
  void started(const VerificationModel& made, const std::string& code, WallTime valid_until);
  void superseded(const usecase::Superseded& older, const VerificationId& by);
  void checked(const usecase::CheckRequest& request,
               const Answer<std::variant<usecase::Approved, usecase::AskProvider>>& answer, WallTime at);
  void concluded(const usecase::AskProvider& asked,
                 const Result<delivery::VerifierVerdict, delivery::ProviderError>& verdict,
                 const Answer<usecase::Approved>& answer, WallTime at);

  // Factors.
  void enrolled(std::size_t person, const FactorId& id, const std::string& secret, WallTime confirm_by,
                bool at_upstream, WallTime at);
  void confirmed(const FactorId& id, const std::string& code, const Bound& bound, WallTime at);
  void made_codes(std::size_t person, const FactorId& id, const std::vector<std::string>& codes, WallTime confirm_by,
                  WallTime at);
  void kept_codes(const FactorId& id, const Bound& bound, WallTime at);
  void removed(const FactorId& id, std::optional<Code> refusal, WallTime at);

  // Passkeys.
  void enrolled_key(std::size_t person, const FactorId& id, const testing::SoftwareAuthenticator& device,
                    WallTime confirm_by, bool at_upstream, WallTime at);
  void confirmed_key(const FactorId& id, bool genuine, const Bound& bound, WallTime at);
  /// `listed`: the credentials that are asked.
  void challenged(const TransactionId& id, const std::string& challenge, const std::set<std::string>& listed,
                  WallTime until, WallTime at);
  void not_challenged(const TransactionId& id, Code why, WallTime at);
  /// Whether the challenge is open and the key is the person's, now: what an answer is judged by.
  [[nodiscard]] bool knows_answer(const TransactionId& id, const FactorId& factor, const KeyAnswer& answer);
  void checked_key(const TransactionId& id, const FactorId& factor_id, const KeyAnswer& said, bool known,
                   const Answer<usecase::Approved>& answer, WallTime at);

  // Devices.
  void enrolled_device(std::size_t person, const FactorId& id, crypto::SigningKey key, WallTime confirm_by,
                       bool at_upstream, WallTime at);
  /// `asking`: the device whose browser shows the asking page.
  void prompted(const TransactionId& id, const std::string& asker, const std::optional<FactorId>& asking,
                const Answer<PromptMade>& answer, WallTime at);
  void checked_device(const TransactionId& id, const FactorId& factor_id, const DeviceSaid& said,
                      const Answer<usecase::Approved>& answer, WallTime at);

  void clock_set_back() { set_back_.push_back(tick()); }
  void endpoints_enabled(int count) { endpoints_ = count; }
  void subject_event(const std::string& type) { ++subject_events[type]; }

  [[nodiscard]] TransactionModel& transaction(const TransactionId& id);
  [[nodiscard]] bool met(const TransactionModel& held) const;
  /// Founded before the hold: within a run no source has waited long enough to count otherwise. [STD-1, STD-3]
  [[nodiscard]] bool counts(const TransactionModel& held, const FactorModel& factor) const;
  /// Of apps, or of lists of recovery codes.
  [[nodiscard]] const FactorModel* newest_that_counts(const TransactionModel& held,
                                                      domain::Method type = domain::Method::kTotp) const;

  std::map<TransactionId, TransactionModel> transactions;
  std::map<VerificationId, VerificationModel> verifications;
  std::map<ContactId, ContactModel> contacts;
  std::map<FactorId, FactorModel> factors;
  std::map<std::string, int> subject_events;  ///< Events about no transaction, by type.
  std::vector<WallTime> sends;                ///< When a code was sent, or a provider asked to.
  std::int64_t paid = 0;                      ///< Of these, to telephones…
  std::int64_t paid_by_strangers = 0;         ///< …of people who had not proved the line.
  std::set<TransactionId> touched;            ///< Since the last check of the invariants.

 private:
  struct Instant {
    std::uint64_t as_of;
    WallTime at;
  };
  [[nodiscard]] std::uint64_t tick() { return ++order_; }
  void seen(WallTime at) { latest_ = std::max(latest_, at); }
  /// Whether `source` came before `held`, or with it, in commit order. An earlier source may still count as later, if
  /// the clock was set back before (docs/simulation.md, "what is known"); never the other way round.
  [[nodiscard]] bool came_first(const Instant& source, const Instant& held) const;
  /// The time of a change for that person at `at`: after all the person's holds, whatever the clock shows.
  [[nodiscard]] WallTime after_holds(std::size_t person, WallTime at) const;
  [[nodiscard]] VerificationModel* chosen(const usecase::CheckRequest& request, WallTime at);
  /// A precondition to count: it was bound no later than the hold. [STD-1]
  [[nodiscard]] bool bound_before(const TransactionModel& held, const ContactModel& contact) const;
  [[nodiscard]] bool bound_before(const TransactionModel& held, const FactorModel& factor) const;
  void event(TransactionModel& held, const std::string& type);
  void announce(TransactionModel& held, const std::string& type);
  void evaluated(FailureCount& failures, WallTime at) const;
  /// Where guesses at a code for this contact count: with the person's own once the person has proved the line by any
  /// channel; otherwise with those of everybody who has not.
  [[nodiscard]] FailureCount& failures_at(const ContactModel& contact);
  void proved_line(const ContactModel& contact);
  void close(TransactionModel& held, domain::TransactionStatus to, WallTime at);
  /// One factor, or one line, however many channels lead to it.
  [[nodiscard]] bool same_source(const ProofModel& one, const ProofModel& other) const;
  void prove(TransactionModel& held, const ProofModel& proof, const usecase::Approved& approved, WallTime at);
  void checked_totp(const usecase::CheckRequest& request, TransactionModel& held, const FactorModel* known,
                    const Answer<usecase::Approved>& answer, WallTime at);
  void checked_recovery(const usecase::CheckRequest& request, TransactionModel& held,
                        const Answer<usecase::Approved>& answer, WallTime at);
  void bind(FactorModel& factor, WallTime bound_at, WallTime at);
  void showed_herself(const TransactionModel& held);
  [[nodiscard]] static bool is_active(const TransactionModel& held, const FactorModel& key);
  void checked_code(VerificationModel& verification, TransactionModel& held, const std::string& digits,
                    const Answer<usecase::Approved>& answer, WallTime at);
  bool spend_step(FactorModel& factor, const std::string& code, bool accepted, std::optional<Code> refusal,
                  WallTime at);

  Tally& tally_;
  std::map<std::pair<AddressId, std::size_t>, FailureCount> own_failures_;
  std::map<AddressId, FailureCount> strangers_failures_;
  std::uint64_t order_ = 0;
  WallTime latest_;                                ///< That anything was written at.
  std::set<std::pair<std::size_t, bool>> proved_;  ///< People, and whether at upstream.
  std::vector<std::uint64_t> set_back_;            ///< When the clock was set back, in commit order.
  int endpoints_ = 0;
};

/// Counts a wrong guess at that many codes; each further kFailuresPerLock cause a lock.
void count_failure(FailureCount& failures, WallTime at, std::int64_t codes = 1);

}  // namespace countersign::simulation
