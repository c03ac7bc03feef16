#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "simulation/chance.h"
#include "simulation/game/cast.h"
#include "simulation/game/fraud_referee.h"
#include "simulation/game/product.h"
#include "simulation/game/referee.h"
#include "simulation/trace.h"

namespace countersign::simulation::game {

/// The shared state of all players. Each action calls the product and informs the referee in one step, so that neither
/// can be forgotten.
class Table {
 public:
  explicit Table(std::uint64_t seed);

  Chance chance;
  Tally tally;
  Trace trace;
  Product product;
  std::vector<Source> sources;
  std::vector<Person> persons;
  std::deque<Deal> deals;      ///< Newest last; older ones are dropped.
  std::deque<Letter> letters;  ///< The same.
  std::deque<Assertion> assertions;
  std::deque<SignedByDevice> signed_answers;
  Referee referee;
  FraudReferee fraud;
  std::optional<std::size_t> pressed;  ///< A person against whom he has just used the engine: she comes meanwhile.

  [[nodiscard]] WallTime now() const { return product.now(); }
  template <class... Args>
  void say(fmt::format_string<Args...> sentence, Args&&... args) {
    trace.note(now(), fmt::format(sentence, std::forward<Args>(args)...));
  }

  // Sources.
  std::size_t make(Thing thing, std::size_t owner);
  Source& at(std::size_t source) { return sources[source]; }
  /// Whether `who` can answer with it now.
  [[nodiscard]] bool holds(Who who, std::size_t source) const;
  [[nodiscard]] std::size_t find(std::string_view address) const;  ///< kNone if no source has it.

  /// A transaction; null if the product refuses. `contacts`: given in the hold. `link_to`: who gets the link.
  struct Wish {
    std::size_t person = kNone;
    Who by = Who::kPerson;
    std::string service = {};
    std::string policy_name = {};
    domain::Policy policy = {};
    bool written_out = false;  ///< The hold contains the whole policy.
    std::vector<std::pair<std::size_t, contact::Channel>> contacts = {};
    std::string device = {};  ///< As the application says it.
    std::string payout = {};
    double amount = 0;  ///< 0: a small one.
  };
  Deal* hold(const Wish& wish);
  [[nodiscard]] Deal* find(const TransactionId& id);

  /// Sends a code: to that source, or to the product's default.
  Answered start(Deal& deal, Who who, contact::Channel channel, std::optional<std::size_t> source);
  /// The same from a page's form, with that proof of work.
  Answered start_with_work(Deal& deal, Who who, contact::Channel channel, std::optional<std::size_t> source,
                           std::string_view work);
  /// A code of the Verify API, that is for no transaction.
  Answered start_code(std::string_view service, std::size_t line, contact::Channel channel, bool risk_check = true);
  Answered check_code(std::string_view service, std::size_t line, std::string_view code);
  /// Submits the letter's code. `on_page`: in the browser of `who`.
  Answered check(Deal& deal, Who who, const Letter& letter, bool on_page);
  Answered check_app(Deal& deal, Who who, std::size_t app, bool on_page);
  /// With the next code of the list that was not used.
  Answered check_codes(Deal& deal, Who who, std::size_t codes, bool on_page);
  /// Asks for a challenge and answers it.
  Answered check_key(Deal& deal, Who who, std::size_t key, bool on_page);
  usecase::Answer<usecase::PasskeyChallenge> ask_key(const Deal& deal, Who who);
  Answered answer_key(Deal& deal, Who who, std::size_t key, std::string_view options, bool on_page);
  /// Has it asked and answers: a device with the number that `who` sees, a phone with yes.
  Answered check_device(Deal& deal, Who who, std::size_t device, bool on_page);
  /// `asking`: the device in whose browser the page is open, or kNone.
  usecase::Answer<Product::Prompted> ask_devices(Deal& deal, Who who, std::size_t asking);
  /// Without a number: a refusal. `counts`: whether it may count, in the eyes of the referee.
  Answered answer_prompt(Deal& deal, Who who, std::size_t device, const Product::Prompted& prompt,
                         const std::optional<std::string>& number, bool counts, bool on_page);
  /// Asked by whom, answered by who has it.
  Answered check_phone(Deal& deal, Who asks, std::size_t phone, bool on_page, bool yes);
  Answered replay_device(Deal& deal, const SignedByDevice& old);
  /// With what is no contact.
  Answered check_factor(Deal& deal, Who who, std::size_t factor, bool on_page);
  /// An answer that was given for another transaction.
  Answered replay(Deal& deal, const Assertion& old);
  /// An answer that the key did not give.
  Answered forge(Deal& deal, std::size_t key);
  /// From all his networks, answered wrongly in part.
  void flood_with_challenges(Deal& deal, std::size_t key);
  Answered guess(Deal& deal, std::size_t against);
  void claim(Deal& deal, Who who);
  void deny(Deal& deal, Who who);
  void cancel(Deal& deal, Who who);

