#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "base/function_ref.h"
#include "crypto/digest.h"
#include "crypto/sealing.h"
#include "domain/standing/counts.h"
#include "store/repository/messages.h"
#include "store/repository/verifications.h"
#include "store/store.h"
#include "support/fake_time.h"
#include "support/kept_database.h"
#include "usecase/outbox/deliveries.h"
#include "usecase/outbox/endpoints.h"
#include "usecase/outbox/work_deliveries.h"
#include "usecase/outbox/work_messages.h"
#include "usecase/subject/contacts.h"
#include "usecase/subject/enrol.h"
#include "usecase/transaction/cancel.h"
#include "usecase/transaction/claim.h"
#include "usecase/transaction/hold.h"
#include "usecase/verification/check.h"
#include "usecase/verification/start.h"

namespace countersign::testing {

using contact::Channel;
using usecase::Answer;
using usecase::Code;

inline constexpr std::string_view kIdentity = "organizer-42";
inline constexpr std::string_view kPhone = "+5511987654321";
inline constexpr std::string_view kEmail = "ana.lima@example.com";
inline constexpr std::string_view kPayload = R"({"account":"02366-1","bank":"341"})";

/// In memory or, if the variable CS_TEST_STORE is set, in PostgreSQL; without a schema.
[[nodiscard]] std::unique_ptr<store::Store> new_test_store();

/// Why a use case refused; nullopt if it succeeded.
template <class T>
std::optional<Code> why(const Answer<T>& answer) {
  return answer ? std::nullopt : std::optional(answer.error().code);
}
inline constexpr std::optional<Code> kYes{};

/// All use cases over their own database, with time and randomness controlled by the test, so that a test reads like a
/// script: hold, start, wait, check. Every call is one database transaction. Calls without a transaction use the one
/// held last; those without an identity use kIdentity.
///
/// There is one account with two services. `default` has sms, call, whatsapp and email from the provider "double",
/// which delivers nothing: queued messages are in sent(). `upstream` has a provider of sms, "verifier", that makes and
/// checks codes itself. The policy "any" accepts every code and TOTP; "strict" requires two kinds.
///
/// Not thread-safe, and no call of the fixture inside in(). A store that fails ends the process.
class Fixture {
 public:
  Fixture();  ///< In memory, or where the variable CS_TEST_STORE is set, in PostgreSQL.
  explicit Fixture(std::unique_ptr<store::Store> store);
  Fixture(const Fixture&) = delete;
  Fixture& operator=(const Fixture&) = delete;

  FakeClock& clock() { return clock_; }
  [[nodiscard]] WallTime now() const { return clock_.now(); }
  void wait(Duration by) { clock_.advance(by); }
  Random& random() { return random_; }

  // State that may be changed before or between calls.
  usecase::Settings& settings() { return settings_; }
  domain::Limits& limits() { return settings_.accounts.at(account_).limits; }
  domain::Policy& policy(std::string_view name) { return settings_.policies.at(std::string(name)); }
  usecase::Caller& caller() { return caller_; }
  [[nodiscard]] const usecase::Caller& caller() const { return caller_; }
  usecase::HoldRequest& request() { return request_; }  ///< The request that hold() uses.

  [[nodiscard]] const AccountId& account() const { return account_; }
  [[nodiscard]] const usecase::Context& context() const { return context_; }
  crypto::Sealer& sealer() { return sealer_; }  ///< Its keys may be replaced between calls.
  store::Store& store() { return *store_; }
  /// What is known of providers from now on; it must outlive the calls.
  void know(usecase::ProviderBoard& board) { context_.board = &board; }
  /// Keeps there what becomes of codes, from now on; it must outlive the calls.
  void follow(usecase::ConversionBook& book) { context_.conversion = &book; }
  /// Keeps there what the fraud rules decide, from now on; it must outlive the calls.
  void record_decisions(usecase::DecisionLog& log) { context_.decisions = &log; }
  /// Counts there what the rules against pumping count, from now on; it must outlive the calls.
  void weigh(usecase::RiskBook& book) { context_.risk = &book; }
  /// Judges by the fraud rules there, from now on; it must outlive the calls.
  void judge_by(usecase::RuleBook& rules) { context_.rules = &rules; }
  /// Remembers there what the fraud rules know of people, from now on; it must outlive the calls.
  void remember(usecase::TrustBook& people) { context_.trust = &people; }
  /// Receives the counts from now on; it must outlive the calls.
  void listen(usecase::Tally& tally) { context_.tally = &tally; }
  /// Sends prompts there from now on; it must outlive the calls.
  void push_by(usecase::PushOutbox& outbox) { context_.push_outbox = &outbox; }
  /// Keeps there what passkeys were asked, from now on; it must outlive the calls.
  void remember_asked(usecase::AskedLately& asked) { context_.passkeys_asked = &asked; }

  /// Runs `unit(tx, moment)` in one transaction and answers what it answers.
  template <class Unit>
  auto in(Unit unit) {
    std::optional<std::invoke_result_t<Unit&, store::Tx&, Moment&>> outcome;
    in_transaction([&](store::Tx& tx, Moment& moment) { outcome.emplace(unit(tx, moment)); });
    return *std::move(outcome);
  }

