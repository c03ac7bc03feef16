#pragma once

#include "simulation/game/table.h"

namespace countersign::simulation::game {

/// The honest people with their application, its support and its developers: everyday actions.
class People {
 public:
  explicit People(Table& table) : table_(table) {}

  void act();
  /// The third promise: the person holds, starts and checks with reliable sources, and succeeds within the documented
  /// waits. Throws Broken.
  void insist(std::size_t person);

 private:
  void join(std::size_t person);
  void ask(std::size_t person);
  void go_on(std::size_t person);
  void prove(Deal& deal, std::size_t person);
  void add_app(Deal& deal, std::size_t person);
  void change_line(std::size_t person);
  void lose_line(std::size_t person);
  void react(std::size_t person);
  /// About a change that was stopped, on the page of what she asked for.
  void decide(std::size_t person);
  void drop_app(std::size_t person);
  /// Her key is gone, or in other hands: she reports it, and has another one enrolled.
  void lose_key(std::size_t person);
  /// A device or a phone, by the application.
  void get_device(std::size_t person, Thing thing, bool vouch);
  void lose_device(std::size_t person);
  void log_in(std::size_t person);
  bool insist_once(std::size_t person, const std::vector<std::size_t>& by, std::string_view policy, Duration& waited,
                   bool& may_wait, std::string& why);
  Deal* current(std::size_t person);
  /// A hold from her own device, at home.
  [[nodiscard]] Table::Wish wish_of(std::size_t person, std::string policy_name);
  /// What she insists on goes on, or is excused: the documentation says that it does not.
  bool is_let_on(Deal& deal, std::string& why);
  bool give_another_kind(std::size_t person, Deal& deal);

  Table& table_;
  double amount_ = 0;         ///< Of what she insists on.
  bool sim_changed_ = false;  ///< A carrier said so of a line that she insists with: it need not count, and must not.
  std::string excused_;       ///< Why what she insisted on did not succeed, where that is no broken promise.
};

}  // namespace countersign::simulation::game
