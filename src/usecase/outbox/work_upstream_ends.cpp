#include "usecase/outbox/work_upstream_ends.h"

#include <algorithm>

#include "delivery/backoff.h"

namespace countersign::usecase {

namespace {

constexpr delivery::MessageBackoff kEndBackoff{
    .first = std::chrono::seconds(2),
    .longest = std::chrono::minutes(1),
};

/// A provider's code lives ten minutes from its last send, whatever the life of ours.
constexpr auto kTheirCodeLife = std::chrono::minutes(10);

}  // namespace

void end_upstream(store::Tx& tx, const store::VerificationRow& row, Moment& moment) {
  if (!row.provider_ref) return;
  const auto& v = row.state;
  store::insert_upstream_end(tx, {v.account, v.id, row.provider, *row.provider_ref, 0, moment.now,
                                  std::max(v.expires_at, moment.now + kTheirCodeLife)});
}

void end_unclaimed(store::Tx& tx, const QueuedMessage& message, std::string_view provider_ref, Moment& moment) {
  store::insert_upstream_end(tx, {message.account, message.verification, message.provider, std::string(provider_ref), 0,
                                  moment.now, std::max(message.expires_at, moment.now + kTheirCodeLife)});
}

store::Leased<store::UpstreamEndRow> lease_due_upstream_ends(store::Tx& tx, const Context& context, int limit,
                                                             Moment& moment, const store::SetAsideKeys& aside) {
  auto leased = store::lease_upstream_ends(tx, moment.now, moment.now + context.settings.lease(), limit, aside);
  const auto over = [&](const store::UpstreamEndRow& row) { return moment.now >= row.expires_at; };
  for (const auto& row : leased.jobs) {
    if (over(row)) store::forget_upstream_end(tx, row);
  }
  std::erase_if(leased.jobs, over);
  return leased;
}

void finish_upstream_end(store::Tx& tx, const store::UpstreamEndRow& row,
                         const Result<Done, delivery::ProviderError>& outcome, Moment& moment) {
  const auto again = outcome ? std::nullopt
                             : delivery::next_message_attempt(kEndBackoff, static_cast<unsigned>(row.attempts),
                                                              outcome.error().retry_after, row.expires_at, moment);
  if (again)
    store::retry_upstream_end(tx, row, *again);
  else
    store::forget_upstream_end(tx, row);
}

}  // namespace countersign::usecase
