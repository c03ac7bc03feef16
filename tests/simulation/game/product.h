#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "crypto/digest.h"
#include "crypto/foreign_token.h"
#include "crypto/sealing.h"
#include "simulation/game/engine.h"
#include "store/store.h"
#include "support/fake_time.h"
#include "unit/usecase/verify_api/device_key.h"
#include "usecase/outbox/provider_board.h"
#include "usecase/passkey/challenge.h"
#include "usecase/passkey/enrol.h"
#include "usecase/push/answer.h"
#include "usecase/push/enrol.h"
#include "usecase/push/prompt.h"
#include "usecase/risk/book.h"
#include "usecase/risk/decision_log.h"
#include "usecase/risk/rule_book.h"
#include "usecase/risk/shared_signals.h"
#include "usecase/risk/trust_book.h"
#include "usecase/subject/contacts.h"
#include "usecase/subject/enrol.h"
#include "usecase/subject/enrol_on_page.h"
#include "usecase/subject/objections.h"
#include "usecase/subject/person_page.h"
#include "usecase/transaction/cancel.h"
#include "usecase/transaction/claim.h"
#include "usecase/transaction/hold.h"
#include "usecase/verification/check.h"
#include "usecase/verification/start.h"
#include "usecase/verify_api/challenge.h"
#include "usecase/verify_api/code.h"
#include "usecase/verify_api/entity.h"

namespace countersign::simulation::game {

inline constexpr std::string_view kOwnService = "default";
inline constexpr std::string_view kUpstreamService = "upstream";

/// The result of a request.
struct Answered {
  bool yes = false;
  std::string why = {};  ///< The number of the refusal, for the log.
  std::optional<Duration> retry_after = {};
  std::optional<domain::TransactionStatus> status = {};
};

/// A message sent by the product.
struct Outgoing {
  std::string to;
  contact::Channel channel = contact::Channel::kSms;
  std::string code;  ///< Empty: a notice.
  std::string text;
  std::optional<TransactionId> transaction;
  std::optional<VerificationId> verification;
};

/// A source of a subject, as the application sees it.
struct Known {
  BindingId id;
  std::optional<FactorId> factor;
  std::string masked;
};

/// The product's interfaces: the use cases of the native API, of the Verify API and of the pages, each call one
/// database transaction over SQLite in memory, with simulated time. The only part of the game that calls the product.
///
/// Two services. `default` makes its own codes; for `upstream` a provider makes and checks the SMS codes, with one
/// pending verification per number, like Twilio Verify without PSD2. Webhooks are acknowledged at once.
class Product {
 public:
  explicit Product(std::uint64_t seed);
  Product(const Product&) = delete;
  Product& operator=(const Product&) = delete;

  [[nodiscard]] WallTime now() const { return clock_.now(); }
  void wait(Duration by) { clock_.advance(by); }
  [[nodiscard]] const domain::Policy& policy(std::string_view name) const;
  [[nodiscard]] static const std::vector<std::string>& policies();

  [[nodiscard]] const EngineOptions& engine() const { return engine_; }

  /// The end user's address of the calls that follow, as the application says it or a page knows it; empty: unknown.
  void come_from(std::string_view address) { end_user_ = IpAddress::parse(address); }

  // The native API.
  usecase::Answer<usecase::Held> hold(const usecase::HoldRequest& request);
  /// `actor`: `api:game`, or `person` on a page.
  Answered start(const TransactionId& id, const contact::Wanted& channel, const std::optional<std::string>& contact,
                 std::string_view actor, std::string_view work = {});
  /// `factor`: a factor's id, or the name of its method; `verification`: absent means the current one.
  Answered check(const TransactionId& id, std::string_view code, const std::optional<std::string>& factor,
                 const std::optional<VerificationId>& verification, std::string_view actor);
  Answered give(const usecase::SubjectAt& subject, const usecase::GivenContact& contact, bool vouch);
  Answered put(const usecase::SubjectAt& subject, const std::vector<usecase::GivenContact>& contacts);
  std::vector<usecase::ContactView> contacts(const usecase::SubjectAt& subject);
  Answered remove_contact(const usecase::SubjectAt& subject, const ContactId& id);
  Answered suspect_contact(std::string_view identity, const ContactId& id);
  usecase::Answer<usecase::Enrolment> enrol(const usecase::SubjectAt& subject);
  Answered confirm(std::string_view identity, const FactorId& id, std::string_view code, bool vouch);
  usecase::Answer<usecase::NewCodes> make_codes(const usecase::SubjectAt& subject);
  Answered confirm_codes(std::string_view identity, const FactorId& id, bool vouch);
  Answered remove_factor(std::string_view identity, const FactorId& id);
  Answered suspect_factor(std::string_view identity, const FactorId& id);
  /// The living ones.
  std::vector<Known> sources(const usecase::SubjectAt& subject);
  usecase::Answer<usecase::StartedObjection> start_objection(const usecase::SubjectAt& subject,
                                                             const usecase::ObjectionRequest& request);
  Answered confirm_objection(const usecase::SubjectAt& subject, const ObjectionId& id, std::string_view code);
  Answered decide(const usecase::SubjectAt& subject, const BindingId& id, bool keep);
  Answered ask_for_erasure(std::string_view identity);
  /// Nothing about it is left.
  bool is_erased(std::string_view identity);
  /// `payload`: receives what is handed out.
  Answered claim(const TransactionId& id, std::string_view claimer, std::string& payload);
  Answered cancel(const TransactionId& id);
  Answered deny(const TransactionId& id);

