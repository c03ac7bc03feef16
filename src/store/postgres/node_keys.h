#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "store/key.h"
#include "store/postgres/connection.h"

namespace countersign::store::postgres {

class Strand;

/// The keys that a batch has towards other nodes: advisory locks of its transaction, which end with it. None is waited
/// for, so nodes cannot wait for each other; whose key another node has is put off (side_by_side.h).
///
/// Keys are asked for in front of the statements that they cover, in the same write. Each of those sees what was
/// committed before it began, so also all that the key's last holder has done.
class NodeKeys {
 public:
  explicit NodeKeys(Connection& connection) : connection_(connection) {}
  NodeKeys(const NodeKeys&) = delete;
  NodeKeys& operator=(const NodeKeys&) = delete;

  /// Since which statement the batch has it; nullopt: it was not asked for, or not had.
  [[nodiscard]] std::optional<std::uint64_t> had_since(std::int64_t number) const;
  /// Another node has, or had when this batch asked.
  [[nodiscard]] bool is_refused(std::int64_t number) const;

  /// To be asked for with the next statements.
  void want(std::int64_t number, Strand& by) { wanted_.push_back({number, &by}); }
  void want(Named what, std::string_view account, std::string_view id, Strand& by);
  /// It does not matter any more what the strand wanted.
  void forget(const Strand& by);

  /// Queues the questions; answers come to this object as the asker (Connection::answer). `statement`: the last before.
  void ask(std::uint64_t statement);
  /// Queues one for what this strand still wants, which fails the transaction where another node has a key: before a
  /// write.
  void insist(const Strand& by, std::uint64_t statement);

  /// Takes the answer to the oldest question. Returns the strands whose keys another node has.
  [[nodiscard]] std::vector<Strand*> answered(const pg_result* result);

 private:
  struct Wanted {
    std::int64_t number;
    Strand* by;
  };
  struct WantedByName {
    Named what;
    std::string account;
    std::string id;
    Strand* by;
  };
  struct Question {
    std::uint64_t statement;
    std::vector<Wanted> keys;         ///< Or else …
    std::vector<WantedByName> names;  ///< … these.
  };
  static constexpr std::uint64_t kRefused = ~std::uint64_t{0};

  void ask_for_named(Named what, std::uint64_t statement);

  Connection& connection_;
  std::unordered_map<std::int64_t, std::uint64_t> known_;  ///< Since when, or kRefused.
  std::vector<Wanted> wanted_;
  std::vector<WantedByName> wanted_names_;
  std::deque<Question> asked_;
};

}  // namespace countersign::store::postgres