  void give(const Person& person, Who who, std::size_t source, contact::Channel channel, bool vouch = false);
  /// Replaces the person's list of contacts.
  void put(const Person& person, Who who, const std::vector<std::pair<std::size_t, contact::Channel>>& list);
  /// Reports it lost, by the contact of one channel; false if the product has no such contact.
  bool remove_contact(const Person& person, Who who, std::size_t source, contact::Channel channel);
  /// The application reports a swapped SIM, or an app in other hands.
  void suspect(const Person& person, Who who, std::size_t source);
  /// The reader of the contact gets a code sent to it and stops the change that added that source. [STD-11]
  bool object(const Person& person, Who who, std::size_t contact, std::size_t source);
  /// The application decides for the objection and drops the source.
  void drop(const Person& person, std::size_t source);
  void ask_for_erasure(const Person& person, Who who);
  bool object_to_erasure(const Person& person, Who who, std::size_t contact);
  /// A new app for the person's identity. kNone if it is refused. `verify`: by the Verify API.
  std::size_t enrol(std::size_t person, Who who, bool verify);
  /// A new list of recovery codes, by the application. kNone if it is refused.
  std::size_t make_codes(std::size_t person, Who who);
  /// A new passkey, by the application. kNone if it is refused.
  std::size_t enrol_key(std::size_t person, Who who);
  /// A new device or phone, by the application. kNone if it is refused.
  std::size_t enrol_device(std::size_t person, Who who, Thing thing);
  bool confirm(std::size_t person, Who who, std::size_t factor, bool verify, bool vouch = false);
  bool remove_app(const Person& person, Who who, std::size_t app, bool verify);
  /// The operation that adds an app or a key, or makes codes, from that page; null if it is refused.
  Deal* begin_addition(const Deal& from, Who who, Thing thing);
  /// The operation that decides about the source that was stopped: keeps it if it is the person's (for her) or not (for
  /// him). Null if there is none, or it is refused.
  Deal* begin_decision(const Deal& from, Who who);
  std::size_t enrol_here(Deal& deal, Who who, Thing thing);
  bool confirm_here(Deal& deal, Who who, std::size_t factor);

  /// A word about what a rule stopped, with that key.
  bool say_about_review(Deal& deal, bool allow, const Product::Key& key);
  void switch_spending(bool stopped, const Product::Key& key);
  /// An issuer tells that a session of hers was revoked. `again`: with a token that was taken before.
  void tell(std::string_view identity, std::string_view token, bool genuine, bool again);
  /// All decisions of the transactions that are remembered are stored, each once.
  void compare_stored_decisions();
  /// What the server does beside requests; the referee sees what was decided.
  void run_second();
  void look_at_decisions() { fraud.recorded(product.take_decisions(), deals); }
  /// Another number for him: of the country that nobody uses, or in the prefix of that line.
  std::size_t make_foreign_line();
  std::size_t make_line_beside(std::size_t line);

  void wait(Duration by);
  /// Delivers sent messages to their readers.
  void collect();
  /// Sends notices and webhooks.
  void work();

  /// The latest letter, if it arrived since then.
  [[nodiscard]] const Letter* newest(std::uint64_t since) const;
  [[nodiscard]] std::uint64_t arrived() const { return arrived_; }

 private:
  Answered note_started(Deal& deal, Who who, std::optional<std::size_t> source, std::string_view how,
                        Answered answered);
  std::optional<usecase::HeardSignals> hear(const usecase::HoldRequest& request, std::set<std::size_t>& swapped);
  Answered accept(Deal& deal, Answered answered, Accepted accepted, bool on_page);
  [[nodiscard]] std::size_t source_of(const Person& person, const BindingId& binding);
  Deal* new_operation(const Deal& from, Who who, const TransactionId& id, std::string_view link);
  std::optional<BindingId> binding_of(const Person& person, std::size_t source);
  std::optional<ContactId> contact_of(const Person& person, std::size_t source, contact::Channel channel);
  bool confirm_objection(const Person& person, Who who, std::size_t contact, std::optional<BindingId> about);
  void note_given(std::string_view identity, std::string_view service, Who who,
                  const std::vector<std::pair<std::size_t, contact::Channel>>& given, std::string_view how, bool vouch);
  std::size_t keep_app(std::size_t owner, const FactorId& id, const SecretString& secret_base32);
  std::size_t keep_codes(std::size_t owner, const usecase::NewCodes& made);
  std::size_t keep_key(std::size_t owner, const usecase::PasskeyEnrolment& made);
  json::object new_key_answer(std::size_t key);
  Answered confirm_device(const Person& person, std::size_t device, bool vouch);
  void bind_factor(std::size_t person, Who who, std::size_t factor, std::string service, std::string how,
                   const Deal* on_page, bool vouched = false);

  std::uint64_t arrived_ = 0;
  std::set<std::string> erasing_;  ///< Identities with a requested erasure.
};

}  // namespace countersign::simulation::game
