#include "store/repository/risk_decisions.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "store/repository/packed_text.h"

namespace countersign::store {

namespace {

// decisions := version decision*
// version   := one byte, 1
// decision  := id present at service [transaction] [subject] point outcome reason matches features words keys
// present   := one byte: 1 has a transaction, 2 has a subject; added up
// at        := microseconds since 1970, a number
// point, outcome := a number, as in the enumerations
// reason    := 0, or one more than its number
// matches   := how many, a number; each: rule, outcome, flags (1 shadow, 2 advisory), how many figures, figures
// figure    := feature (its name), value, limit
// features  := how many, a number; each: its number, value
// words     := service, type, channel, country, currency, line_type
// keys      := country, prefix, range, address, network, device
// value, limit := the eight bytes of a double, the lowest first
// number    := as in packed_number.h; texts as in packed_text.h; ids are 16 bytes

constexpr char kFormat = 1;
constexpr unsigned kOfTransaction = 1;
constexpr unsigned kOfSubject = 2;
constexpr unsigned kInShadow = 1;
constexpr unsigned kIsAdvisory = 2;
constexpr std::size_t kIdBytes = 16;
constexpr std::size_t kRowsLookedThrough = 200;

void append_double(std::string& out, double value) {
  auto bits = std::bit_cast<std::uint64_t>(value);
  for (std::size_t i = 0; i < sizeof bits; ++i, bits >>= 8U) out += static_cast<char>(bits & 0xFFU);
}

double take_double(PackedReader& reader) {
  std::uint64_t bits = 0;
  const auto bytes = reader.bytes(sizeof bits);
  for (std::size_t i = bytes.size(); i-- > 0;) bits = (bits << 8U) | static_cast<unsigned char>(bytes[i]);
  return std::bit_cast<double>(bits);
}

/// One of an enumeration whose last is `last`.
template <class Enum>
Enum take_enum(PackedReader& reader, Enum last) {
  const auto value = reader.number();
  if (value > static_cast<std::uint64_t>(last)) reader.refuse();
  return static_cast<Enum>(value);
}

void append_match(std::string& out, const risk::Match& match) {
  append_packed_text(out, match.rule);
  append_packed_number(out, static_cast<std::uint64_t>(match.outcome));
  append_packed_number(out, (match.shadow ? kInShadow : 0) | (match.advisory ? kIsAdvisory : 0));
  append_packed_number(out, match.figures.size());
  for (const auto& figure : match.figures) {
    append_packed_text(out, figure.feature);
    append_double(out, figure.value);
    append_double(out, figure.limit);
  }
}

risk::Match take_match(PackedReader& reader) {
  risk::Match match;
  match.rule = reader.text();
  match.outcome = take_enum(reader, risk::Outcome::kRefuse);
  const auto flags = reader.number();
  match.shadow = (flags & kInShadow) != 0;
  match.advisory = (flags & kIsAdvisory) != 0;
  for (auto left = reader.number(); left > 0; --left) {
    auto& figure = match.figures.emplace_back();
    figure.feature = reader.text();
    figure.value = take_double(reader);
    figure.limit = take_double(reader);
  }
  return match;
}

void append_record(std::string& out, const risk::Record& r) {
  out += r.id.bytes();
  out += static_cast<char>((r.transaction ? kOfTransaction : 0) | (r.subject ? kOfSubject : 0));
  append_packed_number(out, static_cast<std::uint64_t>(std::max<std::int64_t>(to_micros(r.at), 0)));
  out += r.service.bytes();
  if (r.transaction) out += r.transaction->bytes();
  if (r.subject) out += r.subject->bytes();
  append_packed_number(out, static_cast<std::uint64_t>(r.decision.point));
  append_packed_number(out, static_cast<std::uint64_t>(r.decision.outcome));
  append_packed_number(out, r.decision.allow_reason ? static_cast<std::uint64_t>(*r.decision.allow_reason) + 1 : 0);
  append_packed_number(out, r.decision.matches.size());
  for (const auto& match : r.decision.matches) append_match(out, match);
  std::string known;
  std::uint64_t count = 0;
  for (std::size_t i = 0; i < risk::kFeatures; ++i) {
    const auto value = r.features.get(static_cast<risk::Feature>(i));
    if (!value) continue;
    ++count;
    append_packed_number(known, i);
    append_double(known, *value);
  }
  append_packed_number(out, count);
  out += known;
  const auto& w = r.features.words;
  for (const auto* word : {&w.service, &w.type, &w.channel, &w.country, &w.currency, &w.line_type})
    append_packed_text(out, *word);
  const auto& k = r.keys;
  for (const auto* key : {&k.country, &k.prefix, &k.range, &k.address, &k.network, &k.device})
    append_packed_text(out, *key);
}

risk::Record take_record(PackedReader& reader) {
  const auto id = [&] { return *Id::from_bytes(reader.bytes(kIdBytes)); };
  risk::Record r;
  r.id = DecisionId{id()};
  const auto present = static_cast<unsigned char>(reader.bytes(1).front());
  if (present > (kOfTransaction | kOfSubject)) reader.refuse();
  r.at = from_micros(static_cast<std::int64_t>(reader.number()));
  r.service = ServiceId{id()};
  if ((present & kOfTransaction) != 0) r.transaction = TransactionId{id()};
  if ((present & kOfSubject) != 0) r.subject = SubjectId{id()};
  r.decision.point = take_enum(reader, risk::Point::kClaim);
  r.decision.outcome = take_enum(reader, risk::Outcome::kRefuse);
  const auto reason = reader.number();
  if (reason > static_cast<std::uint64_t>(risk::AllowReason::kOperator) + 1) reader.refuse();
  if (reason > 0) r.decision.allow_reason = static_cast<risk::AllowReason>(reason - 1);
  for (auto left = reader.number(); left > 0; --left) r.decision.matches.push_back(take_match(reader));
  for (auto left = reader.number(); left > 0; --left) {
    const auto feature = take_enum(reader, static_cast<risk::Feature>(risk::kFeatures - 1));
    r.features.set(feature, take_double(reader));
  }
  auto& w = r.features.words;
  for (auto* word : {&w.service, &w.type, &w.channel, &w.country, &w.currency, &w.line_type}) *word = reader.text();
  auto& k = r.keys;
  for (auto* key : {&k.country, &k.prefix, &k.range, &k.address, &k.network, &k.device}) *key = reader.text();
  return r;
}

bool is_wanted(const risk::Record& r, const DecisionFilter& filter) {
  if (filter.point && r.decision.point != *filter.point) return false;
  if (filter.outcome && r.decision.outcome != *filter.outcome) return false;
  if (!filter.country.empty() && r.keys.country != filter.country) return false;
  if (filter.transaction && r.transaction != filter.transaction) return false;
  if (filter.after && r.id >= *filter.after) return false;
  if (filter.made.since && r.at < *filter.made.since) return false;
  if (filter.made.until && r.at >= *filter.made.until) return false;
  return filter.rule.empty() ||
         std::ranges::any_of(r.decision.matches, [&](const auto& match) { return match.rule == filter.rule; });
}

void add_row(Tx& tx, const AccountId& account, std::span<const risk::Record> records) {
  static constexpr Sql kAdd{R"sql(
      INSERT INTO risk_decisions (account_id, last_id, decisions)
      VALUES (:account_id, :last_id, :decisions)
      ON CONFLICT (account_id, last_id) DO NOTHING
  )sql"};
  tx.put(kAdd,
         {{"account_id", account}, {"last_id", records.back().id}, {"decisions", Blob{encode_decisions(records)}}});
}

}  // namespace

std::string encode_decisions(std::span<const risk::Record> records) {
  std::string content(1, kFormat);
  for (const auto& record : records) append_record(content, record);
  return content;
}

std::vector<risk::Record> decode_decisions(std::string_view content) {
  PackedReader reader(content, "unreadable content in risk_decisions");
  if (reader.bytes(1).front() != kFormat) reader.refuse();
  std::vector<risk::Record> records;
  while (!reader.at_end()) records.push_back(take_record(reader));
  return records;
}

void add_decisions(Tx& tx, const AccountId& account, std::vector<risk::Record> records) {
  std::ranges::sort(records, {}, &risk::Record::id);
  const std::span all(records);
  for (std::size_t first = 0; first < all.size();) {
    const WallTime end = all[first].id.id.time() + kDecisionsSpan;
    std::size_t last = first + 1;
    while (last < all.size() && last - first < kDecisionsOfARow && all[last].id.id.time() < end) ++last;
    add_row(tx, account, all.subspan(first, last - first));
    first = last;
  }
}

DecisionPage list_decisions(Tx& tx, const AccountId& account, const DecisionFilter& filter) {
  static constexpr Sql kRows{R"sql(
      SELECT last_id, decisions
      FROM risk_decisions
      WHERE account_id = :account_id AND last_id >= :from AND last_id < :to
      ORDER BY last_id DESC
      LIMIT :limit
  )sql"};
  // A row's last decision is at most kDecisionsSpan younger than its first.
  const auto beyond = [](WallTime time) { return Id::floor_of(time + kDecisionsSpan + std::chrono::milliseconds(1)); };
  Id to = last_id();
  if (filter.after) to = beyond(filter.after->id.time());
  if (filter.made.until) to = std::min(to, beyond(*filter.made.until));
  DecisionPage page;
  std::optional<DecisionId> looked_to;  // All that are later were seen.
  const auto enough = static_cast<std::size_t>(filter.limit);
  std::size_t rows = 0;
  bool more = false;
  tx.all(kRows,
         {{"account_id", account},
          {"from", filter.made.begin()},
          {"to", to},
          {"limit", static_cast<std::int64_t>(kRowsLookedThrough)}},
         [&](const Row& row) {
           ++rows;
           const DecisionId last = row.id<DecisionId>(kRows["last_id"]);
           if (page.records.size() >= enough) {
             std::ranges::nth_element(page.records, page.records.begin() + static_cast<std::ptrdiff_t>(enough) - 1,
                                      std::ranges::greater{}, &risk::Record::id);
             // Nothing from here on belongs before what is there.
             if (last < page.records[enough - 1].id) {
               more = true;
               return;
             }
           }
           looked_to = last;
           for (auto& record : decode_decisions(row.bytes(kRows["decisions"])))
             if (is_wanted(record, filter)) page.records.push_back(std::move(record));
         });
  std::ranges::sort(page.records, std::ranges::greater{}, &risk::Record::id);
  if (page.records.size() > enough) {
    page.records.resize(enough);
    more = true;
  }
  if (more) {
    page.next = page.records.back().id;
  } else if (rows == kRowsLookedThrough) {
    // Those before the last row that was seen may stand among some that were not.
    std::erase_if(page.records, [&](const auto& record) { return record.id < *looked_to; });
    page.next = looked_to;
  }
  return page;
}

std::string read_decisions(Tx& tx, const AccountId& account, const TimeRange& range, std::string_view after, int limit,
                           FunctionRef<void(const risk::Record&)> read) {
  static constexpr Sql kForward{R"sql(
      SELECT last_id, decisions
      FROM risk_decisions
      WHERE account_id = :account_id AND last_id >= :from AND last_id > :after AND last_id < :to
      ORDER BY last_id
      LIMIT :limit
  )sql"};
  std::string last;
  int rows = 0;
  const Id to = range.until ? Id::floor_of(*range.until + kDecisionsSpan) : last_id();
  tx.all(kForward,
         {{"account_id", account}, {"from", range.begin()}, {"after", Blob{after}}, {"to", to}, {"limit", limit}},
         [&](const Row& row) {
           ++rows;
           last = row.bytes(kForward["last_id"]);
           for (const auto& record : decode_decisions(row.bytes(kForward["decisions"]))) {
             if ((!range.since || record.at >= *range.since) && (!range.until || record.at < *range.until))
               read(record);
           }
         });
  return rows == limit ? last : std::string();
}

}  // namespace countersign::store
