#include "usecase/work_deliveries.h"

#include "delivery/backoff.h"
#include "usecase/deliveries.h"
#include "usecase/endpoints.h"
#include "usecase/journal.h"
#include "usecase/notices.h"
#include "usecase/tally.h"
#include "usecase/verify/hooks.h"

namespace countersign::usecase {

namespace {

void disable(store::Tx& tx, const Context& context, const store::DeliveryRow& row, std::string_view reason,
             Moment& moment) {
  store::disable_endpoint(tx, row.account, row.endpoint, reason);
  const Caller system{row.account, "system", "", std::nullopt};
  record(tx, context, system, "webhook_endpoint.disabled",
         Facts().text("endpoint", row.endpoint.text()).text("reason", reason), moment);
}

void fail_delivery(store::Tx& tx, const Context& context, store::DeliveryRow row, std::string_view error,
                   WallTime now) {
  count(tx, context, row.account, {},
        [endpoint = row.endpoint](Tally& tally, const Tally::Place&) { tally.on_webhook_failed(endpoint.text()); });
  row.status = store::to_text(store::DeliveryStatus::kFailed);
  row.last_error = error;
  row.finished_at = now;
  store::save_delivery(tx, row);
}

/// Nothing where there is nobody to send it to.
std::optional<delivery::WebhookAttempt> attempt_for(store::Tx& tx, const Context& context,
                                                    const store::DeliveryRow& row, WallTime now) {
  const auto endpoint = store::find_endpoint(tx, row.account, row.endpoint);
  if (!endpoint) return verify::hook_attempt(tx, context, row);
  if (!endpoint->enabled && row.event_type != kTestEvent) return std::nullopt;
  return delivery::WebhookAttempt{endpoint_url(context.vault, *endpoint),
                                  endpoint_secrets(context.vault, *endpoint, now), row.id.text(),
                                  body_to_send(tx, context, row)};
}

}  // namespace

std::optional<WebhookJob> job_for(store::Tx& tx, const Context& context, store::DeliveryRow row, Moment& moment) {
  std::optional<delivery::WebhookAttempt> attempt;
  if (const auto why = store::why_unreadable([&] { attempt = attempt_for(tx, context, row, moment.now); })) {
    store::set_delivery_aside(tx, row.account.bytes(), row.id.bytes(), *why, moment.now);
    return std::nullopt;
  }
  if (attempt) return WebhookJob{std::move(row), *std::move(attempt), moment.now + context.settings.hand_over_within};
  fail_delivery(tx, context, std::move(row), "the endpoint is gone or disabled", moment.now);
  return std::nullopt;
}

store::Leased<WebhookJob> lease_due_deliveries(store::Tx& tx, const Context& context, int limit, Moment& moment) {
  auto leased =
      store::lease_deliveries(tx, moment.now, moment.now + context.settings.lease(), context.settings.node, limit);
  store::Leased<WebhookJob> due{{}, std::move(leased.set_aside)};
  for (auto& row : leased.jobs) {
    std::optional<delivery::WebhookAttempt> attempt;
    if (const auto why = store::why_unreadable([&] { attempt = attempt_for(tx, context, row, moment.now); })) {
      store::set_delivery_aside(tx, row.account.bytes(), row.id.bytes(), *why, moment.now);
      due.set_aside.push_back({"deliveries", std::string(row.account.bytes()).append(row.id.bytes()), *why});
    } else if (attempt) {
      due.jobs.push_back({std::move(row), *std::move(attempt), moment.now + context.settings.hand_over_within});
    } else {
      fail_delivery(tx, context, std::move(row), "the endpoint is gone or disabled", moment.now);
    }
  }
  return due;
}

void give_back(store::Tx& tx, const WebhookJob& job, const Moment& moment) {
  store::give_delivery_back(tx, job.row, moment.now);
}

void finish_delivery(store::Tx& tx, const Context& context, const store::DeliveryRow& leased,
                     const delivery::WebhookOutcome& outcome, Moment& moment, Follow follow) {
  auto found = store::find_delivery(tx, leased.account, leased.id);
  // Delivered or purged meanwhile: by a node that took it over when this one was too slow.
  if (!found || found->status != store::to_text(store::DeliveryStatus::kPending)) return;
  store::DeliveryRow row = *std::move(found);
  ++row.attempts;
  row.last_status = outcome.status;
  row.last_error =
      outcome.verdict == delivery::WebhookVerdict::kDelivered ? std::nullopt : std::optional(outcome.detail);
  store::insert_delivery_attempt(tx, row.account, row.id,
                                 {row.attempts, moment.now, outcome.duration, row.last_status, row.last_error});
  if (outcome.verdict == delivery::WebhookVerdict::kDelivered) {
    row.status = store::to_text(store::DeliveryStatus::kDelivered);
    row.finished_at = moment.now;
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

}  // namespace countersign::usecase
