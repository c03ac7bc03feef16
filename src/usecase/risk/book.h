#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "risk/counts.h"
#include "risk/pumping.h"
#include "risk/record.h"
#include "store/repository/risk_counts.h"
#include "usecase/work.h"

namespace countersign::usecase {

/// What this node knows of codes that left and were typed, and of places that are closed: its own counts at once, those
/// of other nodes a second later. One per process; thread-safe; bounded (kKeysMax). [ADR 51]
class RiskBook {
 public:
  /// Who asks for a code to where. `keys` as in decisions: what is empty is not counted.
  struct Asked {
    AccountId account;
    risk::Keys keys;
  };
  /// One code that was counted, until it is known whether its unit stands. Made by count().
  class Ticket;

  explicit RiskBook(std::size_t keys_max = kKeysMax);
  ~RiskBook();
  RiskBook(const RiskBook&) = delete;
  RiskBook& operator=(const RiskBook&) = delete;

  // ---- When it is decided ----
  /// What is known now, without the code that is asked for. `expected`: in the country, by the configuration.
  [[nodiscard]] risk::SendFigures figures(const Asked& asked, std::int64_t expected, WallTime now) const;
  /// A match for each of its places that is closed.
  [[nodiscard]] std::vector<risk::Match> blocked(const Asked& asked, WallTime now) const;
  /// The matches refuse: closes their places, where they are open.
  void close(const Asked& asked, const risk::SendFigures& figures, const std::vector<risk::Match>& matches,
             Moment& moment);
  /// A code leaves to somebody unknown there. The count is taken back where the ticket is, or where it is dropped
  /// without keep(). `verification`: for whom its code is typed, as long as it is remembered.
  [[nodiscard]] std::shared_ptr<Ticket> count(Asked asked, const VerificationId& verification, WallTime now);

  // ---- When it is durable ----
  /// The first right code of somebody new there. `asked`: by the address of the check, where that of the start is not
  /// remembered.
  void typed_by_newcomer(Asked asked, const VerificationId& verification, WallTime now);
  /// A right code of somebody who had proved it before: once for each of them and day, whatever node it is on. Counted
  /// here at once; taken back where another node was first.
  void typed_by_established(const Asked& asked, const SubjectId& who, WallTime now);

  // ---- For usecase/risk/sync.h ----
  struct Unwritten {
    std::vector<store::CountedCell> counted;
    std::vector<store::BlockRow> blocks;
    struct Typed {
      store::TypedMark mark;
      std::vector<risk::Cell> cells;  ///< Where she counts if no node has counted her that day.
    };
    std::vector<Typed> typed;
    [[nodiscard]] bool empty() const { return counted.empty() && blocks.empty() && typed.empty(); }
  };
  /// What is not written down yet; put it back if it could not be, or learn() what the unit answered.
  [[nodiscard]] Unwritten take_unwritten();
  void put_back(Unwritten unwritten);
  /// The version up to which it has what is stored.
  [[nodiscard]] std::int64_t seen() const;
  /// `news.typed`: marks that were there before those of the last take_unwritten(). Codes of other nodes are young from
  /// now on; not those that were there when this one started.
  void learn(const store::RiskNews& news, WallTime now);
  void prune(WallTime now);
  /// Keys in memory.
  [[nodiscard]] std::size_t size() const;

  /// Of each account and kind: a flood of more is counted together. With all kinds about 40 MB for an account that is
  /// flooded in each of them.
  static constexpr std::size_t kKeysMax = 30'000;
  static constexpr std::size_t kVerificationsMax = 50'000;  ///< Whose asker is remembered.
  static constexpr std::size_t kPeopleMax = 500'000;        ///< Who were counted on a day; nobody is beyond.
  static constexpr std::size_t kTypedMax = 50'000;          ///< Of them, not written down yet; nobody is beyond.

  /// The digest of a network, remembered, so that a start does not compute it.
  [[nodiscard]] std::string network_digest(const store::Vault& vault, const IpAddress& address);

 private:
  struct Pending {
    risk::Counted committed;
    risk::Counted open;  ///< Of units that may yet be undone.
  };
  struct Known {
    store::BlockRow row;
    bool used_since = false;  ///< A code was counted there after it.
  };
  struct Askers {
    std::string address;
    std::string network;
    std::string country;
  };

  // All with mutex_ held.
  std::vector<risk::Cell> add(const Asked& asked, const risk::Counted& counted, WallTime now, bool open);
  void add_one(const risk::CountKey& key, const risk::Counted& counted, WallTime now, bool open,
               std::vector<risk::Cell>& cells);
  void keep(const Ticket& ticket);
  void undo(const Ticket& ticket);
  /// Whose count stands, or another node has counted.
  void settle_typed(const store::RiskNews& news, WallTime now);
  void note_young(const Asked& asked, std::int32_t by, WallTime now);
  [[nodiscard]] std::optional<risk::SendFigures::Place> place(const AccountId& account, risk::Kind hours,
                                                              risk::Kind days, std::string_view key,
                                                              WallTime now) const;
  void remember(const VerificationId& verification, const Asked& asked);
  void forget_pending(const risk::Cell& cell);
  [[nodiscard]] std::int32_t countries_of(const Asked& asked, WallTime now) const;

  mutable std::mutex mutex_;
  // Guarded by mutex_:
  risk::Counts counts_;
  std::unordered_map<risk::Cell, Pending, risk::CellHash> pending_;
  std::unordered_map<risk::CountKey, Known, risk::CellHash> blocks_;
  std::vector<risk::CountKey> unwritten_blocks_;
  std::int64_t seen_ = 0;
  bool loaded_ = false;
  std::unordered_map<std::string, Askers> askers_;  ///< By verification.
  std::deque<std::string> askers_in_order_;
  std::unordered_map<risk::CountKey, std::vector<std::string>, risk::CellHash> countries_;  ///< By address; few each.
  std::map<std::int32_t, std::unordered_set<std::string>> people_;  ///< Who were counted, by day.
  std::map<store::TypedMark, std::vector<risk::Cell>> typed_;       ///< Of them, whose mark is not stored.
  std::vector<store::TypedMark> typed_taken_;                       ///< Of these, taken to be written.
  std::unordered_map<std::string, std::string> networks_;
};

/// In one unit of the store, of all nodes alone: writes what a book has not written down, with an audit event for each
/// place that was closed, and answers what it has not seen.
[[nodiscard]] store::RiskNews sync_risk(store::Tx& tx, const Context& context, const RiskBook::Unwritten& unwritten,
                                        std::int64_t seen, Moment& moment);

}  // namespace countersign::usecase
