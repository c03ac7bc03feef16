#include "store/postgres/side_by_side.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace countersign::store::postgres {

QueryResult Strand::get(const Sql& sql, std::initializer_list<Param> params) {
  before_statement();
  if (Coverage* const coverage = watch()) coverage->sent(number_, sql, params);
  const bool reads = sql.text().starts_with("SELECT");
  if (!reads && all_.node_keys_ != nullptr) all_.node_keys_->insist(*this, all_.statements_);
  all_.questions_.push_back({this, &sql, params});
  ++all_.asking_;
  pause(State::kAsks);
  if (Coverage* const coverage = watch()) coverage->answered(number_, answer_.get());
  return std::move(answer_);
}

void Strand::put(const Sql& sql, std::initializer_list<Param> params) {
  before_statement();
  if (Coverage* const coverage = watch()) coverage->sent(number_, sql, params);
  if (all_.node_keys_ != nullptr) all_.node_keys_->insist(*this, all_.statements_);
  all_.connection_.put(sql, params, this);
}

/// What it does alone, it does after the others.
Coverage* Strand::watch() const { return all_.alone_ == this ? nullptr : all_.coverage_; }

bool Strand::is_over() const { return all_.stopping_ || all_.connection_.failure().has_value(); }

void Strand::throw_if_over() const {
  if (all_.stopping_) throw StoreFailure({StoreError::Code::kFailed, "PostgreSQL: the transaction is rolled back"});
  if (put_off_) throw StoreFailure({StoreError::Code::kFailed, "PostgreSQL: the unit is left to a later batch"});
}

void Strand::leave(WhyPutOff why) {
  put_off_ = why;
  throw_if_over();
  CS_CHECK(false);
}

void Strand::may_go_on() {
  throw_if_over();
  if (beside_ <= 0) alone();
}

void Strand::before_statement() {
  may_go_on();
  const std::uint64_t number = ++all_.statements_;
  if (!has_begun()) {
    first_statement_ = number;
    if (all_.coverage_ != nullptr) all_.coverage_->begun(number_);
  }
}

void Strand::alone() {
  if (all_.alone_ == this) return;
  throw_if_over();
  if (all_.node_keys_ != nullptr) leave(WhyPutOff::kNeedsTurn);
  pause(State::kWaitsToBeAlone);
}

void Strand::latch(const Key& key) {
  before_statement();  // Not to be left behind it: what wants to be alone waits there.
  if (all_.alone_ == this) return;
  auto& claim = all_.claims_[key];
  if (claim.holder == nullptr) {
    claim.holder = this;
    return;
  }
  claim.waiting.push_back(this);
  pause(State::kWaitsForKey);
}

void Strand::unlatch(const Key& key) {
  if (all_.alone_ != this && all_.claims_[key].holder == this) all_.give_up(key);
}

bool Strand::take(std::span<const Key> keys) {
  // Alone, it has nothing to wait for. Before that it may have read something that another has changed.
  if (beside_ <= 0 && all_.alone_ != this) alone();
  bool stands = true;
  for (const Key& key : keys) {
    if (std::ranges::find(keys_, key) != keys_.end()) continue;
    auto& claim = all_.claims_[key];
    if (all_.alone_ != this) {
      if (claim.holder == nullptr) {
        claim.holder = this;
      } else {
        claim.waiting.push_back(this);
        pause(State::kWaitsForKey);
      }
      keys_.push_back(key);
    }
    if (has_begun() && all_.claims_[key].given_up_at >= first_statement_) stands = false;
    if (all_.node_keys_ != nullptr && key.is_of_all_nodes() && !has_node_key(key)) stands = false;
  }
  return stands;
}

/// Asks for it if need be. False if another node may have had it since the unit's first statement.
bool Strand::has_node_key(const Key& key) {
  NodeKeys& keys = *all_.node_keys_;
  const std::int64_t number = key.number();
  if (keys.is_refused(number)) leave(WhyPutOff::kKeyOfAnother);
  const auto since = keys.had_since(number);
  if (!since) keys.want(number, *this);
  if (!has_begun() || std::ranges::find(named_, number) != named_.end()) return true;
  return since && *since < first_statement_;
}

void Strand::will_take(Named what, std::string_view account, std::string_view id) {
  if (all_.node_keys_ != nullptr && beside_ > 0) all_.node_keys_->want(what, account, id, *this);
}

void Strand::pause(State state) {
  throw_if_over();
  state_ = state;
  fiber_->pause();
  throw_if_over();
}

SideBySide::Outcome SideBySide::run(std::size_t count, FunctionRef<bool(std::size_t, Strand&)> work) {
  work_ = &work;
  for (std::size_t i = 0; i < count; ++i) strands_.push_back(std::unique_ptr<Strand>(new Strand(*this, i)));
  try {
    const Outcome outcome = advance();
    if (outcome != Outcome::kDone) stop();
    return outcome;
  } catch (...) {
    stop();
    throw;
  }
}

