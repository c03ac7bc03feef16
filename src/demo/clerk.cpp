#include "demo/clerk.h"

#include "demo/webhook.h"

namespace countersign::demo {

namespace {

constexpr auto kTick = std::chrono::seconds(1);
/// The polling period without webhooks, in case none arrives.
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
  if (!status && status.error().status == 404)  // Purged at Countersign: whatever the result, we have not claimed it.
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

/// The claimer's name is the confirmation's id: a retry after a crash is the same winner and gets the same answer,
/// while another instance with its own database would be refused.
void Clerk::claim(const Confirmation& confirmation) {
  const auto claim = parts_.countersign->claim(confirmation.transaction, "claim-" + confirmation.id);
  Moment moment{parts_.clock.now(), parts_.random};
  if (!claim && claim.error().code == "transaction_expired")
    return record_end(*parts_.database, confirmation, "expired", moment);
  if (!claim) return try_later(confirmation, claim.error());
  if (!record_claim(*parts_.database, confirmation, *claim, moment)) return;
  if (const auto claimed = find_confirmation(*parts_.database, confirmation.id)) acknowledge(*claimed);
}

/// Only after the account is durably stored here: then Countersign deletes it.
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

/// Ensures a single endpoint: secret and idempotency key are stored before the call, and a start looks for an existing
/// endpoint first.
void Clerk::register_webhook() {
  static constexpr std::string_view kInsert = R"sql(
      INSERT INTO webhook_endpoint (one, url, secret, request)
      VALUES (1, :url, :secret, :request)
      ON CONFLICT DO NOTHING
  )sql";
  const auto now = parts_.clock.now();
  if (webhook_registered_ || now < register_at_) return;
  register_at_ = now + kRetry;
  if (keep_or_drop_webhook()) return;
  auto& database = *parts_.database;
  database.run(kInsert, {{"url", parts_.webhook_url},
                         {"secret", make_webhook_secret(parts_.random).expose()},
                         {"request", make_id("endpoint-", parts_.random)}});
  const auto row = *database.one("SELECT secret, request FROM webhook_endpoint");
  const json::object body{
      {"url", parts_.webhook_url},
      {"events", {"transaction.verified", "transaction.denied", "transaction.expired", "transaction.canceled"}},
      {"secret", row.text("secret")}};
  const auto endpoint = parts_.countersign->add_webhook_endpoint(body, row.text("request"));
  if (!endpoint && endpoint.error().code == "endpoint_exists") return drop_forgotten_webhook();
  if (!endpoint) return parts_.on_problem("the webhook endpoint cannot be registered: " + endpoint.error().code);
  database.run("UPDATE webhook_endpoint SET endpoint = :endpoint", {{"endpoint", *endpoint}});
  webhook_registered_ = true;
}

/// Only this site receives webhooks at this URL: an endpoint that is not in the database was lost with its secret. The
/// next try creates another.
void Clerk::drop_forgotten_webhook() {
  const auto forgotten = parts_.countersign->webhook_endpoint_at(parts_.webhook_url);
  if (forgotten && *forgotten) static_cast<void>(parts_.countersign->remove_webhook_endpoint(**forgotten));
}

/// True if there is nothing more to do now: the earlier endpoint is still good, or Countersign cannot be reached.
/// Deletes one with another URL or disabled, to make room for a new one.
bool Clerk::keep_or_drop_webhook() {
  auto& database = *parts_.database;
  const auto row = database.one("SELECT coalesce(endpoint, '') AS endpoint, url FROM webhook_endpoint");
  if (!row || (row->text("endpoint").empty() && row->text("url") == parts_.webhook_url)) return false;
  if (const auto& endpoint = row->text("endpoint"); !endpoint.empty()) {
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
