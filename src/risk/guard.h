#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace countersign::risk {

/// When a rule has gone wild: it would refuse, or send to review, too many people who are established for over 30 days.
struct GuardTerms {
  double share = 0.02;          ///< Of those people who were judged in the window: above it, the rule falls back.
  std::size_t people_min = 20;  ///< It hit at least so many of them: a handful of accounts switches no rule off.
  Duration window = std::chrono::hours(24);
};

/// Which rules of one account have gone wild. It counts people, each once, whatever number of requests is made in her
/// name; and it counts a sample of them, the same whoever they are (the people with the smallest keyed hashes), so that
/// its memory has an end. Not thread-safe.
class Guard {
 public:
  explicit Guard(GuardTerms terms = {}) : terms_(terms) {}

  /// This established person was judged, and those rules would have been hard on her. `person`: a keyed hash.
  void note(std::uint64_t person, const std::vector<std::string_view>& hard_rules, WallTime now);

  /// Whether the rule counts as one that asks for another kind.
  [[nodiscard]] bool fell_back(std::string_view rule, WallTime now) const;
  /// Those that do.
  [[nodiscard]] std::vector<std::string> fallen(WallTime now) const;

  static constexpr std::size_t kPeopleMax = 2048;
  static constexpr std::size_t kRulesCountedMax = 200;

 private:
  /// The people of one half of the window.
  struct Half {
    WallTime since{};
    std::map<std::uint64_t, std::set<std::string, std::less<>>> people;
    std::map<std::string, std::size_t, std::less<>> hit;
  };
  void turn(WallTime now);
  void forget_greatest();
  [[nodiscard]] bool was_hit_before(std::uint64_t person, std::string_view rule) const;
  [[nodiscard]] bool is_wild(std::string_view rule) const;

  GuardTerms terms_;
  Half current_;
  Half previous_;
  // In both halves; each is one person.
  std::size_t people_in_both_ = 0;
  std::map<std::string, std::size_t, std::less<>> hit_in_both_;
};

}  // namespace countersign::risk
