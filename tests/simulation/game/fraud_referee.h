#pragma once

#include <array>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "risk/record.h"
#include "simulation/game/cast.h"
#include "simulation/game/engine.h"
#include "simulation/game/product.h"
#include "simulation/tally.h"

namespace countersign::simulation::game {

/// Judges the fraud engine by what docs/fraud.md promises, promises 4 to 8 of docs/simulation.md. It knows what the
/// operator has set up and what happened, not what the engine counts. Each of its members throws Broken.
class FraudReferee {
 public:
  FraudReferee(const std::vector<Source>& sources, EngineOptions options, Tally& tally)
      : sources_(sources), options_(options), tally_(tally) {}

  // Transactions that rules stop.
  void held(const Deal& deal, domain::TransactionStatus status);
  /// A code was sent for it, somebody was asked, or a proof was accepted.
  void went_on(const Deal& deal) const;
  void claimed(const Deal& deal, std::string_view payload) const;
  /// An operator's word was taken. `allowed`: it was a yes; `decided`: it changed the state.
  void word_taken(const Deal& deal, const Product::Key& key, bool allowed, bool decided, WallTime now) const;
  void verified(const Deal& deal);

  // Messages and money.
  void left(const Outgoing& message, WallTime now);
  /// A send was refused. `proved`: she has proved that contact, and has it.
  void not_sent(const std::string& why, bool proved, WallTime now) const;
  void typed(std::size_t source, std::string_view who, WallTime now);
  void stopped_spending(bool stopped) { spending_stopped_ = stopped; }
  [[nodiscard]] bool is_spending_stopped() const { return spending_stopped_; }

  // Contacts that are proved; by identity and service.
  [[nodiscard]] bool has_proved(const Deal& deal, std::size_t source) const;
  void not_proved_any_more(const Person& person, std::size_t source);
  void only_proved(const Person& person, const std::set<std::size_t>& kept);
  /// She counts as somebody else from now on.
  void erased(const Person& person, WallTime now);

  // Sources.
  void bound(const Source& source, bool vouched, bool by_herself, WallTime now) const;

  // Decisions: how many there must be for it at a point.
  void expect(const TransactionId& id, risk::Point point, std::size_t least, std::size_t most);
  void recorded(const std::vector<risk::Record>& records, const std::deque<Deal>& deals);
  [[nodiscard]] std::size_t recorded_for(const TransactionId& id) const;
  /// A rule asked for another kind, for this transaction.
  [[nodiscard]] bool asked_for_more(const TransactionId& id) const { return asked_more_.contains(id); }

  // Tokens of an issuer. `received`: how many people it had an effect for.
  void told(std::string_view identity, bool genuine, bool again, std::size_t received, WallTime now);
  [[nodiscard]] bool is_alerted(std::string_view identity, WallTime now) const;

 private:
  [[nodiscard]] std::int64_t paid_today(WallTime now) const;
  [[nodiscard]] std::int32_t typed_at_most(WallTime now) const;

  struct Counted {
    std::size_t least = 0;
    std::size_t most = 0;
    std::size_t seen = 0;
  };
  const std::vector<Source>& sources_;
  EngineOptions options_;
  Tally& tally_;
  std::map<std::int64_t, std::int64_t> messages_;  ///< To telephones, by UTC day.
  std::deque<WallTime> foreign_;                   ///< Codes to the country that nobody uses.
  bool spending_stopped_ = false;
  std::set<std::string> proved_addresses_;
  std::set<std::pair<std::string, std::size_t>> proved_;   ///< Place and source.
  std::map<std::int64_t, std::set<std::string>> typed_;    ///< Who typed a code, by UTC day.
  std::set<std::pair<std::string, std::string>> devices_;  ///< Identity and device of what she approved.
  std::map<std::string, std::set<std::string>> payouts_;   ///< Who approved that payout.
  std::map<TransactionId, std::array<Counted, risk::kPoints>> counted_;
  std::map<TransactionId, std::size_t> recorded_;
  std::set<TransactionId> touched_;  ///< Since decisions were looked at.
  std::set<TransactionId> asked_more_;
  std::set<DecisionId> decisions_;
  std::map<std::string, WallTime, std::less<>> alerted_;
};

/// Another country than everybody's.
inline constexpr std::string_view kForeign = "+53";

}  // namespace countersign::simulation::game
