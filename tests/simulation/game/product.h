#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "crypto/digest.h"
#include "crypto/sealing.h"
#include "store/store.h"
#include "support/fake_time.h"
#include "usecase/cancel.h"
#include "usecase/check.h"
#include "usecase/claim.h"
#include "usecase/contacts.h"
#include "usecase/enrol.h"
#include "usecase/enrol_here.h"
#include "usecase/hold.h"
#include "usecase/objections.h"
#include "usecase/person_page.h"
#include "usecase/start_verification.h"
#include "usecase/verify/challenge.h"
#include "usecase/verify/code.h"
#include "usecase/verify/entity.h"

namespace countersign::simulation::game {

inline constexpr std::string_view kOwnService = "default";
inline constexpr std::string_view kUpstreamService = "upstream";

/// What came out of a request.
struct Answered {
  bool yes = false;
  std::string why = {};  ///< The number of the refusal, for the story.
  std::optional<Duration> retry_after = {};
  std::optional<domain::TransactionStatus> status = {};
};

/// What left the product for somebody.
struct Outgoing {
  std::string to;
  contact::Channel channel = contact::Channel::kSms;
  std::string code;  ///< Empty: a notice.
  std::string text;
  std::optional<TransactionId> transaction;
  std::optional<VerificationId> verification;
};

/// One of the sources that a subject is known by, as the application is shown them.
struct Known {
  BindingId id;
  std::optional<FactorId> factor;
  std::string masked;
};

/// The doors of the product: the use cases of the native API, of the Verify API and of the pages, each call one
/// database transaction over SQLite in memory, with simulated time. The only part of the game that knows how the
/// product is called.
///
/// Two services. `default` makes its own codes; of `upstream` a provider makes and checks those for SMS, with one
/// pending verification for each number, as Twilio Verify has without PSD2. Webhooks are acknowledged at once.
class Product {
 public:
  explicit Product(std::uint64_t seed);
  Product(const Product&) = delete;
  Product& operator=(const Product&) = delete;

  [[nodiscard]] WallTime now() const { return clock_.now(); }
  void wait(Duration by) { clock_.advance(by); }
  [[nodiscard]] const domain::Policy& policy(std::string_view name) const;
  [[nodiscard]] static const std::vector<std::string>& policies();

  // The native API.
  usecase::Answer<usecase::Held> hold(const usecase::HoldRequest& request);
  /// `actor`: `api:game`, or `person` on a page.
  Answered start(const TransactionId& id, contact::Channel channel, const std::optional<std::string>& contact,
                 std::string_view actor);
  /// `factor`: an app's id, or `totp`; `verification`: absent means the one under way.
  Answered check(const TransactionId& id, std::string_view code, const std::optional<std::string>& factor,
                 const std::optional<VerificationId>& verification, std::string_view actor);
  Answered give(const usecase::SubjectAt& subject, const usecase::GivenContact& contact, bool vouch);
  Answered put(const usecase::SubjectAt& subject, const std::vector<usecase::GivenContact>& contacts);
  std::vector<usecase::ContactView> contacts(const usecase::SubjectAt& subject);
  Answered remove_contact(const usecase::SubjectAt& subject, const ContactId& id);
  Answered suspect_contact(std::string_view identity, const ContactId& id);
  usecase::Answer<usecase::Enrolment> enrol(const usecase::SubjectAt& subject);
  Answered confirm(std::string_view identity, const FactorId& id, std::string_view code, bool vouch);
  Answered remove_factor(std::string_view identity, const FactorId& id);
  Answered suspect_factor(std::string_view identity, const FactorId& id);
  /// Those that live.
  std::vector<Known> sources(const usecase::SubjectAt& subject);
  usecase::Answer<usecase::StartedObjection> start_objection(const usecase::SubjectAt& subject,
                                                             const usecase::ObjectionRequest& request);
  Answered confirm_objection(const usecase::SubjectAt& subject, const ObjectionId& id, std::string_view code);
  Answered decide(const usecase::SubjectAt& subject, const BindingId& id, bool keep);
  Answered ask_for_erasure(std::string_view identity);
  /// Nothing is known of it any more.
  bool is_erased(std::string_view identity);
  Answered claim(const TransactionId& id, std::string_view claimer);
  Answered cancel(const TransactionId& id);
  Answered deny(const TransactionId& id);

  // The pages: everything that its browser may do with the link.
  std::optional<usecase::PersonView> page(const TransactionId& id, std::string_view link);
  /// The operation that adds an app, which has a page of its own.
  usecase::Answer<usecase::Addition> begin_addition(const TransactionId& id, std::string_view link);
  usecase::Answer<usecase::Enrolment> enrol_here(const TransactionId& id, std::string_view link, bool proved_here);
  Answered confirm_here(const TransactionId& id, std::string_view link, bool proved_here, const FactorId& factor,
                        std::string_view code);

  // The Verify API.
  Answered start_code(std::string_view service, std::string_view to, contact::Channel channel);
  Answered check_code(std::string_view service, std::string_view to, std::string_view code);
  std::optional<usecase::verify::CreatedFactor> create_factor(std::string_view service, std::string_view identity);
  Answered verify_factor(std::string_view service, std::string_view identity, const FactorId& id,
                         std::string_view code);
  Answered delete_factor(std::string_view service, std::string_view identity, const FactorId& id);
  Answered challenge(std::string_view service, std::string_view identity, const FactorId& id, std::string_view code);
  /// Somebody tries the API out: a test service, an entity of that name in it, and both removed again.
  Answered try_out(std::string_view identity);

  /// What the product itself says of all that a subject was ever known by, for people to read: the referee does not.
  std::vector<std::string> says_of(const usecase::SubjectAt& subject);
  /// The code of an app of that seed now.
  [[nodiscard]] std::string app_code(std::string_view seed) const;
  /// What has left since the last call.
  std::vector<Outgoing> take_outgoing() { return std::exchange(outgoing_, {}); }
  /// Notices and webhooks that are due leave. Answers the webhooks, which are acknowledged.
  std::vector<std::string> work();

 private:
  template <class Work>
  auto in(Work work);
  void furnish();
  void deliver(usecase::QueuedMessage message);
  Result<delivery::Accepted, delivery::ProviderError> start_upstream(const usecase::QueuedMessage& message);
  delivery::VerifierVerdict judge_upstream(const delivery::VerificationCheck& check);
  void end_upstream();  ///< What ended here is ended at the provider.
  [[nodiscard]] ServiceId service_id(std::string_view name) const;
  [[nodiscard]] usecase::Caller caller(std::string_view actor, bool may_vouch = false) const;

  struct Upstream {
    std::string code;
    WallTime expires_at;
    TransactionId first;
    int sends = 0;
    bool over = false;
  };

  std::unique_ptr<store::Store> store_;
  testing::FakeClock clock_;
  testing::SeededRandom random_;
  crypto::Sealer sealer_;
  crypto::Digester digester_;
  store::EventIds event_ids_;
  usecase::Settings settings_;
  usecase::Context context_;
  AccountId account_{};
  std::vector<Outgoing> outgoing_;
  std::map<std::string, Upstream> upstream_;    ///< By provider_ref.
  std::map<std::string, std::string> pending_;  ///< provider_ref by number.
};

}  // namespace countersign::simulation::game
