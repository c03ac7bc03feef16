#include "demo/confirmations.h"

#include "base/check.h"

namespace countersign::demo {

namespace {

constexpr std::string_view kColumns =
    "SELECT id, organizer, coalesce(transaction_id, ''), state, coalesce(fencing_token, ''), coalesce(receipt_id, ''), "
    "looked_at FROM confirmations ";

std::string select(std::string_view condition) { return std::string(kColumns).append(condition); }

Confirmation confirmation_of(const SqlRow& row) {
  return {row.text(0), row.text(1), row.text(2), row.text(3), row.text(4), row.text(5), from_micros(row.integer(6))};
}

std::optional<Confirmation> confirmation_of(const std::optional<SqlRow>& row) {
  return row ? std::optional(confirmation_of(*row)) : std::nullopt;
}

}  // namespace

std::optional<PayoutInForce> find_payout(Database& database, std::string_view organizer) {
  const auto row = database.one(
      "SELECT details, receipt_id, since FROM payout_accounts JOIN confirmations ON id = confirmation "
      "WHERE payout_accounts.organizer = ? ORDER BY since DESC LIMIT 1",
      {std::string(organizer)});
  if (!row) return std::nullopt;
  auto payout = payout_from_json(parse_json(row->text(0)).value().get_object());
  CS_CHECK(payout.has_value());  // Only what to_json() made is ever held.
  return PayoutInForce{*std::move(payout), row->text(1), from_micros(row->integer(2))};
}

bool published_the_event(Database& database, const Confirmation& confirmation) {
  const auto first =
      database.one("SELECT confirmation FROM payout_accounts WHERE organizer = ? ORDER BY since, rowid LIMIT 1",
                   {confirmation.organizer});
  return first && first->text(0) == confirmation.id;
}

void begin_confirmation(Database& database, const Review& review, Moment& moment) {
  const auto& organizer = review.organizer.id;
  database.transact([&] {
    database.run(
        "INSERT INTO confirmations (id, organizer, state, look_at, created_at) VALUES (?1, ?2, 'held', ?3, ?3) "
        "ON CONFLICT DO NOTHING",
        {review.id, organizer, to_micros(moment.now)});
    database.run("UPDATE organizers SET mobile = ?, identity = ? WHERE id = ?",
                 {review.account.mobile, review.organizer.identity, organizer});
    if (!review.event) return;
    database.run(
        "INSERT INTO events (id, organizer, name, details, state, created_at) VALUES (?, ?, ?, ?, 'prepared', ?) "
        "ON CONFLICT (organizer) DO UPDATE SET name = excluded.name, details = excluded.details",
        {make_id("", moment.random), organizer, review.event->name, canonical_json(to_json(*review.event)),
         to_micros(moment.now)});
  });
}

void note_transaction(Database& database, std::string_view confirmation, std::string_view transaction) {
  database.run("UPDATE confirmations SET transaction_id = ? WHERE id = ?",
               {std::string(transaction), std::string(confirmation)});
}

std::optional<Confirmation> find_confirmation(Database& database, std::string_view id) {
  return confirmation_of(database.one(select("WHERE id = ?"), {std::string(id)}));
}

std::optional<Confirmation> last_confirmation(Database& database, std::string_view organizer) {
  return confirmation_of(
      database.one(select("WHERE organizer = ? ORDER BY created_at DESC LIMIT 1"), {std::string(organizer)}));
}

std::vector<Confirmation> due_confirmations(Database& database, WallTime now) {
  std::vector<Confirmation> due;
  for (const auto& row : database.all(
           select("WHERE state IN ('held', 'withdrawn', 'claimed') AND transaction_id IS NOT NULL AND look_at <= ? "
                  "ORDER BY look_at LIMIT 50"),
           {to_micros(now)})) {
    due.push_back(confirmation_of(row));
  }
  return due;
}

void look_soon(Database& database, std::string_view transaction_or_confirmation, WallTime now) {
  database.run("UPDATE confirmations SET look_at = ?1 WHERE ?2 IN (transaction_id, id)",
               {to_micros(now), std::string(transaction_or_confirmation)});
}

void looked(Database& database, std::string_view confirmation, WallTime began_at, WallTime look_again_at) {
  database.run(
      "UPDATE confirmations SET looked_at = ?1, look_at = CASE WHEN look_at <= ?1 THEN ?2 ELSE look_at END "
      "WHERE id = ?3",
      {to_micros(began_at), to_micros(look_again_at), std::string(confirmation)});
}

bool record_claim(Database& database, const Confirmation& confirmation, const CountersignClient::Claim& claim,
                  Moment& moment) {
  bool first = false;
  database.transact([&] {
    first = database.run(
                "UPDATE confirmations SET state = 'claimed', fencing_token = ?, receipt_id = ? "
                "WHERE id = ? AND state = 'held'",
                {claim.fencing_token, claim.receipt_id, confirmation.id}) == 1;
    if (!first) return;
    database.run(
        "INSERT INTO payout_accounts (confirmation, organizer, details, receipt, since) VALUES (?, ?, ?, ?, ?)",
        {confirmation.id, confirmation.organizer, canonical_json(claim.payload), claim.receipt, to_micros(moment.now)});
    database.run("UPDATE organizers SET payouts = 'on' WHERE id = ?", {confirmation.organizer});
    database.run("UPDATE events SET state = 'on_sale' WHERE organizer = ? AND state = 'prepared'",
                 {confirmation.organizer});
    database.run("UPDATE drafts SET payout_sealed = NULL, review = ? WHERE organizer = ?",
                 {make_id("review_", moment.random), confirmation.organizer});
  });
  return first;
}

void record_release(Database& database, std::string_view confirmation) {
  database.run("UPDATE confirmations SET state = 'released' WHERE id = ? AND state = 'claimed'",
               {std::string(confirmation)});
}

void record_end(Database& database, const Confirmation& confirmation, std::string_view state, Moment& moment) {
  database.transact([&] {
    if (database.run("UPDATE confirmations SET state = ? WHERE id = ? AND state IN ('held', 'withdrawn')",
                     {std::string(state), confirmation.id}) == 0) {
      return;
    }
    database.run("UPDATE drafts SET review = ? WHERE organizer = ? AND review = ?",
                 {make_id("review_", moment.random), confirmation.organizer, confirmation.id});
    if (state != "denied") return;
    database.run("UPDATE drafts SET payout_sealed = NULL WHERE organizer = ?", {confirmation.organizer});
    database.run("UPDATE organizers SET payouts = 'paused' WHERE id = ? AND payouts = 'on'", {confirmation.organizer});
  });
}

void withdraw(Database& database, std::string_view confirmation, Moment& moment) {
  database.run("UPDATE confirmations SET state = 'withdrawn', look_at = ? WHERE id = ? AND state = 'held'",
               {to_micros(moment.now), std::string(confirmation)});
}

}  // namespace countersign::demo
