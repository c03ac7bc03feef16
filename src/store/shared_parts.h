#pragma once

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace countersign::store {

class Tx;

/// A unit among those of one commit.
using UnitNumber = std::uint32_t;

/// State that the units of one commit share, and that is written once for all of them: audit events, counters. It is
/// made at its first use in a commit, and gone after it. Used by the store's thread only.
class SharedPart {
 public:
  SharedPart() = default;
  virtual ~SharedPart() = default;
  SharedPart(const SharedPart&) = delete;
  SharedPart& operator=(const SharedPart&) = delete;

  /// Takes back what this unit did, and nothing else: it failed, or was abandoned.
  virtual void undo(UnitNumber unit) = 0;
  /// Writes what the units have left. The last thing before the commit. Where other nodes commit at the same time
  /// (Tx::is_shared), what the units were answered is judged again by these statements: one that finds that it no
  /// longer holds fails, which is a conflict, and everything runs again.
  virtual void write(Tx& tx) = 0;
  /// The commit is certain. Not called where that is not known, and the units are answered all the same once it is.
  virtual void committed() {}
  /// Lower ones write first, each in an order of its own: so that of two nodes, which wait for each other's locks here,
  /// neither waits for one that waits for it.
  [[nodiscard]] virtual int place() const { return 0; }
};

/// The parts of one commit. An engine makes one for each attempt at a commit, and drops it with the transaction.
class SharedParts {
 public:
  template <std::derived_from<SharedPart> Part>
  [[nodiscard]] Part& get() {
    static constexpr char kType = 0;  // Its address stands for the type.
    const auto known = std::ranges::find(parts_, &kType, &Known::type);
    if (known != parts_.end()) return static_cast<Part&>(*known->part);
    parts_.push_back({&kType, std::make_unique<Part>()});
    return static_cast<Part&>(*parts_.back().part);
  }

  void undo(UnitNumber unit) {
    for (const auto& known : parts_) known.part->undo(unit);
  }
  void write(Tx& tx) {
    std::ranges::stable_sort(parts_, {}, [](const Known& known) { return known.part->place(); });
    for (const auto& known : parts_) known.part->write(tx);
  }
  void committed() {
    for (const auto& known : parts_) known.part->committed();
  }

 private:
  struct Known {
    const char* type;
    std::unique_ptr<SharedPart> part;
  };
  std::vector<Known> parts_;  ///< Few.
};

/// A unit's access to them.
struct Share {
  SharedParts* parts = nullptr;  ///< Null in Store::read, which writes nothing.
  UnitNumber unit = 0;
};

}  // namespace countersign::store
