#pragma once

#include "simulation/game/table.h"

namespace countersign::simulation::game {

/// Plays any call at any time with what he holds just then: swapped lines, read mailboxes, stolen seeds, links,
/// sessions at the application, lines and mailboxes and apps of his own. He has no key of the application: its calls he
/// gets through a session, for that person alone, and never with a scope of support or of administration.
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
  void besiege(Deal& deal);

  [[nodiscard]] Person& victim() { return table_.persons[victim_]; }
  [[nodiscard]] bool session() { return victim().session_stolen; }
  Deal* deal();                     ///< Of the victim, mostly the newest that is open.
  std::size_t own(Thing thing);     ///< One of his, new or not.
  std::vector<std::size_t> held();  ///< All of the victim's identity that he can answer by, apps of his included.
  contact::Channel by(std::size_t source);

  Table& table_;
  std::size_t victim_ = 0;
  bool flooded_ = false;
  std::vector<std::pair<std::size_t, std::size_t>> begun_;  ///< Apps that wait for their first code, and for whom.
  std::vector<std::pair<std::size_t, TransactionId>> begun_here_;
};

}  // namespace countersign::simulation::game
