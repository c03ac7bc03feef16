#include "store/repository/conversion.h"

#include <chrono>
#include <set>
#include <tuple>
#include <utility>

namespace countersign::store {

namespace {

using domain::conversion::Learned;

/// What of an account and day is told apart beside its attempts.
using Place = std::tuple<std::string, std::string, std::string, std::string>;

Place place_of(const ConversionKey& key) { return {key.provider, key.channel, key.country, key.prefix}; }

/// Those of one account and day that have a prefix of their own.
std::set<Place> told_apart(Tx& tx, const AccountId& account, std::int64_t day) {
  static constexpr Sql kPlaces{R"sql(
      SELECT DISTINCT provider, channel, country, prefix
      FROM conversion
      WHERE account_id = :account_id AND day = :day AND prefix <> '' AND prefix <> 'other'
  )sql"};
  std::set<Place> places;
  tx.all(kPlaces, {account, day}, [&](const Row& row) {
    places.emplace(row.string(kPlaces["provider"]), row.string(kPlaces["channel"]), row.string(kPlaces["country"]),
                   row.string(kPlaces["prefix"]));
  });
  return places;
}

void add(Tx& tx, const ConversionKey& key, const ConversionCounts& counts) {
  static constexpr Sql kAdd{R"sql(
      INSERT INTO conversion (account_id, day, provider, channel, country, prefix, attempt, started, approved, seconds)
      VALUES (:account_id, :day, :provider, :channel, :country, :prefix, :attempt, :started, :approved, :seconds)
      ON CONFLICT (account_id, day, provider, channel, country, prefix, attempt) DO UPDATE
      SET started = conversion.started + :started,
          approved = conversion.approved + :approved,
          seconds = conversion.seconds + :seconds
  )sql"};
  tx.put(kAdd, {{"account_id", key.account},
                {"day", key.day},
                {"provider", key.provider},
                {"channel", key.channel},
                {"country", key.country},
                {"prefix", key.prefix},
                {"attempt", key.attempt},
                {"started", counts.started},
                {"approved", counts.approved},
                {"seconds", counts.seconds}});
}

constexpr Columns kLearned{
    R"sql(service_id, channel, country, provider, share, samples, credit, halved_at, stepped_at)sql"};

LearnedKey key_of(const Row& row) {
  return {row.id<ServiceId>(kLearned["service_id"]), row.string(kLearned["channel"]), row.string(kLearned["country"]),
          row.string(kLearned["provider"])};
}

Learned learned_of(const Row& row) {
  return {static_cast<int>(row.integer(kLearned["share"])), static_cast<int>(row.integer(kLearned["samples"])),
          static_cast<int>(row.integer(kLearned["credit"])), row.time(kLearned["halved_at"]),
          row.time(kLearned["stepped_at"])};
}

}  // namespace

std::int64_t day_of(WallTime time) { return std::chrono::floor<std::chrono::days>(time).time_since_epoch().count(); }

void add_conversions(Tx& tx, const Conversions& counted) {
  std::map<std::pair<AccountId, std::int64_t>, std::set<Place>> known;
  Conversions folded;
  for (const auto& [key, counts] : counted) {
    ConversionKey under = key;
    if (!key.prefix.empty()) {
      const std::pair whose{key.account, key.day};
      auto places = known.find(whose);
      if (places == known.end()) places = known.emplace(whose, told_apart(tx, key.account, key.day)).first;
      const bool full = places->second.size() >= domain::conversion::kPrefixesMax;
      if (full && !places->second.contains(place_of(key)))
        under.prefix = domain::conversion::kOtherPrefixes;
      else
        places->second.insert(place_of(key));
    }
    auto& sum = folded[std::move(under)];
    sum.started += counts.started;
    sum.approved += counts.approved;
    sum.seconds += counts.seconds;
  }
  for (const auto& [key, counts] : folded) add(tx, key, counts);
}

std::vector<ConversionRow> list_conversion(Tx& tx, const AccountId& account, const ConversionFilter& filter) {
  // Names are from the configuration, and empty for all.
  static constexpr Sql kByPrefix{R"sql(
      SELECT day, provider, channel, country, prefix, attempt, started, approved, seconds
      FROM conversion
      WHERE account_id = :account_id AND day >= :since AND day < :until
        AND (:provider = '' OR provider = :provider)
        AND (:channel = '' OR channel = :channel)
        AND (:any_country = 1 OR country = :country)
        AND (day, provider, channel, country, prefix, attempt)
            > (:after_day, :after_provider, :after_channel, :after_country, :after_prefix, :after_attempt)
      ORDER BY day, provider, channel, country, prefix, attempt
      LIMIT :limit
  )sql"};
  static constexpr Sql kTogether{R"sql(
      SELECT day, provider, channel, country, '' AS prefix, attempt, CAST(sum(started) AS {{bigint}}) AS started,
             CAST(sum(approved) AS {{bigint}}) AS approved, CAST(sum(seconds) AS {{bigint}}) AS seconds
      FROM conversion
      WHERE account_id = :account_id AND day >= :since AND day < :until
        AND (:provider = '' OR provider = :provider)
        AND (:channel = '' OR channel = :channel)
        AND (:any_country = 1 OR country = :country)
        AND (day, provider, channel, country, attempt)
            > (:after_day, :after_provider, :after_channel, :after_country, :after_attempt)
      GROUP BY day, provider, channel, country, attempt
      ORDER BY day, provider, channel, country, attempt
      LIMIT :limit
  )sql"};
  const ConversionKey after = filter.after.value_or(ConversionKey{account, -1, "", "", "", "", 0});
  std::vector<ConversionRow> rows;
  // Both have the same columns in the same order.
  const auto read = [&](const Row& row) {
    rows.push_back(
        {{account, row.integer(kByPrefix["day"]), row.string(kByPrefix["provider"]), row.string(kByPrefix["channel"]),
          row.string(kByPrefix["country"]), row.string(kByPrefix["prefix"]),
          static_cast<int>(row.integer(kByPrefix["attempt"]))},
         {row.integer(kByPrefix["started"]), row.integer(kByPrefix["approved"]), row.integer(kByPrefix["seconds"])}});
  };
  const std::string none;
  const std::string& one_provider = filter.provider ? *filter.provider : none;
  const std::string& one_channel = filter.channel ? *filter.channel : none;
  const std::string& one_country = filter.country ? *filter.country : none;
  if (filter.by_prefix)
    tx.all(kByPrefix,
           {{"account_id", account},
            {"since", filter.since},
            {"until", filter.until},
            {"provider", one_provider},
            {"channel", one_channel},
            {"any_country", !filter.country},
            {"country", one_country},
            {"after_day", after.day},
            {"after_provider", after.provider},
            {"after_channel", after.channel},
            {"after_country", after.country},
            {"after_prefix", after.prefix},
            {"after_attempt", after.attempt},
            {"limit", filter.limit}},
           read);
  else
    tx.all(kTogether,
           {{"account_id", account},
            {"since", filter.since},
            {"until", filter.until},
            {"provider", one_provider},
            {"channel", one_channel},
            {"any_country", !filter.country},
            {"country", one_country},
            {"after_day", after.day},
            {"after_provider", after.provider},
            {"after_channel", after.channel},
            {"after_country", after.country},
            {"after_attempt", after.attempt},
            {"limit", filter.limit}},
           read);
  return rows;
}

LearnedWeights learned_weights(Tx& tx) {
  static constexpr Sql kAll{kLearned, R"sql(
      SELECT {{columns}}
      FROM learned_weights
  )sql"};
  LearnedWeights all;
  tx.all(kAll, {}, [&](const Row& row) { all.emplace(key_of(row), learned_of(row)); });
  return all;
}

std::map<LearnedKey, int> learned_shares(Tx& tx) {
  static constexpr Sql kChanged{kLearned, R"sql(
      SELECT {{columns}}
      FROM learned_weights
      WHERE share < 1000
  )sql"};
  std::map<LearnedKey, int> shares;
  tx.all(kChanged, {}, [&](const Row& row) { shares.emplace(key_of(row), learned_of(row).share); });
  return shares;
}

std::optional<Learned> find_learned(Tx& tx, const LearnedKey& key) {
  static constexpr Sql kFind{kLearned, R"sql(
      SELECT {{columns}}
      FROM learned_weights
      WHERE service_id = :service_id AND channel = :channel AND country = :country AND provider = :provider
  )sql"};
  std::optional<Learned> learned;
  tx.one(kFind,
         {{"service_id", key.service}, {"channel", key.channel}, {"country", key.country}, {"provider", key.provider}},
         [&](const Row& row) { learned = learned_of(row); });
  return learned;
}

void save_learned(Tx& tx, const LearnedKey& key, const Learned& learned) {
  static constexpr Sql kSave{R"sql(
      INSERT INTO learned_weights (service_id, channel, country, provider, share, samples, credit, halved_at, stepped_at)
      VALUES (:service_id, :channel, :country, :provider, :share, :samples, :credit, :halved_at, :stepped_at)
      ON CONFLICT (service_id, channel, country, provider) DO UPDATE
      SET share = :share, samples = :samples, credit = :credit, halved_at = :halved_at, stepped_at = :stepped_at
  )sql"};
  tx.put(kSave, {{"service_id", key.service},
                 {"channel", key.channel},
                 {"country", key.country},
                 {"provider", key.provider},
                 {"share", learned.share},
                 {"samples", learned.samples},
                 {"credit", learned.credit},
                 {"halved_at", learned.halved_at},
                 {"stepped_at", learned.stepped_at}});
}

void forget_learned(Tx& tx, const LearnedKey& key) {
  static constexpr Sql kForget{R"sql(
      DELETE FROM learned_weights
      WHERE service_id = :service_id AND channel = :channel AND country = :country AND provider = :provider
  )sql"};
  tx.put(kForget,
         {{"service_id", key.service}, {"channel", key.channel}, {"country", key.country}, {"provider", key.provider}});
}

bool note_teacher(Tx& tx, std::string_view digest, WallTime now, WallTime until) {
  static constexpr Sql kNote{R"sql(
      INSERT INTO learned_from (who_digest, until)
      VALUES (:who_digest, :until)
      ON CONFLICT (who_digest) DO UPDATE
      SET until = :until
      WHERE learned_from.until <= :now
  )sql"};
  return tx.exec(kNote, {{"who_digest", Blob{digest}}, {"until", until}, {"now", now}}) == 1;
}

void forget_teachers(Tx& tx, WallTime now) {
  static constexpr Sql kForget{R"sql(
      DELETE FROM learned_from
      WHERE until <= :now
  )sql"};
  tx.put(kForget, {{"now", now}});
}

}  // namespace countersign::store