  // The pages: everything that the browser can do with the link.
  std::optional<usecase::PersonView> page(const TransactionId& id, std::string_view link);
  /// The operation that adds an app or makes recovery codes; it has its own page.
  usecase::Answer<usecase::Addition> begin_addition(const TransactionId& id, std::string_view link,
                                                    domain::Method method);
  /// The operation that decides about the change that was stopped, if the page offers it.
  struct Decision {
    TransactionId id;
    SecretString secret;
    BindingId about;
  };
  usecase::Answer<Decision> begin_decision(const TransactionId& id, std::string_view link, bool keep);
  /// The source of which the page says that its change was stopped.
  std::optional<BindingId> stopped(const TransactionId& id, std::string_view link);
  usecase::Answer<usecase::Enrolment> enrol_here(const TransactionId& id, std::string_view link, bool proved_here);
  usecase::Answer<usecase::NewCodes> make_codes_here(const TransactionId& id, std::string_view link, bool proved_here);
  /// Recovery codes are confirmed without a code.
  Answered confirm_here(const TransactionId& id, std::string_view link, bool proved_here, const FactorId& factor,
                        const std::optional<std::string>& code);

  // Keys, in the native API, on a page that adds them, and in a transaction. `network`: an address of the browser.
  usecase::Answer<usecase::PasskeyEnrolment> enrol_key(const usecase::SubjectAt& subject);
  Answered confirm_key(std::string_view identity, const FactorId& id, const json::object& response, bool vouch);
  usecase::Answer<usecase::PasskeyEnrolment> enrol_key_here(const TransactionId& id, std::string_view link,
                                                            bool proved_here);
  Answered confirm_key_here(const TransactionId& id, std::string_view link, bool proved_here, const FactorId& factor,
                            const json::object& response);
  usecase::Answer<usecase::PasskeyChallenge> challenge_key(const TransactionId& id, std::string_view network,
                                                           std::string_view actor);
  Answered check_key(const TransactionId& id, const json::object& answer, std::string_view network,
                     std::string_view actor);
  static Answered refusal_of(const usecase::Problem& problem);

  // Devices and phones.
  usecase::Answer<usecase::PushEnrolment> enrol_device(const usecase::SubjectAt& subject);
  Answered confirm_device(std::string_view identity, const FactorId& id, const usecase::PushAnswer& answer, bool vouch);
  struct Prompted {
    std::string id;
    std::string number;     ///< For the page that asks.
    std::string challenge;  ///< For the device.
  };
  usecase::Answer<Prompted> prompt(const TransactionId& id, const std::optional<FactorId>& asking,
                                   std::string_view network, std::string_view actor);
  Answered check_device(const TransactionId& id, const usecase::DeviceAnswer& answer, std::string_view network,
                        std::string_view actor);
  std::optional<FactorId> create_phone(std::string_view service, std::string_view identity, const std::string& point);
  Answered verify_phone(std::string_view service, std::string_view identity, const FactorId& id, std::string_view point,
                        std::string_view signature);
  /// Its challenge.
  usecase::Answer<Id> ask_phone(const TransactionId& id, const FactorId& factor, std::string_view network);
  Answered answer_phone(std::string_view service, std::string_view identity, const TransactionId& id,
                        const Id& challenge, const testing::DeviceKey& key, bool yes);

