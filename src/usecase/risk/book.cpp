#include "usecase/risk/book.h"

#include <algorithm>
#include <set>
#include <utility>

#include "usecase/audit_log.h"
#include "usecase/risk/ticket.h"

namespace countersign::usecase {

namespace {

using risk::Counted;
using risk::CountKey;
using risk::Kind;

constexpr Counted kSent{1, 0, 0};
constexpr Counted kNewcomer{0, 1, 0};
constexpr Counted kEstablished{0, 0, 1};
constexpr std::size_t kCountriesMax = 8;  ///< More say nothing more.
constexpr std::size_t kNetworksMax = 50'000;
constexpr std::size_t kDigestBytes = 16;

constexpr Counted negative(const Counted& counted) { return {-counted.sent, -counted.newcomers, -counted.established}; }

std::string_view key_in(const risk::Keys& keys, Kind kind) {
  switch (kind) {
    case Kind::kCountry:
    case Kind::kCountryDays:
      return keys.country;
    case Kind::kPrefix:
    case Kind::kPrefixDays:
      return keys.prefix;
    case Kind::kRange:
    case Kind::kRangeDays:
      return keys.range;
    case Kind::kAddress:
      return keys.address;
    case Kind::kNetwork:
      return keys.network;
    case Kind::kAddressCountry:
      return {};
  }
  return {};
}

constexpr std::array kHours = {Kind::kCountry, Kind::kPrefix, Kind::kRange, Kind::kAddress, Kind::kNetwork};
constexpr std::array kDays = {Kind::kCountryDays, Kind::kPrefixDays, Kind::kRangeDays};
constexpr std::array kClosable = {Kind::kCountry, Kind::kRange, Kind::kPrefix};

std::string person_of(const store::TypedMark& mark) {
  return std::string(mark.account.bytes()).append(mark.subject.bytes());
}

/// What is to be added for those whom no node has counted, with what is to be added anyhow.
std::vector<store::CountedCell> with_typed(const RiskBook::Unwritten& unwritten,
                                           const std::vector<store::TypedMark>& there,
                                           std::vector<store::TypedMark>& marks) {
  std::unordered_map<risk::Cell, Counted, risk::CellHash> cells;
  for (const auto& [cell, counted] : unwritten.counted) cells[cell] += counted;
  const std::set<store::TypedMark> known(there.begin(), there.end());
  for (const auto& one : unwritten.typed) {
    if (known.contains(one.mark)) continue;
    marks.push_back(one.mark);
    for (const auto& cell : one.cells) cells[cell] += kEstablished;
  }
  std::vector<store::CountedCell> counted;
  counted.reserve(cells.size());
  for (const auto& [cell, one] : cells) counted.push_back({cell, one});
  return counted;
}

const std::optional<risk::SendFigures::Place>& place_in(const risk::SendFigures& figures, Kind kind) {
  if (kind == Kind::kPrefix) return figures.prefix;
  return kind == Kind::kRange ? figures.range : figures.country;
}

}  // namespace

void RiskBook::Ticket::keep() {
  const std::lock_guard lock(book_.mutex_);
  if (state_ == State::kKept) return;
  if (state_ == State::kTakenBack) {
    book_.add(asked_, kSent, at_, false);
  } else {
    book_.keep(*this);
  }
  state_ = State::kKept;
}

void RiskBook::Ticket::take_back() {
  const std::lock_guard lock(book_.mutex_);
  if (state_ != State::kOpen) return;
  book_.undo(*this);
  state_ = State::kTakenBack;
}

RiskBook::RiskBook(std::size_t keys_max) : counts_(keys_max) {}
RiskBook::~RiskBook() = default;

std::optional<risk::SendFigures::Place> RiskBook::place(const AccountId& account, Kind hours, Kind days,
                                                        std::string_view key, WallTime now) const {
  if (key.empty()) return std::nullopt;
  return risk::SendFigures::Place{counts_.totals(CountKey::of(account, hours, key), now),
                                  counts_.daily_max(CountKey::of(account, days, key), now)};
}

risk::SendFigures RiskBook::figures(const Asked& asked, std::int64_t expected, WallTime now) const {
  const auto& [account, keys] = asked;
  const std::lock_guard lock(mutex_);
  risk::SendFigures figures;
  figures.expected = expected;
  figures.country = place(account, Kind::kCountry, Kind::kCountryDays, keys.country, now);
  figures.prefix = place(account, Kind::kPrefix, Kind::kPrefixDays, keys.prefix, now);
  figures.range = place(account, Kind::kRange, Kind::kRangeDays, keys.range, now);
  if (!keys.address.empty()) {
    figures.address = counts_.totals(CountKey::of(account, Kind::kAddress, keys.address), now);
    if (!keys.country.empty()) figures.address_countries = countries_of(asked, now);
  }
  if (!keys.network.empty()) figures.network = counts_.totals(CountKey::of(account, Kind::kNetwork, keys.network), now);
  return figures;
}

std::int32_t RiskBook::countries_of(const Asked& asked, WallTime now) const {
  const auto& [account, keys] = asked;
  const auto found = countries_.find(CountKey::of(account, Kind::kAddress, keys.address));
  if (found == countries_.end()) return 0;
  std::int32_t others = 0;
  for (const auto& country : found->second) {
    if (country == keys.country) continue;
    const auto there = counts_.totals(CountKey::of(account, Kind::kAddressCountry, keys.address + country), now).day;
    if (there.sent > 0 && there.newcomers == 0 && there.established == 0) ++others;
  }
  return others;
}

std::vector<risk::Match> RiskBook::blocked(const Asked& asked, WallTime now) const {
  const std::lock_guard lock(mutex_);
  std::vector<risk::Match> matches;
  if (blocks_.empty()) return matches;
  for (const Kind kind : kClosable) {
    const auto key = key_in(asked.keys, kind);
    if (key.empty()) continue;
    const auto found = blocks_.find(CountKey::of(asked.account, kind, key));
    if (found == blocks_.end() || !found->second.row.block.is_closed(now)) continue;
    risk::Match match;
    match.rule = risk::blocked_rule(kind);
    match.outcome = risk::Outcome::kRefuse;
    matches.push_back(std::move(match));
  }
  return matches;
}

void RiskBook::close(const Asked& asked, const risk::SendFigures& figures, const std::vector<risk::Match>& matches,
                     Moment& moment) {
  const std::lock_guard lock(mutex_);
  for (const auto& match : matches) {
    const auto kind = risk::closes(match.rule);
    if (!kind || match.shadow || match.outcome != risk::Outcome::kRefuse) continue;
    const auto key = CountKey::of(asked.account, *kind, key_in(asked.keys, *kind));
    const auto found = blocks_.find(key);
    std::optional<risk::Block> last;
    if (found != blocks_.end()) {
      last = found->second.row.block;
      // Who only knocks makes nothing longer.
      if (last->is_closed(moment.now) || (!last->lifted_at && !found->second.used_since)) continue;
    }
    const auto& place = place_in(figures, *kind);
    // Which of those that are counted together was pumped is not known.
    if (!place || place->totals.together) continue;
    const bool converts = 2 * place->totals.day.newcomers >= place->totals.day.sent;
    Known known;
    known.row = {
        asked.account,         *kind,      std::string(key.text()),
        BlockId::make(moment), match.rule, risk::next_block(last, risk::is_used(*place), converts, moment.now)};
    blocks_.insert_or_assign(key, std::move(known));
    unwritten_blocks_.push_back(key);
  }
}

void RiskBook::add_one(const CountKey& key, const Counted& counted, WallTime now, bool open,
                       std::vector<risk::Cell>& cells) {
  const auto cell = counts_.add(key, counted, now);
  auto& pending = pending_[cell];
  (open ? pending.open : pending.committed) += counted;
  cells.push_back(cell);
}

std::vector<risk::Cell> RiskBook::add(const Asked& asked, const Counted& counted, WallTime now, bool open) {
  const auto& [account, keys] = asked;
  std::vector<risk::Cell> cells;
  cells.reserve(kHours.size() + 1);
  for (const Kind kind : kHours) {
    const auto key = key_in(keys, kind);
    if (!key.empty()) add_one(CountKey::of(account, kind, key), counted, now, open, cells);
  }
  if (keys.address.size() == kDigestBytes && !keys.country.empty()) {
    add_one(CountKey::of(account, Kind::kAddressCountry, keys.address + keys.country), counted, now, open, cells);
    const auto address = CountKey::of(account, Kind::kAddress, keys.address);
    if (counts_.place_of(address) == address) {
      auto& countries = countries_[address];
      if (countries.size() < kCountriesMax && std::ranges::find(countries, keys.country) == countries.end())
        countries.push_back(keys.country);
    }
  }
  return cells;
}

void RiskBook::note_young(const Asked& asked, std::int32_t by, WallTime now) {
  for (const Kind kind : kHours) {
    const auto key = key_in(asked.keys, kind);
    if (!key.empty()) counts_.note_young(CountKey::of(asked.account, kind, key), by, now);
  }
}

std::shared_ptr<RiskBook::Ticket> RiskBook::count(Asked asked, const VerificationId& verification, WallTime now) {
  auto ticket = std::make_shared<Ticket>(*this, std::move(asked), now);
  const std::lock_guard lock(mutex_);
  ticket->cells_ = add(ticket->asked_, kSent, now, true);
  note_young(ticket->asked_, 1, now);
  remember(verification, ticket->asked_);
  if (!blocks_.empty()) {
    for (const Kind kind : kClosable) {
      const auto key = key_in(ticket->asked_.keys, kind);
      const auto found = key.empty() ? blocks_.end() : blocks_.find(CountKey::of(ticket->asked_.account, kind, key));
      if (found != blocks_.end()) found->second.used_since = true;
    }
  }
  return ticket;
}

void RiskBook::forget_pending(const risk::Cell& cell) {
  const auto found = pending_.find(cell);
  if (found != pending_.end() && found->second.open.empty() && found->second.committed.empty()) pending_.erase(found);
}

void RiskBook::keep(const Ticket& ticket) {
  for (const auto& cell : ticket.cells_) {
    auto& pending = pending_[cell];
    pending.open -= kSent;
    pending.committed += kSent;
  }
}

void RiskBook::undo(const Ticket& ticket) {
  for (const auto& cell : ticket.cells_) {
    counts_.take_back(cell, kSent);
    pending_[cell].open -= kSent;
    forget_pending(cell);
  }
  note_young(ticket.asked_, -1, ticket.at_);
}

void RiskBook::remember(const VerificationId& verification, const Asked& asked) {
  if (asked.keys.address.empty()) return;
  std::string id(verification.bytes());
  const auto [found, made] = askers_.insert_or_assign(id, Askers{asked.keys.address, asked.keys.network, ""});
  static_cast<void>(found);
  if (!made) return;
  askers_in_order_.push_back(std::move(id));
  if (askers_in_order_.size() <= kVerificationsMax) return;
  askers_.erase(askers_in_order_.front());
  askers_in_order_.pop_front();
}

void RiskBook::typed_by_newcomer(Asked asked, const VerificationId& verification, WallTime now) {
  const std::lock_guard lock(mutex_);
  if (const auto found = askers_.find(std::string(verification.bytes())); found != askers_.end()) {
    asked.keys.address = found->second.address;
    asked.keys.network = found->second.network;
  }
  add(asked, kNewcomer, now, false);
  note_young(asked, -1, now);
}

void RiskBook::typed_by_established(const Asked& asked, const SubjectId& who, WallTime now) {
  const std::lock_guard lock(mutex_);
  const store::TypedMark mark{asked.account, who, risk::day_number_of(now)};
  auto& people = people_[mark.day];
  if (people.size() >= kPeopleMax || typed_.size() >= kTypedMax || !people.insert(person_of(mark)).second) return;
  auto& cells = typed_[mark] = add(asked, kEstablished, now, true);
  for (const Kind kind : kDays) {
    const auto key = key_in(asked.keys, kind);
    if (!key.empty()) add_one(CountKey::of(asked.account, kind, key), kEstablished, now, true, cells);
  }
}

void RiskBook::settle_typed(const store::RiskNews& news, WallTime now) {
  const auto today = risk::day_number_of(now);
  const auto close = [&](const store::TypedMark& mark, bool counted_elsewhere) {
    const auto found = typed_.find(mark);
    if (found == typed_.end()) return;
    for (const auto& cell : found->second) {
      if (counted_elsewhere) counts_.take_back(cell, kEstablished);
      pending_[cell].open -= kEstablished;
      forget_pending(cell);
    }
    typed_.erase(found);
  };
  for (const auto& mark : news.typed) {
    close(mark, true);
    // A clock that is far off fills nothing here.
    if (mark.day < today - 1 || mark.day > today + 1) continue;
    auto& people = people_[mark.day];
    if (people.size() < kPeopleMax) people.insert(person_of(mark));
  }
  for (const auto& mark : std::exchange(typed_taken_, {})) close(mark, false);
}

RiskBook::Unwritten RiskBook::take_unwritten() {
  const std::lock_guard lock(mutex_);
  Unwritten unwritten;
  for (auto one = pending_.begin(); one != pending_.end();) {
    auto& [cell, pending] = *one;
    if (!pending.committed.empty()) unwritten.counted.push_back({cell, std::exchange(pending.committed, {})});
    one = pending.open.empty() ? pending_.erase(one) : std::next(one);
  }
  for (const auto& [mark, cells] : typed_) {
    unwritten.typed.push_back({mark, cells});
    typed_taken_.push_back(mark);
  }
  for (const auto& key : std::exchange(unwritten_blocks_, {})) {
    if (const auto found = blocks_.find(key); found != blocks_.end()) unwritten.blocks.push_back(found->second.row);
  }
  return unwritten;
}

void RiskBook::put_back(Unwritten unwritten) {
  const std::lock_guard lock(mutex_);
  for (const auto& [cell, counted] : unwritten.counted) {
    pending_[cell].committed += counted;
    forget_pending(cell);
  }
  typed_taken_.clear();  // They are in typed_.
  for (const auto& row : unwritten.blocks) unwritten_blocks_.push_back(CountKey::of(row.account, row.kind, row.key));
}

std::int64_t RiskBook::seen() const {
  const std::lock_guard lock(mutex_);
  return seen_;
}

void RiskBook::learn(const store::RiskNews& news, WallTime now) {
  const std::lock_guard lock(mutex_);
  const bool first = !std::exchange(loaded_, true);
  seen_ = std::max(seen_, news.version);
  settle_typed(news, now);
  for (const auto& [cell, counted] : news.counted) {
    Counted all = counted;
    if (const auto found = pending_.find(cell); found != pending_.end()) {
      all += found->second.committed;
      all += found->second.open;
    }
    const auto more = counts_.set(cell, all);
    if (!first && !risk::counts_days(cell.key.kind)) counts_.note_young(cell.key, more.sent - more.newcomers, now);
    if (cell.key.kind != Kind::kAddressCountry || cell.key.size <= kDigestBytes) continue;
    const auto text = cell.key.text();
    const auto address = CountKey::of(cell.key.account, Kind::kAddress, text.substr(0, kDigestBytes));
    auto& countries = countries_[address];
    const std::string country(text.substr(kDigestBytes));
    if (countries.size() < kCountriesMax && std::ranges::find(countries, country) == countries.end())
      countries.push_back(country);
  }
  for (const auto& row : news.blocks) {
    const auto key = CountKey::of(row.account, row.kind, row.key);
    auto& known = blocks_[key];
    if (known.row.id == row.id)
      known.row = row;
    else
      known = {row, false};
  }
}

void RiskBook::prune(WallTime now) {
  const std::lock_guard lock(mutex_);
  counts_.prune(now);
  std::erase_if(countries_, [&](const auto& one) { return counts_.totals(one.first, now).day.empty(); });
  std::erase_if(blocks_, [&](const auto& one) { return now - one.second.row.block.until > risk::kBlockForgotten; });
  std::erase_if(people_, [today = risk::day_number_of(now)](const auto& one) {
    return one.first < today - 1 || one.first > today + 1;
  });
  if (networks_.size() > kNetworksMax) networks_.clear();
}

std::size_t RiskBook::size() const {
  const std::lock_guard lock(mutex_);
  return counts_.size();
}

std::string RiskBook::network_digest(const store::Vault& vault, const IpAddress& address) {
  const std::string network = address.network_text();
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = networks_.find(network); found != networks_.end()) return found->second;
  }
  auto digest = vault.digester().blind_index("risk network", network);
  const std::lock_guard lock(mutex_);
  if (networks_.size() < kNetworksMax) networks_.emplace(network, digest);
  return digest;
}

