#include "demo/confirmations.h"

#include "base/check.h"

namespace countersign::demo {

namespace {

/// A confirmation is read from a SELECT that begins like this.
constexpr std::string_view kConfirmation = R"sql(
    SELECT
      id, organizer, state, looked_at,
      coalesce(transaction_id, '') AS transaction_id,
      coalesce(fencing_token, '') AS fencing_token,
      coalesce(receipt_id, '') AS receipt_id
    FROM confirmations
)sql";

std::string confirmations(std::string_view condition) { return std::string(kConfirmation).append(condition); }

Confirmation confirmation_of(const SqlRow& row) {
  return {.id = row.text("id"),
          .organizer = row.text("organizer"),
          .transaction = row.text("transaction_id"),
          .state = row.text("state"),
          .fencing_token = row.text("fencing_token"),
          .receipt_id = row.text("receipt_id"),
          .looked_at = from_micros(row.integer("looked_at"))};
}

std::optional<Confirmation> confirmation_of(const std::optional<SqlRow>& row) {
  return row ? std::optional(confirmation_of(*row)) : std::nullopt;
}

}  // namespace

std::optional<PayoutInForce> find_payout(Database& database, std::string_view organizer) {
  static constexpr std::string_view kFind = R"sql(
      SELECT details, receipt_id, since
      FROM payout_accounts
      JOIN confirmations ON id = confirmation
      WHERE payout_accounts.organizer = :organizer
      ORDER BY since DESC
      LIMIT 1
  )sql";
  const auto row = database.one(kFind, {{"organizer", std::string(organizer)}});
  if (!row) return std::nullopt;
  auto payout = payout_from_json(parse_json(row->text("details")).value().get_object());
  CS_CHECK(payout.has_value());  // Only what to_json() made is ever held.
  return PayoutInForce{*std::move(payout), row->text("receipt_id"), from_micros(row->integer("since"))};
}

bool published_the_event(Database& database, const Confirmation& confirmation) {
  static constexpr std::string_view kFirst = R"sql(
      SELECT confirmation
      FROM payout_accounts
      WHERE organizer = :organizer
      ORDER BY since, rowid
      LIMIT 1
  )sql";
  const auto first = database.one(kFirst, {{"organizer", confirmation.organizer}});
  return first && first->text("confirmation") == confirmation.id;
}

void begin_confirmation(Database& database, const Review& review, Moment& moment) {
  static constexpr std::string_view kBegin = R"sql(
      INSERT INTO confirmations (id, organizer, state, look_at, created_at)
      VALUES (:id, :organizer, 'held', :now, :now)
      ON CONFLICT DO NOTHING
  )sql";
  static constexpr std::string_view kPerson = R"sql(
      UPDATE organizers
      SET mobile = :mobile, identity = :identity
      WHERE id = :id
  )sql";
  static constexpr std::string_view kEvent = R"sql(
      INSERT INTO events (id, organizer, name, details, state, created_at)
      VALUES (:id, :organizer, :name, :details, 'prepared', :now)
      ON CONFLICT (organizer) DO UPDATE
      SET name = excluded.name, details = excluded.details
  )sql";
  const auto& organizer = review.organizer.id;
  database.transact([&] {
    database.run(kBegin, {{"id", review.id}, {"organizer", organizer}, {"now", to_micros(moment.now)}});
    database.run(kPerson,
                 {{"mobile", review.account.mobile}, {"identity", review.organizer.identity}, {"id", organizer}});
    if (!review.event) return;
    database.run(kEvent, {{"id", make_id("", moment.random)},
                          {"organizer", organizer},
                          {"name", review.event->name},
                          {"details", canonical_json(to_json(*review.event))},
                          {"now", to_micros(moment.now)}});
  });
}

void note_transaction(Database& database, std::string_view confirmation, std::string_view transaction) {
  static constexpr std::string_view kNote = R"sql(
      UPDATE confirmations
      SET transaction_id = :transaction_id
      WHERE id = :id
  )sql";
  database.run(kNote, {{"transaction_id", std::string(transaction)}, {"id", std::string(confirmation)}});
}

std::optional<Confirmation> find_confirmation(Database& database, std::string_view id) {
  return confirmation_of(database.one(confirmations("WHERE id = :id"), {{"id", std::string(id)}}));
}

std::optional<Confirmation> last_confirmation(Database& database, std::string_view organizer) {
  static constexpr std::string_view kLast = R"sql(
      WHERE organizer = :organizer
      ORDER BY created_at DESC
      LIMIT 1
  )sql";
  return confirmation_of(database.one(confirmations(kLast), {{"organizer", std::string(organizer)}}));
}

std::vector<Confirmation> due_confirmations(Database& database, WallTime now) {
  static constexpr std::string_view kDue = R"sql(
      WHERE state IN ('held', 'withdrawn', 'claimed') AND transaction_id IS NOT NULL AND look_at <= :now
      ORDER BY look_at
      LIMIT 50
  )sql";
  std::vector<Confirmation> due;
  for (const auto& row : database.all(confirmations(kDue), {{"now", to_micros(now)}}))
    due.push_back(confirmation_of(row));
  return due;
}

