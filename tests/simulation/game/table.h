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
#include "simulation/game/product.h"
#include "simulation/game/referee.h"
#include "simulation/trace.h"

namespace countersign::simulation::game {

/// Everything that the players share. A deed here is done at the product and noted by the referee in one step, so that
/// whoever plays cannot forget one of the two.
class Table {
 public:
  explicit Table(std::uint64_t seed);

  Chance chance;
  Tally tally;
  Trace trace;
  Product product;
  std::vector<Source> sources;
  std::vector<Person> persons;
  std::deque<Deal> deals;      ///< The newest last; the older ones are forgotten.
  std::deque<Letter> letters;  ///< The same.
  Referee referee;

  [[nodiscard]] WallTime now() const { return product.now(); }
  template <class... Args>
  void say(fmt::format_string<Args...> sentence, Args&&... args) {
    trace.note(now(), fmt::format(sentence, std::forward<Args>(args)...));
  }

  // Things outside.
  std::size_t make(Thing thing, std::size_t owner);
  Source& at(std::size_t source) { return sources[source]; }
  /// Whether whoever it is can answer by it now.
  [[nodiscard]] bool holds(Who who, std::size_t source) const;
  [[nodiscard]] std::size_t find(std::string_view address) const;  ///< kNone where nobody has it.

  /// A transaction; null where the product refuses. `contacts`: given in the hold. `link_to`: who gets the link.
  struct Wish {
    std::size_t person = kNone;
    Who by = Who::kPerson;
    std::string service = {};
    std::string policy_name = {};
    domain::Policy policy = {};
    bool written_out = false;  ///< The policy goes into the hold itself.
    std::vector<std::pair<std::size_t, contact::Channel>> contacts = {};
  };
  Deal* hold(const Wish& wish);
  [[nodiscard]] Deal* find(const TransactionId& id);

  /// Sends a code: to that source, or where the product thinks right.
  Answered start(Deal& deal, Who who, contact::Channel channel, std::optional<std::size_t> source);
  /// Types the letter's code in. `on_page`: in the browser of whoever does it.
  Answered check(Deal& deal, Who who, const Letter& letter, bool on_page);
  Answered check_app(Deal& deal, Who who, std::size_t app, bool on_page);
  Answered guess(Deal& deal, std::size_t against);
  void claim(Deal& deal, Who who);
  void deny(Deal& deal, Who who);
  void cancel(Deal& deal, Who who);

  void give(const Person& person, Who who, std::size_t source, contact::Channel channel, bool vouch = false);
  /// The whole list of her contacts.
  void put(const Person& person, Who who, const std::vector<std::pair<std::size_t, contact::Channel>>& list);
  /// Reported lost, by the contact of one channel; false where the product has no such contact.
  bool remove_contact(const Person& person, Who who, std::size_t source, contact::Channel channel);
  /// The application hears of a swapped SIM, or of an app in other hands.
  void suspect(const Person& person, Who who, std::size_t source);
  /// Whoever reads the contact has a code sent to it and stops the change by which that source came. [STD-11]
  bool object(const Person& person, Who who, std::size_t contact, std::size_t source);
  /// The application drops what was objected to.
  void drop(const Person& person, std::size_t source);
  void ask_for_erasure(const Person& person, Who who);
  bool object_to_erasure(const Person& person, Who who, std::size_t contact);
  /// A new app for the person's identity. kNone where it is refused. `verify`: by the Verify API.
  std::size_t enrol(std::size_t person, Who who, bool verify);
  bool confirm(std::size_t person, Who who, std::size_t app, bool verify, bool vouch = false);
  bool remove_app(const Person& person, Who who, std::size_t app, bool verify);
  /// The operation by which an app is added from that page; null where it is refused.
  Deal* begin_addition(const Deal& from, Who who);
  std::size_t enrol_here(Deal& deal, Who who);
  bool confirm_here(Deal& deal, Who who, std::size_t app);

  void wait(Duration by);
  /// What has left the product arrives at whoever reads it.
  void collect();
  /// Notices and webhooks leave.
  void work();

  /// The letter that arrived last, if it did since then.
  [[nodiscard]] const Letter* newest(std::uint64_t since) const;
  [[nodiscard]] std::uint64_t arrived() const { return arrived_; }

 private:
  Answered accept(Deal& deal, Answered answered, Accepted accepted, bool on_page);
  std::optional<BindingId> binding_of(const Person& person, std::size_t source);
  std::optional<ContactId> contact_of(const Person& person, std::size_t source, contact::Channel channel);
  bool confirm_objection(const Person& person, Who who, std::size_t contact, std::optional<BindingId> about);
  void note_given(std::string_view identity, std::string_view service, Who who,
                  const std::vector<std::pair<std::size_t, contact::Channel>>& given, std::string_view how, bool vouch);
  std::size_t keep_app(std::size_t owner, const FactorId& id, const SecretString& secret_base32);
  void bind_app(std::size_t person, Who who, std::size_t app, std::string service, std::string how,
                const Deal* on_page);

  std::uint64_t arrived_ = 0;
  std::set<std::string> erasing_;  ///< Identities whose erasure was asked for.
};

}  // namespace countersign::simulation::game
