#include "demo/pages/progress.h"

#include "demo/steps/payout.h"

namespace countersign::demo {

namespace {

constexpr std::string_view kAccount = "/organizar/conta";
constexpr std::string_view kEvent = "/organizar/evento";
constexpr std::string_view kPayout = "/organizar/repasse";

}  // namespace

Result<Review, std::string_view> load_review(const Visit& visit) {
  if (!visit.organizer) return fail(kAccount);
  Review review{*visit.organizer, {}, {}, {}, PixKey{}, {}};
  const auto draft = load_draft(visit.desk.database, review.organizer, visit.visitor);
  review.id = draft.review;

  const auto account = check_account(draft.account.value_or(Fields{})).value;
  if (!account) return fail(kAccount);
  review.account = *account;
  if (!review.organizer.is_established()) {
    review.event = check_event(draft.event.value_or(Fields{}), visit.desk.clock.now()).value;
    if (!review.event) return fail(kEvent);
  }
  const auto payout = check_payout(draft.payout.value_or(Fields{}), account->document).value;
  if (!payout) return fail(kPayout);
  review.payout = *payout;

  // Nothing is bound to the old number yet. Under a new identity, no code can be sent to it.
  auto& organizer = review.organizer;
  if (!organizer.mobile.empty() && organizer.mobile != account->mobile)
    organizer.identity = make_id("person_", visit.desk.random);
  if (const auto current = find_payout(visit.desk.database, organizer.id)) review.current = current->payout;
  return review;
}

std::string_view next_step(const Visit& visit) {
  const auto review = load_review(visit);
  return review ? "/organizar/revisao" : review.error();
}

}  // namespace countersign::demo
