#include "usecase/outbox/work_deliveries.h"

#include <algorithm>
#include <map>
#include <utility>

#include "delivery/backoff.h"
#include "store/repository/row_bundle.h"
#include "usecase/audit_log.h"
#include "usecase/outbox/deliveries.h"
#include "usecase/outbox/endpoints.h"
#include "usecase/subject/change_events.h"
#include "usecase/tally.h"

namespace countersign::usecase {

namespace {

void disable(store::Tx& tx, const Context& context, const store::DeliveryRow& row, std::string_view reason,
             Moment& moment) {
  store::disable_endpoint(tx, row.account, row.endpoint, reason);
  const Caller system{row.account, "system", "", std::nullopt};
  record({tx, context, system, moment}, "webhook_endpoint.disabled",
         Facts().text("endpoint", row.endpoint.text()).text("reason", reason));
}

void fail_delivery(store::Tx& tx, const Context& context, store::DeliveryRow row, std::string_view error,
                   WallTime now) {
  count(tx, context, row.account, {},
        [endpoint = row.endpoint](Tally& tally, const Tally::Place&) { tally.on_webhook_failed(endpoint.text()); });
  store::save_delivery(tx, store::failed(std::move(row), error, now));
}

/// The endpoints of the deliveries of one unit, each read and opened once.
class Recipients {
 public:
  Recipients(store::Tx& tx, const Context& context, WallTime now, AttemptWithoutEndpoint without_endpoint)
      : tx_(tx), context_(context), now_(now), without_endpoint_(without_endpoint) {}

  /// Nothing if there is no recipient.
  std::optional<delivery::WebhookAttempt> attempt_for(const store::DeliveryRow& row) {
    const auto* endpoint = find(row);
    if (endpoint == nullptr) return without_endpoint_(tx_, context_, row);
    if (!endpoint->enabled && row.event_type != kTestEvent) return std::nullopt;
    return delivery::WebhookAttempt{endpoint->url, endpoint->secrets, row.id.text(), body_to_send(tx_, context_, row)};
  }

 private:
  struct Opened {
    bool enabled;
    std::string url;
    std::vector<crypto::WebhookSecret> secrets;
  };

  /// One that cannot be read is not kept: each of its deliveries fails with the reason.
  const Opened* find(const store::DeliveryRow& row) {
    const auto known = opened_.find({row.account, row.endpoint});
    if (known != opened_.end()) return &known->second;
    const auto endpoint = store::find_endpoint(tx_, row.account, row.endpoint);
    if (!endpoint) return nullptr;
    Opened opened{endpoint->enabled, endpoint_url(context_.vault, *endpoint),
                  endpoint_secrets(context_.vault, *endpoint, now_)};
    return &opened_.emplace(std::pair(row.account, row.endpoint), std::move(opened)).first->second;
  }

