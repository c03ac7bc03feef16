#include "risk/guard.h"

#include <iterator>

namespace countersign::risk {

void Guard::turn(WallTime now) {
  const bool set_back = now < current_.since;
  if (!set_back && now < current_.since + terms_.window / 2) return;
  previous_ = set_back || now >= current_.since + terms_.window ? Half{} : std::move(current_);
  current_ = Half{};
  current_.since = now;
  people_in_both_ = 0;
  hit_in_both_.clear();
}

bool Guard::was_hit_before(std::uint64_t person, std::string_view rule) const {
  const auto before = previous_.people.find(person);
  return before != previous_.people.end() && before->second.contains(rule);
}

void Guard::forget_greatest() {
  const auto last = std::prev(current_.people.end());
  const auto& [person, hit_by] = *last;
  if (previous_.people.contains(person)) --people_in_both_;
  for (const auto& rule : hit_by) {
    --current_.hit[rule];
    if (was_hit_before(person, rule)) --hit_in_both_[rule];
  }
  current_.people.erase(last);
}

void Guard::note(std::uint64_t person, const std::vector<std::string_view>& hard_rules, WallTime now) {
  turn(now);
  auto& people = current_.people;
  if (people.size() >= kPeopleMax && !people.contains(person)) {
    if (person > std::prev(people.end())->first) return;
    forget_greatest();
  }
  const auto [at, is_new] = people.try_emplace(person);
  if (is_new && previous_.people.contains(person)) ++people_in_both_;
  auto& hit_by = at->second;
  for (const auto rule : hard_rules) {
    if (hit_by.contains(rule)) continue;
    auto count = current_.hit.find(rule);
    if (count == current_.hit.end()) {
      if (current_.hit.size() >= kRulesCountedMax) continue;
      count = current_.hit.emplace(rule, 0U).first;
    }
    hit_by.emplace(rule);
    ++count->second;
    if (was_hit_before(person, rule)) ++hit_in_both_[std::string(rule)];
  }
}

bool Guard::is_wild(std::string_view rule) const {
  std::size_t hit = 0;
  std::size_t people = 0;
  for (const Half* half : {&current_, &previous_}) {
    people += half->people.size();
    if (const auto found = half->hit.find(rule); found != half->hit.end()) hit += found->second;
  }
  people -= people_in_both_;
  if (const auto twice = hit_in_both_.find(rule); twice != hit_in_both_.end()) hit -= twice->second;
  return hit >= terms_.people_min && static_cast<double>(hit) > terms_.share * static_cast<double>(people);
}

bool Guard::fell_back(std::string_view rule, WallTime now) const {
  if (now >= current_.since + terms_.window) return false;
  return is_wild(rule);
}

std::vector<std::string> Guard::fallen(WallTime now) const {
  std::set<std::string, std::less<>> names;
  for (const Half* half : {&current_, &previous_}) {
    for (const auto& [rule, count] : half->hit) {
      if (fell_back(rule, now)) names.insert(rule);
    }
  }
  return {names.begin(), names.end()};
}

}  // namespace countersign::risk
