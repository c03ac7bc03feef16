#include "store/postgres/coverage.h"

#include <fmt/format.h>
#include <libpq-fe.h>

#include <algorithm>

namespace countersign::store::postgres {

namespace {

constexpr std::size_t kIdSize = 16;

std::string start_of(std::string_view text) {
  std::string start(text.substr(0, 120));
  std::ranges::replace(start, '\n', ' ');
  return start;
}

}  // namespace

std::uint64_t CoverageOfNodes::now() {
  const std::lock_guard lock(mutex_);
  return ++time_;
}

void CoverageOfNodes::committed(const void* node, std::vector<Unit> units,
                                const std::function<void(std::string_view)>& report) {
  const auto have_common_key = [](const Unit& a, const Unit& b) {
    return std::ranges::any_of(a.keys, [&](const Key& key) {
      return key.is_of_all_nodes() && std::ranges::find(b.keys, key) != b.keys.end();
    });
  };
  const std::lock_guard lock(mutex_);
  const std::uint64_t ended = ++time_;
  for (const auto& mine : units) {
    for (const auto& [whose, its_end, theirs] : known_) {
      if (whose == node || its_end < mine.begun || have_common_key(mine, theirs)) continue;
      for (const auto& [id, touch] : mine.touched) {
        const auto other = theirs.touched.find(id);
        if (other == theirs.touched.end() || (!touch.wrote && !other->second.wrote)) continue;
        report(fmt::format("two units of two nodes touched one row without a common key: \"{}\" and \"{}\"", touch.by,
                           other->second.by));
      }
    }
  }
  for (auto& mine : units) known_.push_back({node, ended, std::move(mine)});
  while (known_.size() > kUnitsMax) known_.pop_front();
}

void Coverage::begin_batch() {
  runs_.clear();
  touched_.clear();
  asked_.clear();
}

void Coverage::begun(std::size_t unit) {
  runs_[unit].begun = ++time_;
  if (nodes_) runs_[unit].begun_at = nodes_->now();
}

void Coverage::sent(std::size_t unit, const Sql& sql, std::initializer_list<Param> params) {
  const bool writes = !sql.text().starts_with("SELECT");
  for (const Param& param : params) {
    if (param.kind() == Param::Kind::kBlob) touch(unit, param.bytes(), sql.text(), writes);
  }
  asked_[unit] = start_of(sql.text());
}

void Coverage::answered(std::size_t unit, const pg_result* result) {
  for (int row = 0; row < PQntuples(result); ++row) {
    for (int column = 0; column < PQnfields(result); ++column) {
      if (PQgetisnull(result, row, column) != 0) continue;
      const std::string_view value(PQgetvalue(result, row, column),
                                   static_cast<std::size_t>(PQgetlength(result, row, column)));
      touch(unit, value, asked_[unit], false);
    }
  }
}

void Coverage::touch(std::size_t unit, std::string_view id, std::string_view statement, bool writes) {
  constexpr auto is_zero = [](char c) { return c == 0; };
  if (id.size() != kIdSize || std::ranges::all_of(id, is_zero) || is_shared_(id)) return;
  Touch& touch = touched_[std::string(id)][unit];
  if (touch.by.empty() || (writes && !touch.wrote)) touch.by = start_of(statement);
  touch.wrote = touch.wrote || writes;
}

void Coverage::ended(std::size_t unit, std::span<const Key> keys) {
  Run& run = runs_[unit];
  run.ended = ++time_;
  run.keys.assign(keys.begin(), keys.end());
}

void Coverage::committed() {
  if (!nodes_) return;
  std::map<std::size_t, CoverageOfNodes::Unit> units;
  for (const auto& [id, touches] : touched_) {
    for (const auto& [unit, touch] : touches) units[unit].touched.emplace(id, touch);
  }
  std::vector<CoverageOfNodes::Unit> all;
  for (auto& [number, unit] : units) {
    const Run& run = runs_.at(number);
    unit.begun = run.begun_at;
    unit.keys = run.keys;
    all.push_back(std::move(unit));
  }
  nodes_->committed(this, std::move(all), report_);
}

void Coverage::put_off(std::size_t unit) {
  for (auto& [id, touches] : touched_) touches.erase(unit);
}

void Coverage::judge() const {
  for (const auto& [id, touches] : touched_) {
    for (auto one = touches.begin(); one != touches.end(); ++one) {
      for (auto other = std::next(one); other != touches.end(); ++other) {
        if (!one->second.wrote && !other->second.wrote) continue;
        const Run& a = runs_.at(one->first);
        const Run& b = runs_.at(other->first);
        const bool apart = (a.ended != 0 && a.ended < b.begun) || (b.ended != 0 && b.ended < a.begun);
        const bool covered =
            std::ranges::any_of(a.keys, [&](const Key& key) { return std::ranges::find(b.keys, key) != b.keys.end(); });
        if (apart || covered) continue;
        report_(fmt::format("two units ran side by side and touched one row without a common key: \"{}\" and \"{}\"",
                            one->second.by, other->second.by));
      }
    }
  }
}

}  // namespace countersign::store::postgres