  store::Tx& tx_;
  const Context& context_;
  const WallTime now_;
  const AttemptWithoutEndpoint without_endpoint_;
  std::map<std::pair<AccountId, WebhookEndpointId>, Opened> opened_;
};

/// As job_for; `why` is set where the delivery cannot be read.
std::optional<WebhookJob> prepare(store::Tx& tx, const Context& context, store::DeliveryRow row, Moment& moment,
                                  Recipients& recipients, std::optional<std::string>& why) {
  std::optional<delivery::WebhookAttempt> attempt;
  why = store::why_unreadable([&] { attempt = recipients.attempt_for(row); });
  if (why) {
    store::set_delivery_aside(tx, row.account.bytes(), row.id.bytes(), *why, moment.now);
    return std::nullopt;
  }
  if (attempt) return WebhookJob{std::move(row), *std::move(attempt), moment.now + context.settings.hand_over_within};
  fail_delivery(tx, context, std::move(row), "the endpoint is gone or disabled", moment.now);
  return std::nullopt;
}

}  // namespace

std::optional<WebhookJob> job_for(store::Tx& tx, const Context& context, store::DeliveryRow row, Moment& moment,
                                  AttemptWithoutEndpoint without_endpoint) {
  std::optional<std::string> why;
  Recipients recipients(tx, context, moment.now, without_endpoint);
  return prepare(tx, context, std::move(row), moment, recipients, why);
}

store::Leased<WebhookJob> lease_due_deliveries(store::Tx& tx, const Context& context, int limit, Moment& moment,
                                               AttemptWithoutEndpoint without_endpoint) {
  auto leased =
      store::lease_deliveries(tx, moment.now, moment.now + context.settings.lease(), context.settings.node, limit);
  store::Leased<WebhookJob> due{{}, std::move(leased.set_aside)};
  Recipients recipients(tx, context, moment.now, without_endpoint);
  for (auto& row : leased.jobs) {
    std::string key = std::string(row.account.bytes()).append(row.id.bytes());
    std::optional<std::string> why;
    if (auto job = prepare(tx, context, std::move(row), moment, recipients, why))
      due.jobs.push_back(*std::move(job));
    else if (why)
      due.set_aside.push_back({"deliveries", std::move(key), *std::move(why)});
  }
  return due;
}

void give_back(store::Tx& tx, const WebhookJob& job, const Moment& moment) {
  store::give_delivery_back(tx, job.row, moment.now);
}

void finish_delivery(store::Tx& tx, const Context& context, const store::DeliveryRow& leased,
                     const delivery::WebhookOutcome& outcome, Moment& moment, Follow follow) {
  auto found = store::find_delivery(tx, leased.account, leased.id);
  // Delivered or purged in the meantime by another node, which took it over because this one was too slow.
  if (!found || found->status != store::to_text(store::DeliveryStatus::kPending)) return;
  const bool taken = outcome.verdict == delivery::WebhookVerdict::kDelivered;
  auto row = store::attempted(*std::move(found), outcome.status, taken ? std::nullopt : std::optional(outcome.detail));
  store::insert_delivery_attempt(tx, row.account, row.id,
                                 {row.attempts, moment.now, outcome.duration, row.last_status, row.last_error});
  if (taken) {
    row = store::delivered(std::move(row), moment.now);
    store::save_delivery(tx, row);
    if (follow == Follow::kAll) note_acknowledged(tx, context, row, moment);
    return;
  }
  if (row.event_type == kTestEvent) return fail_delivery(tx, context, std::move(row), outcome.detail, moment.now);
  if (outcome.verdict == delivery::WebhookVerdict::kEndpointGone) {
    disable(tx, context, row, "it answered 410 Gone", moment);
    fail_delivery(tx, context, std::move(row), outcome.detail, moment.now);
    return;
  }
  const auto next = delivery::next_webhook_attempt(static_cast<unsigned>(row.attempts - row.round_start),
                                                   outcome.retry_after, moment);
  if (!next) {
    disable(tx, context, row, "it failed through the whole schedule of attempts", moment);
    fail_delivery(tx, context, std::move(row), outcome.detail, moment.now);
    return;
  }
  row.due_at = *next;
  store::save_delivery(tx, row);
}

void finish_deliveries(store::Tx& tx, const Context& context, std::span<const AttemptedDelivery> attempted,
                       Moment& moment, Follow follow) {
  const auto is_plain = [](const AttemptedDelivery& one) {
    return one.outcome.verdict == delivery::WebhookVerdict::kDelivered && one.outcome.status &&
           !has_consequence(one.row.event_type);
  };
  const bool bundled =
      static_cast<std::size_t>(std::ranges::count_if(attempted, is_plain)) >= store::RowBundle::kWorthIt;
  std::vector<store::AcceptedDelivery> accepted;
  for (const auto& one : attempted) {
    if (bundled && is_plain(one))
      accepted.push_back({one.row.account, one.row.id, *one.outcome.status, one.outcome.duration});
    else
      finish_delivery(tx, context, one.row, one.outcome, moment, follow);
  }
  if (!accepted.empty()) store::deliver_all(tx, accepted, moment.now);
}

}  // namespace countersign::usecase