  // The person's and the application's calls.
  Answer<usecase::Held> try_hold();
  TransactionId hold();  ///< Must succeed.
  TransactionId hold(std::string_view policy);
  [[nodiscard]] const TransactionId& current() const { return current_; }
  void use(const TransactionId& id) { current_ = id; }  ///< Makes it the current one.
  /// As the version before schema step 14 left them: the current transaction's verifications in a table of their own.
  void put_back_verifications();

  Answer<usecase::Started> start(Channel channel = Channel::kSms) { return start({current_, channel, {}}); }
  Answer<usecase::Started> start(const usecase::StartRequest& request);
  /// The code in the message queued last.
  [[nodiscard]] std::string code() const;
  /// A code that is never right.
  [[nodiscard]] std::string wrong_code() const;
  [[nodiscard]] const std::vector<usecase::QueuedMessage>& sent() const { return sent_; }
  /// A queued message with its text, as passed to the provider now.
  [[nodiscard]] delivery::OutgoingMessage written(usecase::QueuedMessage message);

  Answer<usecase::Approved> check(std::string_view code) { return check(current_, code); }
  Answer<usecase::Approved> check(const TransactionId& id, std::string_view code);
  Answer<usecase::Approved> check_totp(std::string_view code, std::string_view factor = "totp");

  // Upstream: a check that a provider must judge, and its verdict.
  Answer<usecase::AskProvider> ask(std::string_view code);
  Answer<usecase::Approved> conclude(const usecase::AskProvider& asked, delivery::VerifierVerdict verdict);
  Answer<usecase::Approved> conclude(const usecase::AskProvider& asked, const delivery::ProviderError& error);

  Answer<usecase::Enrolment> enrol(std::string_view identity = kIdentity);
  Answer<usecase::FactorView> confirm(std::string_view identity = kIdentity);  ///< With the code of now.
  Answer<usecase::FactorView> confirm_with(std::string_view code, std::string_view identity = kIdentity);
  Answer<Done> remove(const FactorId& factor, std::string_view identity = kIdentity);
  /// The code of the factor enrolled last, `steps` time steps from now.
  [[nodiscard]] std::string totp_code(std::int64_t steps = 0) const;
  [[nodiscard]] const FactorId& factor() const { return factor_; }

  Answer<usecase::ContactView> add_contact(Channel channel, std::string_view address,
                                           std::string_view identity = kIdentity);
  Answer<usecase::Claim> claim(std::string_view claimer = "worker-1");
  Answer<Done> ack(std::string_view fencing_token);
  Answer<usecase::Ended> cancel();
  Answer<usecase::Ended> deny();
  int expire();
  int lapse();  ///< Applies the passage of time to sources.

  // Standing, at the account's first service.
  [[nodiscard]] const ServiceId& service() const { return settings_.accounts.at(account_).services.front().id; }
  domain::standing::History history(std::string_view identity = kIdentity);
  domain::standing::Counts counts(const Id& source, std::string_view identity = kIdentity);
  domain::standing::Counts counts(Channel channel, std::string_view address, std::string_view identity = kIdentity);
  /// All receivers accept every notice about every binding now.
  void tell_all(std::string_view identity = kIdentity);

  Answer<usecase::NewEndpoint> add_endpoint(std::string_view url = "https://shop.example.com/hooks");

  // The courier's work.
  std::vector<usecase::QueuedMessage> due_messages();
  void finish(const usecase::QueuedMessage& message, Result<delivery::Accepted, delivery::ProviderError> outcome);
  void give_back(const usecase::QueuedMessage& message);
  std::vector<usecase::WebhookJob> due_deliveries();
  void finish(const usecase::WebhookJob& job, delivery::WebhookVerdict verdict, std::optional<int> status = {});

  // What is in the database.
  store::TransactionRow row();
  domain::TransactionStatus status();     ///< As of now.
  store::VerificationRow verification();  ///< The newest of the current transaction.
  std::optional<store::MessageState> message(const MessageId& id);
  bool has_payload();
  std::int64_t count(std::string_view table);
  std::vector<store::EventRow> all_events();
  std::vector<std::string> events();  ///< Types of the current transaction's events, oldest first.

 private:
  Fixture(std::unique_ptr<KeptDatabase> database, std::unique_ptr<store::Store> store);
  [[noreturn]] static void broken(const store::StoreError& error);
  void in_transaction(FunctionRef<void(store::Tx&, Moment&)> unit);
  void furnish();

  std::unique_ptr<KeptDatabase> database_;  ///< Until the store is closed.
  std::unique_ptr<store::Store> store_;
  FakeClock clock_;
  SeededRandom random_;
  crypto::Sealer sealer_;
  crypto::Digester digester_;
  store::EventIds event_ids_;
  usecase::Settings settings_;
  usecase::Context context_;
  AccountId account_{};
  usecase::Caller caller_;
  usecase::HoldRequest request_;
  TransactionId current_{};
  std::vector<usecase::QueuedMessage> sent_;
  FactorId factor_{};
  SecretString seed_;
};

/// A provider's error when it cannot be reached.
[[nodiscard]] delivery::ProviderError unavailable(bool maybe_sent = false);

}  // namespace countersign::testing
