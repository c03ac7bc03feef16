#include "usecase/endpoints.h"

#include "crypto/webhook_signature.h"
#include "domain/display.h"
#include "store/error.h"
#include "usecase/announce.h"
#include "usecase/journal.h"

namespace countersign::usecase {

namespace {

constexpr std::size_t kEndpointsMax = 20;
constexpr std::size_t kUrlMax = 2048;

std::optional<Problem> url_fault(const std::string& url, bool plain_allowed) {
  const bool scheme = url.starts_with("https://") || (plain_allowed && url.starts_with("http://"));
  const bool clean = url.size() <= kUrlMax && domain::is_showable(url, kUrlMax) &&
                     url.find_first_of(" \"<>\\^`{|}#") == std::string::npos;
  const std::size_t host = url.find("://") + 3;
  if (scheme && clean && url.size() > host && url[host] != '/' && url.find('@') == std::string::npos)
    return std::nullopt;
  return Problem{Code::kInvalidField, plain_allowed ? "must be an http or https URL" : "must be an https URL", "url"};
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

EndpointView view_of(const store::Vault& vault, const store::EndpointRow& row) {
  return {row.id, endpoint_url(vault, row), row.events, row.enabled, row.disabled_reason, row.created_at};
}

}  // namespace

std::string endpoint_url(const store::Vault& vault, const store::EndpointRow& row) {
  return vault.open(row.url_sealed, "webhook_endpoints", row.id.bytes(), "url").expose();
}

crypto::WebhookSecret endpoint_secret(const store::Vault& vault, const store::EndpointRow& row) {
  auto secret = crypto::WebhookSecret::parse(
      vault.open(row.secret_sealed, "webhook_endpoints", row.id.bytes(), "secret").expose());
  if (!secret) throw store::StoreFailure({store::StoreError::Code::kCorrupt, "a webhook's secret cannot be read"});
  return *std::move(secret);
}

Answer<NewEndpoint> add_endpoint(store::Tx& tx, const Context& context, const Caller& caller,
                                 const EndpointRequest& request, Moment& moment) {
  if (auto fault = url_fault(request.url, context.settings.private_webhooks)) return fail(*std::move(fault));
  auto events = join_events(request.events);
  if (!events) return fail(events.error());
  auto secret = choose_secret(request.secret, moment.random);
  if (!secret) return fail(secret.error());
  if (store::endpoints_of(tx, caller.account).size() >= kEndpointsMax)
    return refuse(Code::kEndpointLimit, "the account has 20 endpoints");

  store::EndpointRow row;
  row.account = caller.account;
  row.id = WebhookEndpointId::make(moment);
  row.url_sealed = context.vault.seal(request.url, "webhook_endpoints", row.id.bytes(), "url", moment.random);
  row.secret_sealed =
      context.vault.seal(secret->expose(), "webhook_endpoints", row.id.bytes(), "secret", moment.random);
  row.events = *std::move(events);
  row.created_at = moment.now;
  store::insert_endpoint(tx, row);
  record(tx, context, caller, "webhook_endpoint.added", Facts().text("endpoint", row.id.text()), moment);
  return NewEndpoint{view_of(context.vault, row), *std::move(secret)};
}

std::vector<EndpointView> list_endpoints(store::Tx& tx, const Context& context, const Caller& caller) {
  std::vector<EndpointView> views;
  for (const auto& row : store::endpoints_of(tx, caller.account)) views.push_back(view_of(context.vault, row));
  return views;
}

Answer<EndpointView> show_endpoint(store::Tx& tx, const Context& context, const Caller& caller,
                                   const WebhookEndpointId& id) {
  const auto row = store::find_endpoint(tx, caller.account, id);
  if (!row) return refuse(Code::kNotFound);
  return view_of(context.vault, *row);
}

Answer<Done> remove_endpoint(store::Tx& tx, const Context& context, const Caller& caller, const WebhookEndpointId& id,
                             Moment& moment) {
  if (!store::delete_endpoint(tx, caller.account, id)) return refuse(Code::kNotFound);
  record(tx, context, caller, "webhook_endpoint.removed", Facts().text("endpoint", id.text()), moment);
  return Done{};
}

Answer<std::vector<DeliveryView>> list_deliveries(store::Tx& tx, const Caller& caller,
                                                  const WebhookEndpointId& endpoint,
                                                  const std::optional<DeliveryId>& before, int limit) {
  if (!store::find_endpoint(tx, caller.account, endpoint)) return refuse(Code::kNotFound);
  std::vector<DeliveryView> views;
  for (auto& row : store::deliveries_of(tx, caller.account, endpoint, before, limit)) {
    auto attempts = store::attempts_of(tx, caller.account, row.id);
    views.push_back({std::move(row), std::move(attempts)});
  }
  return views;
}

Answer<DeliveryView> retry_delivery(store::Tx& tx, const Context& context, const Caller& caller,
                                    const WebhookEndpointId& endpoint, const DeliveryId& id, Moment& moment) {
  auto row = store::find_delivery(tx, caller.account, id);
  if (!row || row->endpoint != endpoint) return refuse(Code::kNotFound);
  row->status = store::to_text(store::DeliveryStatus::kPending);
  row->due_at = moment.now;
  row->finished_at.reset();
  store::save_delivery(tx, *row);
  record(tx, context, caller, "webhook_delivery.retried", Facts().text("delivery", id.text()), moment);
  auto attempts = store::attempts_of(tx, caller.account, id);
  return DeliveryView{*std::move(row), std::move(attempts)};
}

}  // namespace countersign::usecase
