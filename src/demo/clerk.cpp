#include "demo/clerk.h"

#include "demo/webhook.h"

namespace countersign::demo {

namespace {

constexpr auto kTick = std::chrono::seconds(1);
/// How often to ask without having been told. Webhooks are the rule; this is for the day when none gets through.
constexpr auto kPatience = std::chrono::seconds(15);
constexpr auto kRetry = std::chrono::seconds(3);

}  // namespace

Clerk::Clerk(Parts parts) : parts_(std::move(parts)), worker_(kTick, [this] { tick(); }) {}

void Clerk::start() { worker_.start(); }
void Clerk::stop() { worker_.stop(); }

void Clerk::tick() {
  try {
    register_webhook();
    for (const auto& confirmation : due_confirmations(*parts_.database, parts_.clock.now())) settle(confirmation);
  } catch (const std::exception& broken) {
    parts_.on_problem(broken.what());
  }
}

void Clerk::settle(const Confirmation& confirmation) {
  if (confirmation.state == "claimed") return acknowledge(confirmation);
  if (confirmation.state == "withdrawn") return tell_withdrawal(confirmation);
  const auto began_at = parts_.clock.now();
  const auto status = parts_.countersign->status_of(confirmation.transaction);
  if (!status && status.error().status == 404)  // Purged since: whatever came of it, it was not claimed by us.
    return follow_status(confirmation, "expired", began_at);
  if (!status) return try_later(confirmation, status.error());
  follow_status(confirmation, *status, began_at);
}

void Clerk::follow_status(const Confirmation& confirmation, std::string_view status, WallTime began_at) {
  Moment moment{parts_.clock.now(), parts_.random};
  if (status == "verified") return claim(confirmation);
  if (status == "denied" || status == "expired" || status == "canceled")
    return record_end(*parts_.database, confirmation, status, moment);
  looked(*parts_.database, confirmation.id, began_at, began_at + kPatience);
}

/// The confirmation's own name is the claimer's: whoever asks again after a crash is the same winner and gets the same
/// answer, while a copy of this program with a database of its own would be told that it came too late.
void Clerk::claim(const Confirmation& confirmation) {
  const auto claim = parts_.countersign->claim(confirmation.transaction, "claim-" + confirmation.id);
  Moment moment{parts_.clock.now(), parts_.random};
  if (!claim && claim.error().code == "transaction_expired")
    return record_end(*parts_.database, confirmation, "expired", moment);
  if (!claim) return try_later(confirmation, claim.error());
  if (!record_claim(*parts_.database, confirmation, *claim, moment)) return;
  if (const auto claimed = find_confirmation(*parts_.database, confirmation.id)) acknowledge(*claimed);
}

/// Only after the account is durably ours: from here on Countersign forgets it.
void Clerk::acknowledge(const Confirmation& confirmation) {
  const auto done = parts_.countersign->acknowledge(confirmation.transaction, confirmation.fencing_token);
  if (!done) return try_later(confirmation, done.error());
  record_release(*parts_.database, confirmation.id);
}

void Clerk::tell_withdrawal(const Confirmation& confirmation) {
  const auto done = parts_.countersign->cancel(confirmation.transaction);
  if (!done && done.error().is_temporary()) return try_later(confirmation, done.error());
  Moment moment{parts_.clock.now(), parts_.random};
  record_end(*parts_.database, confirmation, "canceled", moment);
}

void Clerk::try_later(const Confirmation& confirmation, const ApiError& error) {
  const auto now = parts_.clock.now();
  looked(*parts_.database, confirmation.id, now, now + (error.is_temporary() ? kRetry : kPatience));
  parts_.on_problem("confirmation " + confirmation.id + ": " + (error.status == 0 ? "no answer" : error.code));
}

/// One endpoint, whatever happens in between: secret and idempotency key are written down before the call, and a start
/// looks at what is there before it makes anything.
void Clerk::register_webhook() {
  const auto now = parts_.clock.now();
  if (webhook_registered_ || now < register_at_) return;
  register_at_ = now + kRetry;
  if (keep_or_drop_webhook()) return;
  auto& database = *parts_.database;
  database.run("INSERT INTO webhook_endpoint (one, url, secret, request) VALUES (1, ?, ?, ?) ON CONFLICT DO NOTHING",
               {parts_.webhook_url, make_webhook_secret(parts_.random).expose(), make_id("endpoint-", parts_.random)});
  const auto row = *database.one("SELECT secret, request FROM webhook_endpoint");
  const json::object body{
      {"url", parts_.webhook_url},
      {"events", {"transaction.verified", "transaction.denied", "transaction.expired", "transaction.canceled"}},
      {"secret", row.text(0)}};
  const auto endpoint = parts_.countersign->add_webhook_endpoint(body, row.text(1));
  if (!endpoint && endpoint.error().code == "endpoint_exists") return drop_forgotten_webhook();
  if (!endpoint) return parts_.on_problem("the webhook endpoint cannot be registered: " + endpoint.error().code);
  database.run("UPDATE webhook_endpoint SET endpoint = ?", {*endpoint});
  webhook_registered_ = true;
}

/// Nobody else takes webhooks at this address: an endpoint that is not in the database is of one that was lost, with
/// its secret. The next try makes another.
void Clerk::drop_forgotten_webhook() {
  const auto forgotten = parts_.countersign->webhook_endpoint_at(parts_.webhook_url);
  if (forgotten && *forgotten) static_cast<void>(parts_.countersign->remove_webhook_endpoint(**forgotten));
}

/// True when there is nothing more to do now: the endpoint of an earlier start is still good, or Countersign cannot be
/// asked. One that points elsewhere or is disabled makes room for a new one.
bool Clerk::keep_or_drop_webhook() {
  auto& database = *parts_.database;
  const auto row = database.one("SELECT coalesce(endpoint, ''), url FROM webhook_endpoint");
  if (!row || (row->text(0).empty() && row->text(1) == parts_.webhook_url)) return false;
  if (const auto& endpoint = row->text(0); !endpoint.empty()) {
    const auto url = parts_.countersign->webhook_endpoint_url(endpoint);
    webhook_registered_ = url && *url == parts_.webhook_url;
    if (!url || webhook_registered_) return true;
    const auto removed = parts_.countersign->remove_webhook_endpoint(endpoint);
    if (!removed && removed.error().status != 404) return true;
  }
  database.run("DELETE FROM webhook_endpoint");
  return false;
}

}  // namespace countersign::demo