void look_soon(Database& database, std::string_view transaction_or_confirmation, WallTime now) {
  static constexpr std::string_view kSoon = R"sql(
      UPDATE confirmations
      SET look_at = :now
      WHERE :name IN (transaction_id, id)
  )sql";
  database.run(kSoon, {{"now", to_micros(now)}, {"name", std::string(transaction_or_confirmation)}});
}

void looked(Database& database, std::string_view confirmation, WallTime began_at, WallTime look_again_at) {
  static constexpr std::string_view kLooked = R"sql(
      UPDATE confirmations
      SET looked_at = :began_at,
          look_at = CASE WHEN look_at <= :began_at THEN :look_again_at ELSE look_at END
      WHERE id = :id
  )sql";
  database.run(kLooked, {{"began_at", to_micros(began_at)},
                         {"look_again_at", to_micros(look_again_at)},
                         {"id", std::string(confirmation)}});
}

bool record_claim(Database& database, const Confirmation& confirmation, const CountersignClient::Claim& claim,
                  Moment& moment) {
  static constexpr std::string_view kClaimed = R"sql(
      UPDATE confirmations
      SET state = 'claimed', fencing_token = :fencing_token, receipt_id = :receipt_id
      WHERE id = :id AND state = 'held'
  )sql";
  static constexpr std::string_view kAccount = R"sql(
      INSERT INTO payout_accounts (confirmation, organizer, details, receipt, since)
      VALUES (:confirmation, :organizer, :details, :receipt, :since)
  )sql";
  static constexpr std::string_view kPayoutsOn = R"sql(
      UPDATE organizers
      SET payouts = 'on'
      WHERE id = :organizer
  )sql";
  static constexpr std::string_view kOnSale = R"sql(
      UPDATE events
      SET state = 'on_sale'
      WHERE organizer = :organizer AND state = 'prepared'
  )sql";
  static constexpr std::string_view kNextReview = R"sql(
      UPDATE drafts
      SET payout_sealed = NULL, review = :review
      WHERE organizer = :organizer
  )sql";
  bool first = false;
  database.transact([&] {
    first = database.run(kClaimed, {{"fencing_token", claim.fencing_token},
                                    {"receipt_id", claim.receipt_id},
                                    {"id", confirmation.id}}) == 1;
    if (!first) return;
    database.run(kAccount, {{"confirmation", confirmation.id},
                            {"organizer", confirmation.organizer},
                            {"details", canonical_json(claim.payload)},
                            {"receipt", claim.receipt},
                            {"since", to_micros(moment.now)}});
    database.run(kPayoutsOn, {{"organizer", confirmation.organizer}});
    database.run(kOnSale, {{"organizer", confirmation.organizer}});
    database.run(kNextReview, {{"review", make_id("review_", moment.random)}, {"organizer", confirmation.organizer}});
  });
  return first;
}

void record_release(Database& database, std::string_view confirmation) {
  static constexpr std::string_view kReleased = R"sql(
      UPDATE confirmations
      SET state = 'released'
      WHERE id = :id AND state = 'claimed'
  )sql";
  database.run(kReleased, {{"id", std::string(confirmation)}});
}

void record_end(Database& database, const Confirmation& confirmation, std::string_view state, Moment& moment) {
  static constexpr std::string_view kEnded = R"sql(
      UPDATE confirmations
      SET state = :state
      WHERE id = :id AND state IN ('held', 'withdrawn')
  )sql";
  static constexpr std::string_view kNextReview = R"sql(
      UPDATE drafts
      SET review = :next
      WHERE organizer = :organizer AND review = :ended
  )sql";
  static constexpr std::string_view kForgetPayout = R"sql(
      UPDATE drafts
      SET payout_sealed = NULL
      WHERE organizer = :organizer
  )sql";
  static constexpr std::string_view kPause = R"sql(
      UPDATE organizers
      SET payouts = 'paused'
      WHERE id = :organizer AND payouts = 'on'
  )sql";
  database.transact([&] {
    if (database.run(kEnded, {{"state", std::string(state)}, {"id", confirmation.id}}) == 0) return;
    database.run(kNextReview, {{"next", make_id("review_", moment.random)},
                               {"organizer", confirmation.organizer},
                               {"ended", confirmation.id}});
    if (state != "denied") return;
    database.run(kForgetPayout, {{"organizer", confirmation.organizer}});
    database.run(kPause, {{"organizer", confirmation.organizer}});
  });
}

void withdraw(Database& database, std::string_view confirmation, Moment& moment) {
  static constexpr std::string_view kWithdraw = R"sql(
      UPDATE confirmations
      SET state = 'withdrawn', look_at = :now
      WHERE id = :id AND state = 'held'
  )sql";
  database.run(kWithdraw, {{"now", to_micros(moment.now)}, {"id", std::string(confirmation)}});
}

}  // namespace countersign::demo
