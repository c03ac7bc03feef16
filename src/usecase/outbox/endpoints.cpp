#include "usecase/outbox/endpoints.h"

#include "crypto/webhook_signature.h"
#include "delivery/webhook_url.h"
#include "store/error.h"
#include "usecase/audit_log.h"
#include "usecase/outbox/webhooks.h"

namespace countersign::usecase {

namespace {

constexpr std::string_view kEndpointsTable = "webhook_endpoints";
constexpr std::size_t kEndpointsMax = 20;

/// The URL in a normalised form, for comparison.
Answer<std::string> read_url(const std::string& url, const Settings& settings) {
  auto read = delivery::read_webhook_url(
      url, settings.private_webhooks ? delivery::AddressPolicy::kAny : delivery::AddressPolicy::kPublicOnly,
      settings.private_webhooks ? delivery::PlainHttp::kAllowed : delivery::PlainHttp::kRefused);
  if (!read) return refuse_field("url", read.error());
  return *std::move(read);
}

/// Refuses a second endpoint with the same URL, except `self`: it would receive every event twice.
std::optional<Problem> double_fault(const Context& context, const std::vector<store::EndpointRow>& rows,
                                    const std::string& url, const std::optional<WebhookEndpointId>& self) {
  for (const auto& row : rows) {
    if (row.id == self) continue;
    // An old endpoint may have a URL that is refused today.
    if (read_url(endpoint_url(context.vault, row), context.settings).value_or("") == url)
      return Problem{Code::kEndpointExists, row.id.text() + " has this address"};
  }
  return std::nullopt;
}

Answer<std::string> join_events(const std::vector<std::string>& events) {
  if (events.empty()) return std::string("*");
  std::string joined;
  for (const auto& event : events) {
    if (event != "*" && !is_event_type(event)) return refuse_field("events", "names an unknown event type");
    if (!joined.empty()) joined += ',';
    joined += event;
  }
  return joined;
}

Answer<SecretString> choose_secret(const std::optional<std::string>& wanted, Random& random) {
  if (wanted) {
    const auto parsed = crypto::WebhookSecret::parse(*wanted);
    if (!parsed) return refuse_field("secret", "must be whsec_ and Base64 of 24 to 64 bytes");
    return parsed->text();
  }
  return crypto::WebhookSecret::make(random).text();
}

EndpointView view_of(const store::Vault& vault, const store::EndpointRow& row, WallTime now) {
  const bool rotating = row.previous_secret_until && now < *row.previous_secret_until;
  return {row.id,
          endpoint_url(vault, row),
          row.events,
          row.enabled,
          row.disabled_reason,
          row.created_at,
          rotating ? row.previous_secret_until : std::nullopt};
}

crypto::WebhookSecret open_secret(const store::Vault& vault, const store::EndpointRow& row, std::string_view sealed,
                                  std::string_view column) {
  auto secret = crypto::WebhookSecret::parse(vault.open(sealed, kEndpointsTable, row.id.bytes(), column).expose());
  if (!secret) throw store::StoreFailure({store::StoreError::Code::kUnreadable, "a webhook's secret cannot be read"});
  return *std::move(secret);
}

}  // namespace

std::string endpoint_url(const store::Vault& vault, const store::EndpointRow& row) {
  return vault.open(row.url_sealed, kEndpointsTable, row.id.bytes(), "url").expose();
}

std::optional<std::string> find_endpoint_url(store::Tx& tx, const Context& context, const AccountId& account,
                                             const WebhookEndpointId& id) {
  return store::find_endpoint(tx, account, id).transform([&](const auto& row) {
    return endpoint_url(context.vault, row);
  });
}

std::vector<crypto::WebhookSecret> endpoint_secrets(const store::Vault& vault, const store::EndpointRow& row,
                                                    WallTime now) {
  std::vector<crypto::WebhookSecret> secrets{open_secret(vault, row, row.secret_sealed, "secret")};
  if (row.previous_secret_sealed && row.previous_secret_until && now < *row.previous_secret_until)
    secrets.push_back(open_secret(vault, row, *row.previous_secret_sealed, "previous_secret"));
  return secrets;
}

Answer<NewEndpoint> add_endpoint(const Work& work, const EndpointRequest& request) {
  const auto url = read_url(request.url, work.context.settings);
  if (!url) return fail(url.error());
  auto events = join_events(request.events);
  if (!events) return fail(events.error());
  auto secret = choose_secret(request.secret, work.moment.random);
  if (!secret) return fail(secret.error());
  const auto others = store::endpoints_of(work.tx, work.caller.account);
  if (auto fault = double_fault(work.context, others, *url, std::nullopt)) return fail(*std::move(fault));
  if (others.size() >= kEndpointsMax) return refuse(Code::kEndpointLimit, "the account has 20 endpoints");

  store::EndpointRow row;
  row.account = work.caller.account;
  row.id = WebhookEndpointId::make(work.moment);
  row.url_sealed = work.context.vault.seal(request.url, kEndpointsTable, row.id.bytes(), "url", work.moment.random);
  row.secret_sealed =
      work.context.vault.seal(secret->expose(), kEndpointsTable, row.id.bytes(), "secret", work.moment.random);
  row.events = *std::move(events);
  row.created_at = work.moment.now;
  store::insert_endpoint(work.tx, row);
  record(work, "webhook_endpoint.added", Facts().text("endpoint", row.id.text()));
  return NewEndpoint{view_of(work.context.vault, row, work.moment.now), *std::move(secret)};
}

std::vector<EndpointView> list_endpoints(const Work& work) {
  std::vector<EndpointView> views;
  for (const auto& row : store::endpoints_of(work.tx, work.caller.account))
    views.push_back(view_of(work.context.vault, row, work.moment.now));
  return views;
}

Answer<EndpointView> show_endpoint(const Work& work, const WebhookEndpointId& id) {
  const auto row = store::find_endpoint(work.tx, work.caller.account, id);
  if (!row) return refuse(Code::kNotFound);
  return view_of(work.context.vault, *row, work.moment.now);
}

Answer<EndpointView> change_endpoint(const Work& work, const WebhookEndpointId& id, const EndpointChange& change) {
  auto row = store::find_endpoint(work.tx, work.caller.account, id);
  if (!row) return refuse(Code::kNotFound);
  if (change.url) {
    const auto url = read_url(*change.url, work.context.settings);
    if (!url) return fail(url.error());
    if (auto fault = double_fault(work.context, store::endpoints_of(work.tx, work.caller.account), *url, id))
      return fail(*std::move(fault));
    row->url_sealed = work.context.vault.seal(*change.url, kEndpointsTable, id.bytes(), "url", work.moment.random);
  }
  if (change.events) {
    if (change.events->empty()) return refuse_field("events", "must name at least one type, or *");
    auto events = join_events(*change.events);
    if (!events) return fail(events.error());
    row->events = *std::move(events);
  }
  const bool switched = change.enabled && *change.enabled != row->enabled;
  if (switched) {
    row->enabled = *change.enabled;
    row->disabled_reason = row->enabled ? std::nullopt : std::optional<std::string>("the application disabled it");
  }
  store::save_endpoint(work.tx, *row);
  if (change.url || change.events) record(work, "webhook_endpoint.updated", Facts().text("endpoint", id.text()));
  if (switched) {
    record(work, row->enabled ? "webhook_endpoint.enabled" : "webhook_endpoint.disabled",
           Facts().text("endpoint", id.text()));
  }
  return view_of(work.context.vault, *row, work.moment.now);
}

Answer<NewEndpoint> rotate_secret(const Work& work, const WebhookEndpointId& id,
                                  const std::optional<std::string>& wanted, Duration overlap) {
  auto row = store::find_endpoint(work.tx, work.caller.account, id);
  if (!row) return refuse(Code::kNotFound);
  if (overlap < Duration::zero() || overlap > kSecretOverlapMax)
    return refuse_field("overlap_seconds", "must be 0 to 604800");
  auto secret = choose_secret(wanted, work.moment.random);
  if (!secret) return fail(secret.error());
  const SecretString before = open_secret(work.context.vault, *row, row->secret_sealed, "secret").text();
  if (before.expose() == secret->expose()) return refuse_field("secret", "must be another one than now");
  row->previous_secret_sealed.reset();
  row->previous_secret_until.reset();
  if (overlap > Duration::zero()) {
    row->previous_secret_sealed =
        work.context.vault.seal(before.expose(), kEndpointsTable, id.bytes(), "previous_secret", work.moment.random);
    row->previous_secret_until = work.moment.now + overlap;
  }
  row->secret_sealed =
      work.context.vault.seal(secret->expose(), kEndpointsTable, id.bytes(), "secret", work.moment.random);
  store::save_endpoint(work.tx, *row);
  record(work, "webhook_endpoint.secret_rotated", Facts().text("endpoint", id.text()));
  return NewEndpoint{view_of(work.context.vault, *row, work.moment.now), *std::move(secret)};
}

Answer<Done> remove_endpoint(const Work& work, const WebhookEndpointId& id) {
  if (!store::delete_endpoint(work.tx, work.caller.account, id)) return refuse(Code::kNotFound);
  record(work, "webhook_endpoint.removed", Facts().text("endpoint", id.text()));
  return Done{};
}

}  // namespace countersign::usecase
