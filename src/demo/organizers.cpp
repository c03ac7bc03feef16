#include "demo/organizers.h"

#include "base/encoding.h"
#include "demo/sealing.h"

namespace countersign::demo {

namespace {

/// Bank details must not be readable in the database before Countersign has released them, yet nothing typed may be
/// lost: so they lie there under a key that only the browser's cookie leads to.
std::string seal_payout(const Fields& fields, const Organizer& organizer, const Visitor& visitor, Random& random) {
  return seal(visitor.draft_key().expose(), fields_to_json(fields), organizer.id, random);
}

std::optional<Fields> unseal_payout(const SqlRow& row, std::size_t column, const Organizer& organizer,
                                    const Visitor& visitor) {
  if (row.is_null(column)) return std::nullopt;
  const auto opened = unseal(visitor.draft_key().expose(), row.bytes(column), organizer.id);
  return opened ? std::optional(fields_from_json(opened->expose())) : std::nullopt;
}

std::optional<Fields> step_of(const SqlRow& row, std::size_t column) {
  return row.is_null(column) ? std::nullopt : std::optional(fields_from_json(row.text(column)));
}

const std::optional<Fields>& step_of(const Draft& draft, Step step) {
  switch (step) {
    case Step::kAccount:
      return draft.account;
    case Step::kEvent:
      return draft.event;
    case Step::kPayout:
      break;
  }
  return draft.payout;
}

}  // namespace

std::string make_id(std::string_view prefix, Random& random) {
  return std::string(prefix) + to_base64url(random.bytes(16));
}

std::optional<Organizer> find_organizer(Database& database, const Visitor& visitor) {
  const auto row =
      database.one("SELECT id, identity, mobile, payouts FROM organizers WHERE session = ?", {Blob{visitor.session()}});
  if (!row) return std::nullopt;
  return Organizer{row->text(0), row->text(1), row->text(2), row->text(3)};
}

Organizer find_or_make_organizer(Database& database, const Visitor& visitor, Moment& moment) {
  if (auto found = find_organizer(database, visitor)) return *found;
  const Organizer organizer{make_id("org_", moment.random), make_id("person_", moment.random), "", "none"};
  database.transact([&] {
    database.run("INSERT INTO organizers (id, session, identity, created_at) VALUES (?, ?, ?, ?)",
                 {organizer.id, Blob{visitor.session()}, organizer.identity, to_micros(moment.now)});
    database.run("INSERT INTO drafts (organizer, review) VALUES (?, ?)",
                 {organizer.id, make_id("review_", moment.random)});
  });
  return organizer;
}

Draft load_draft(Database& database, const Organizer& organizer, const Visitor& visitor) {
  const auto row =
      database.one("SELECT account, event, payout_sealed, review FROM drafts WHERE organizer = ?", {organizer.id});
  return {step_of(*row, 0), step_of(*row, 1), unseal_payout(*row, 2, organizer, visitor), row->text(3)};
}

void save_step(Database& database, const Organizer& organizer, const Visitor& visitor, Step step, const Fields& fields,
               Moment& moment) {
  if (step_of(load_draft(database, organizer, visitor), step) == fields) return;
  database.transact([&] {
    switch (step) {
      case Step::kAccount:
        database.run("UPDATE drafts SET account = ? WHERE organizer = ?", {fields_to_json(fields), organizer.id});
        break;
      case Step::kEvent:
        database.run("UPDATE drafts SET event = ? WHERE organizer = ?", {fields_to_json(fields), organizer.id});
        break;
      case Step::kPayout:
        database.run("UPDATE drafts SET payout_sealed = ? WHERE organizer = ?",
                     {Blob{seal_payout(fields, organizer, visitor, moment.random)}, organizer.id});
        break;
    }
    database.run("UPDATE drafts SET review = ? WHERE organizer = ?", {make_id("review_", moment.random), organizer.id});
    database.run("UPDATE confirmations SET state = 'withdrawn', look_at = ? WHERE organizer = ? AND state = 'held'",
                 {to_micros(moment.now), organizer.id});
  });
}

}  // namespace countersign::demo
