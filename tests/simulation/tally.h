#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace countersign::simulation {

/// Where a run has its database.
enum class Where { kMemory, kFile, kNodes };

/// Counts events: shows that a run reaches the behaviour that it tests.
class Tally {
 public:
  void count(std::string_view what, std::uint64_t by = 1) {
    const auto found = counts_.find(what);
    if (found != counts_.end())
      found->second += by;
    else
      counts_.emplace(what, by);
  }
  void add(const Tally& other) {
    for (const auto& [what, count_of] : other.counts_) count(what, count_of);
  }

  [[nodiscard]] const std::map<std::string, std::uint64_t, std::less<>>& counts() const { return counts_; }
  /// Counts that every long run must reach and this one has not.
  [[nodiscard]] std::vector<std::string_view> missing(Where where) const;
  [[nodiscard]] std::string table() const;

 private:
  std::map<std::string, std::uint64_t, std::less<>> counts_;
};

}  // namespace countersign::simulation