  // The Verify API.
  Answered start_code(std::string_view service, std::string_view to, contact::Channel channel, bool risk_check = true);
  Answered check_code(std::string_view service, std::string_view to, std::string_view code);
  std::optional<usecase::verify_api::CreatedFactor> create_factor(std::string_view service, std::string_view identity);
  Answered verify_factor(std::string_view service, std::string_view identity, const FactorId& id,
                         std::string_view code);
  Answered delete_factor(std::string_view service, std::string_view identity, const FactorId& id);
  Answered challenge(std::string_view service, std::string_view identity, const FactorId& id, std::string_view code);
  /// A developer tries the API: a test service, an entity of that name in it, and both removed again.
  Answered try_out(std::string_view identity);

  // The fraud engine, as the native API and the server's command have it. `admin`: the key has that scope.
  struct Key {
    std::string name;
    bool admin = false;
  };
  /// `status`: what the transaction is then.
  Answered say_about_review(const TransactionId& id, bool allow, const Key& key, WallTime& expires_at);
  std::vector<store::BlockRow> blocks();
  Answered lift(const BlockId& block, const Key& key);
  Answered switch_spending(bool stopped, const Key& key);
  Answered set_rules(const risk::RuleSet& rules, const Key& key);
  Answered put_on_safe_list(std::string_view address);
  /// The line about which a carrier is asked before that hold; empty: none.
  std::string line_to_ask_about(const usecase::HoldRequest& request);
  /// For the form of a page.
  std::string work_for_page(const TransactionId& id);
  bool accepts_work(const TransactionId& id, std::string_view work);
  /// A token that tells of a session of that identity that was revoked. `genuine`: signed by the issuer.
  std::string security_token(std::string_view identity, std::string_view jti, bool genuine);
  Answered tell(std::string_view token);
  /// How often anything was done for a person because of a token, since the last call.
  std::size_t signals_received();
  /// Decisions since the last call.
  std::vector<risk::Record> take_decisions();
  /// How many decisions the API lists for it, after what a second does.
  std::size_t listed_decisions(const TransactionId& id);
  /// What the server does each second beside requests.
  void run_second();
  /// The server ends in peace, and another begins: it knows what is stored.
  void restart();

  /// The product's own view of all sources of a subject, for people to read; the referee does not use it.
  std::vector<std::string> says_of(const usecase::SubjectAt& subject);
  /// The current code of an app with that seed.
  [[nodiscard]] std::string app_code(std::string_view seed) const;
  /// Messages sent since the last call.
  std::vector<Outgoing> take_outgoing() { return std::exchange(outgoing_, {}); }
  /// Sends due notices and webhooks. Returns the webhooks, which are acknowledged.
  std::vector<std::string> work();

 private:
  template <class Unit>
  auto in(Unit unit);
  void furnish();
  void deliver(usecase::QueuedMessage message);
  Result<delivery::Accepted, delivery::ProviderError> start_upstream(const usecase::QueuedMessage& message);
  delivery::VerifierVerdict judge_upstream(const delivery::VerificationCheck& check);
  void end_upstream();  ///< Ends at the provider what ended here.
  /// The row of a page on which a method may be added. `proved_here`: in the same browser.
  [[nodiscard]] usecase::Answer<store::TransactionRow> open_to_enrol(store::Tx& tx, const Moment& moment,
                                                                     const TransactionId& id, std::string_view link,
                                                                     bool proved_here) const;
  [[nodiscard]] ServiceId service_id(std::string_view name) const;
  [[nodiscard]] usecase::Caller caller(std::string_view actor, bool may_vouch = false) const;

  struct Upstream {
    std::string code;
    WallTime expires_at;
    TransactionId first;
    int sends = 0;
    bool over = false;
  };

  /// What a process knows of fraud. All outlive the store, whose units may drop a count last.
  struct Process {
    usecase::RiskBook risk;
    usecase::DecisionLog decisions;
    usecase::TrustBook trust;
    usecase::ProviderBoard board;
    std::unique_ptr<usecase::RuleBook> rules;
  };
  void begin_process();
  [[nodiscard]] usecase::Caller operator_of(const Key& key) const;

  EngineOptions engine_;
  std::vector<std::unique_ptr<Process>> processes_;  ///< The last one runs.
  usecase::DecisionLog::ByAccount to_write_;         ///< Decisions that were looked at, and are not stored.
  std::optional<IpAddress> end_user_;
  std::optional<EventId> signals_looked_at_;
  bool look_at_store_ = true;  ///< Somebody else may have written what a second reads.
  testing::SeededRandom issuer_random_{7};
  crypto::SigningKey issuer_ = crypto::SigningKey::generate(crypto::JwsAlgorithm::kEs256, issuer_random_);
  crypto::SigningKey forger_ = crypto::SigningKey::generate(crypto::JwsAlgorithm::kEs256, issuer_random_);

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
