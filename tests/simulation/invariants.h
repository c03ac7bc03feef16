#pragma once

#include <map>
#include <set>
#include <string>

#include "base/id.h"
#include "simulation/model.h"
#include "simulation/providers.h"
#include "simulation/receivers.h"
#include "simulation/world.h"

namespace countersign::simulation {

/// Compares the database, read by its own SQL, with the model. Throws Violation.
class Invariants {
 public:
  Invariants(World& world, Model& model) : world_(world), model_(model) {}

  void check_touched();           ///< The transactions of the last step, and the new part of the audit log.
  void check_everything();        ///< All rows.
  void check_messages_drained();  ///< No message is waiting.
  /// The outbox is empty, and everything recorded as sent has arrived.
  void check_drained(const Providers& providers, const Receivers& receivers);

 private:
  struct Stored {
    std::string status;
    std::set<Id> proven_by;
    bool claimed = false;
    bool has_payload = false;
  };
  struct NewEvent {
    EventId id;
    std::string type;
    std::optional<TransactionId> transaction;
  };

  void read_events(store::Tx& tx, const EventId& from, std::vector<NewEvent>& events) const;
  void follow_trail();
  void compare(store::Tx& tx, const TransactionModel& wanted) const;
  void compare_verifications(store::Tx& tx, const TransactionModel& wanted) const;
  void compare_events(const TransactionModel& wanted) const;
  void compare_subject_events() const;
  void compare_messages(store::Tx& tx) const;
  void compare_deliveries(store::Tx& tx) const;
  // What the fraud engine has written (invariants_fraud.cpp):
  void compare_money(store::Tx& tx) const;
  void compare_money_with(const Providers& providers) const;
  void compare_decisions(store::Tx& tx) const;
  // With several nodes (invariants_nodes.cpp):
  void compare_with_poller() const;
  void compare_counters(store::Tx& tx) const;

  World& world_;
  Model& model_;
  std::set<EventId> known_events_;
  std::optional<EventId> newest_;     ///< In this process; its ids only grow.
  WallTime floor_ = WallTime::max();  ///< Of the last process that was checked.
  std::uint64_t process_ = 1;
  std::uint64_t commits_ = 0;
  std::map<TransactionId, std::map<std::string, int>> trail_;
  std::map<std::string, int> subject_trail_;
};

}  // namespace countersign::simulation