store::RiskNews sync_risk(store::Tx& tx, const Context& context, const RiskBook::Unwritten& unwritten,
                          std::int64_t seen, Moment& moment) {
  auto typed = store::read_typed(tx, seen);
  if (!unwritten.empty()) {
    const auto version = store::next_risk_version(tx, moment.now);
    std::vector<store::TypedMark> marks;
    store::add_counts(tx, with_typed(unwritten, typed, marks), version);
    store::add_typed(tx, marks, version);
    for (const auto& row : unwritten.blocks) {
      const auto there = store::find_block(tx, row.account, row.kind, row.key);
      // Another node was faster, or an operator has lifted it since.
      if (there && there->id != row.id && there->block.until >= row.block.until) continue;
      if (there && there->block.lifted_at && *there->block.lifted_at >= row.block.started_at) continue;
      if (there && there->id == row.id) continue;
      store::save_block(tx, row, version);
      const Caller system{row.account, "system", "", std::nullopt};
      auto facts = Facts().text("block", row.id.text()).text("kind", risk::to_text(row.kind)).text("key", row.key);
      record({tx, context, system, moment}, "risk.blocked",
             facts.text("rule", row.rule).number("step", row.block.step).text("until", to_rfc3339(row.block.until)));
    }
  }
  return store::read_risk_news(tx, seen, std::move(typed));
}

}  // namespace countersign::usecase
