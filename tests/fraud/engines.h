#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "risk/counts.h"
#include "risk/pumping.h"
#include "usecase/risk/book.h"

namespace countersign::testing::fraud {

/// Whom a code is for, and who asks.
struct Person {
  std::uint64_t number = 0;  ///< Tells people apart.
  risk::Keys keys;
  bool proved = false;  ///< Has proved the contact before.
};

enum class Answer : std::uint8_t {
  kSent,
  kMore,     ///< Asked for another kind, or a proof of work.
  kRefused,  ///< Not to this number now.
};

/// Decides about codes. All times of one engine go forward.
class Engine {
 public:
  Engine() = default;
  virtual ~Engine() = default;
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  [[nodiscard]] virtual Answer ask(const Person& person, WallTime now) = 0;
  /// The code that was sent last to her was typed.
  virtual void typed(const Person& person, WallTime now) = 0;
};

/// The product's counts, rules and blocks.
class Product final : public Engine {
 public:
  explicit Product(std::map<std::string, std::int64_t, std::less<>> expected);

  Answer ask(const Person& person, WallTime now) override;
  void typed(const Person& person, WallTime now) override;
  [[nodiscard]] std::size_t keys() const { return book_.size(); }

 private:
  risk::PumpingSettings settings_;
  usecase::RiskBook book_;
  WallTime pruned_at_;
};

/// What Authgear published (docs/specs/fraud-protection.md), if it refused.
class Published final : public Engine {
 public:
  Published();
  Answer ask(const Person& person, WallTime now) override;
  void typed(const Person& person, WallTime now) override;

 private:
  risk::Counts counts_;
  WallTime pruned_at_;
};

/// Neither counts nor refuses.
class Nothing final : public Engine {
 public:
  Answer ask(const Person& /*person*/, WallTime /*now*/) override { return Answer::kSent; }
  void typed(const Person& /*person*/, WallTime /*now*/) override {}
};

}  // namespace countersign::testing::fraud
