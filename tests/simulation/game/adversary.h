#pragma once

#include "simulation/game/table.h"

namespace countersign::simulation::game {

/// Makes any call at any time with what the adversary controls: swapped lines, read mailboxes, stolen seeds, links,
/// sessions at the application, and lines, mailboxes and apps of the adversary's own. Without a key of the application:
/// its calls are available only through a session, only for that person, and never with a scope of support or
/// administration.
class Adversary {
 public:
  explicit Adversary(Table& table) : table_(table) {}

  void act();

 private:
  void take();
  void let_go();
  void have_held();
  void have_his_own_held();
  void start(Deal& deal);
  void answer(Deal& deal);
  void answer_all(Deal& deal);
  void guess(Deal& deal);
  void give();
  void remove();
  void enrol();
  void confirm();
  void add_here(Deal& deal);
  void phish();
  void use_elsewhere(std::string_view code);
  void by_verify();
  void flood();
  void suspect();
  void object();
  void decide(Deal& deal);
  void besiege(Deal& deal);
  void take_key();
  void replay(Deal& deal);
  void forge(Deal& deal);
  void use_old_key(Deal& deal);
  void take_device();
  /// Asks her devices until she gives in.
  void wear_down(Deal& deal);
  void sit_in_asking_browser(Deal& deal);
  void replay_device(Deal& deal);
  void use_old_device(Deal& deal);
  /// In the next hold, beside what added it.
  void use_what_he_added();

  // Against the fraud engine (adversary_fraud.cpp).
  void meet_the_engine();
  void pose_as_operator();
  void wait_out_review();
  void change_in_review();
  void pump();
  void spend();
  void replay_work();
  void tell_of_her();
  void teach();
  void share_payout();
  void have_too_much_held();
  Deal* stopped();  ///< One that waits for an operator, and is in his hands.

  [[nodiscard]] Person& victim() { return table_.persons[victim_]; }
  [[nodiscard]] bool session() { return victim().session_stolen; }
  Deal* deal();                  ///< Of the victim, usually the newest open one.
  std::size_t own(Thing thing);  ///< One of the adversary's, new or existing.
  std::vector<std::size_t>
  held();  ///< All sources at the victim's identity that the adversary can answer with, own apps included.
  contact::Channel by(std::size_t source);

  Table& table_;
  std::size_t victim_ = 0;
  bool flooded_ = false;
  int told_ = 0;
  std::vector<std::size_t> foreign_;  ///< Numbers for pumping.
  std::vector<std::size_t> beside_;
  std::vector<std::pair<std::size_t, std::size_t>> begun_;  ///< Apps that wait for their first code, and their person.
  std::vector<std::pair<std::size_t, TransactionId>> begun_here_;
};

}  // namespace countersign::simulation::game
