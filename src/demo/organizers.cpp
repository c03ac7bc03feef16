#include "demo/organizers.h"

#include "base/encoding.h"
#include "demo/sealing.h"

namespace countersign::demo {

namespace {

/// Bank details must not be readable in the database before Countersign has released them, but no input may be lost: so
/// they are stored under a key derived from the browser's cookie.
std::string seal_payout(const Fields& fields, const Organizer& organizer, const Visitor& visitor, Random& random) {
  return seal(visitor.draft_key().expose(), fields_to_json(fields), organizer.id, random);
}

std::optional<Fields> unseal_payout(const SqlRow& draft, const Organizer& organizer, const Visitor& visitor) {
  if (draft.is_null("payout_sealed")) return std::nullopt;
  const auto opened = unseal(visitor.draft_key().expose(), draft.bytes("payout_sealed"), organizer.id);
  return opened ? std::optional(fields_from_json(opened->expose())) : std::nullopt;
}

std::optional<Fields> step_of(const SqlRow& row, std::string_view column) {
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
  static constexpr std::string_view kFind = R"sql(
      SELECT id, identity, mobile, payouts
      FROM organizers
      WHERE session = :session
  )sql";
  const auto row = database.one(kFind, {{"session", Blob{visitor.session()}}});
  if (!row) return std::nullopt;
  return Organizer{row->text("id"), row->text("identity"), row->text("mobile"), row->text("payouts")};
}

Organizer find_or_make_organizer(Database& database, const Visitor& visitor, Moment& moment) {
  static constexpr std::string_view kOrganizer = R"sql(
      INSERT INTO organizers (id, session, identity, created_at)
      VALUES (:id, :session, :identity, :now)
  )sql";
  static constexpr std::string_view kDraft = R"sql(
      INSERT INTO drafts (organizer, review)
      VALUES (:organizer, :review)
  )sql";
  if (auto found = find_organizer(database, visitor)) return *found;
  const Organizer organizer{make_id("org_", moment.random), make_id("person_", moment.random), "", "none"};
  database.transact([&] {
    database.run(kOrganizer, {{"id", organizer.id},
                              {"session", Blob{visitor.session()}},
                              {"identity", organizer.identity},
                              {"now", to_micros(moment.now)}});
    database.run(kDraft, {{"organizer", organizer.id}, {"review", make_id("review_", moment.random)}});
  });
  return organizer;
}

Draft load_draft(Database& database, const Organizer& organizer, const Visitor& visitor) {
  static constexpr std::string_view kFind = R"sql(
      SELECT account, event, payout_sealed, review
      FROM drafts
      WHERE organizer = :organizer
  )sql";
  const auto row = database.one(kFind, {{"organizer", organizer.id}});
  return {step_of(*row, "account"), step_of(*row, "event"), unseal_payout(*row, organizer, visitor),
          row->text("review")};
}

void save_step(Database& database, const Organizer& organizer, const Visitor& visitor, Step step, const Fields& fields,
               Moment& moment) {
  static constexpr std::string_view kAccount = "UPDATE drafts SET account = :fields WHERE organizer = :organizer";
  static constexpr std::string_view kEvent = "UPDATE drafts SET event = :fields WHERE organizer = :organizer";
  static constexpr std::string_view kPayout = "UPDATE drafts SET payout_sealed = :sealed WHERE organizer = :organizer";
  static constexpr std::string_view kReview = "UPDATE drafts SET review = :review WHERE organizer = :organizer";
  static constexpr std::string_view kWithdraw = R"sql(
      UPDATE confirmations
      SET state = 'withdrawn', look_at = :now
      WHERE organizer = :organizer AND state = 'held'
  )sql";
  if (step_of(load_draft(database, organizer, visitor), step) == fields) return;
  database.transact([&] {
    switch (step) {
      case Step::kAccount:
        database.run(kAccount, {{"fields", fields_to_json(fields)}, {"organizer", organizer.id}});
        break;
      case Step::kEvent:
        database.run(kEvent, {{"fields", fields_to_json(fields)}, {"organizer", organizer.id}});
        break;
      case Step::kPayout:
        database.run(kPayout, {{"sealed", Blob{seal_payout(fields, organizer, visitor, moment.random)}},
                               {"organizer", organizer.id}});
        break;
    }
    database.run(kReview, {{"review", make_id("review_", moment.random)}, {"organizer", organizer.id}});
    database.run(kWithdraw, {{"now", to_micros(moment.now)}, {"organizer", organizer.id}});
  });
}

}  // namespace countersign::demo