std::optional<std::size_t> SideBySide::number_of(const void* strand) const {
  for (const auto& one : strands_) {
    if (one.get() == strand) return one->number_;
  }
  return std::nullopt;
}

SideBySide::Outcome SideBySide::advance() {
  for (const auto& strand : strands_) {
    begin(*strand);
    if (stopping_) return Outcome::kStopped;
  }
  while (ended_ < strands_.size()) {
    while (!ready_.empty()) {
      Strand& next = *ready_.front();
      ready_.pop_front();
      go_on(next);
      if (stopping_) return Outcome::kStopped;
    }
    if (ended_ == strands_.size()) break;
    if (asking_ > 0) {
      exchange();
      if (stopping_) return Outcome::kStopped;
    } else if (!grant_alone()) {
      return Outcome::kTangled;
    }
  }
  return Outcome::kDone;
}

void SideBySide::begin(Strand& strand) {
  strand.fiber_ = fibers_.take();
  strand.state_ = Strand::State::kRuns;
  strand.fiber_->begin([this, &strand] {
    if (!(*work_)(strand.number_, strand)) stopping_ = true;
    strand.state_ = Strand::State::kEnded;
  });
  after(strand);
}

void SideBySide::go_on(Strand& strand) {
  strand.state_ = Strand::State::kRuns;
  strand.fiber_->resume();
  after(strand);
}

void SideBySide::after(Strand& strand) {
  // What a failed connection does to one unit it does to all.
  if (connection_.failure() && !stopping_) throw StoreFailure(connection_.failure()->error);
  if (strand.state_ != Strand::State::kEnded) return;
  fibers_.give_back(std::move(strand.fiber_));
  ++ended_;
  if (node_keys_ != nullptr) node_keys_->forget(strand);
  if (alone_ == &strand) alone_ = nullptr;
  give_up(strand);
}

/// One round trip for all that wait. Whoever has its answer goes on at once, while the server works on the others'.
void SideBySide::exchange() {
  if (node_keys_ != nullptr) node_keys_->ask(statements_);
  for (const Question& question : std::exchange(questions_, {}))
    connection_.ask(*question.sql, question.params, question.by);
  for (std::size_t left = connection_.request(); left > 0; --left) {
    auto answer = connection_.answer();
    if (answer.asked_by == nullptr) continue;
    if (answer.asked_by == node_keys_) {
      for (Strand* const refused : node_keys_->answered(answer.result.get())) put_off(*refused);
      continue;
    }
    auto& strand = *static_cast<Strand*>(answer.asked_by);
    strand.answer_ = std::move(answer.result);
    --asking_;
    go_on(strand);
    if (stopping_) return;
  }
}

/// Ends the unit where it waits: at once where that is for a key, else when its answer comes.
void SideBySide::put_off(Strand& strand) {
  if (!strand.put_off_) strand.put_off_ = WhyPutOff::kKeyOfAnother;
  if (strand.state_ != Strand::State::kWaitsForKey) return;
  for (auto& [key, claim] : claims_) std::erase(claim.waiting, &strand);
  strand.state_ = Strand::State::kReady;
  ready_.push_back(&strand);
}

/// To the only one that has begun, or else to the first. False if others have begun that can only go on after it.
bool SideBySide::grant_alone() {
  const auto waits = [](const Strand& strand) { return strand.state_ == Strand::State::kWaitsToBeAlone; };
  Strand* begun = nullptr;
  Strand* first = nullptr;
  for (const auto& strand : strands_) {
    if (strand->state_ == Strand::State::kEnded) continue;
    if (strand->has_begun()) {
      if (begun != nullptr) return false;
      begun = strand.get();
    }
    if (first == nullptr && waits(*strand)) first = strand.get();
  }
  Strand* const chosen = begun != nullptr ? begun : first;
  if (chosen == nullptr || !waits(*chosen)) return false;
  alone_ = chosen;
  ready_.push_back(chosen);
  return true;
}

void SideBySide::give_up(Strand& strand) {
  if (coverage_ != nullptr && strand.put_off_) coverage_->put_off(strand.number_);
  if (coverage_ != nullptr && !strand.put_off_) coverage_->ended(strand.number_, strand.keys_);
  for (const Key& key : strand.keys_) give_up(key);
}

void SideBySide::give_up(const Key& key) {
  auto& claim = claims_[key];
  claim.given_up_at = statements_;
  claim.holder = nullptr;
  if (claim.waiting.empty()) return;
  claim.holder = claim.waiting.front();
  claim.waiting.pop_front();
  claim.holder->state_ = Strand::State::kReady;
  ready_.push_back(claim.holder);
}

/// Ends all that are under way, by an exception from where they wait.
void SideBySide::stop() {
  stopping_ = true;
  for (const auto& strand : strands_) {
    while (strand->fiber_ && strand->fiber_->under_way()) strand->fiber_->resume();
    if (strand->fiber_) fibers_.give_back(std::move(strand->fiber_));
  }
}

}  // namespace countersign::store::postgres
