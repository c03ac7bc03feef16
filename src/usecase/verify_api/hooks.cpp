#include "usecase/verify_api/hooks.h"

#include <algorithm>
#include <array>

#include "delivery/webhook_url.h"
#include "store/repository/accounts.h"
#include "store/repository/subjects.h"
#include "usecase/outbox/webhooks.h"

namespace countersign::usecase::verify_api {

namespace {

constexpr std::string_view kHookKind = "webhook";
constexpr std::array<std::string_view, 6> kEvents{
    "*", "factor.created", "factor.verified", "factor.deleted", "challenge.approved", "challenge.denied"};

bool wants(const store::Resource& hook, const ServiceId& service, std::string_view type) {
  if (json_text(hook.content, "service") != service.text() || json_text(hook.content, "status") != "enabled")
    return false;
  const auto& types = hook.content.at("event_types").as_array();
  return std::any_of(types.begin(), types.end(), [&](const json::value& wanted) {
    return wanted.as_string() == "*" || std::string_view(wanted.as_string()) == type;
  });
}

/// The body has the entity's id: the identity is looked up when the webhook is sent, and is never stored in clear.
void enqueue_webhooks(const Work& work, std::string_view type, const ServiceId& service, const Entity& entity,
                      const json::object& parameters) {
  for (const auto& hook :
       store::list_resources(work.tx, work.context.vault, work.caller.account, kHookKind, Id{}, {{}, {}, false, 500})) {
    if (!wants(hook, service, type)) continue;
    json::object body = parameters;
    body["type"] = type;
    body["account_sid"] = work.caller.account.text();
    body["service_sid"] = service.text();
    body["entity_sid"] = entity.id.text();
    body["date_created"] = to_rfc3339(work.moment.now);
    queue_webhook(work.tx, work.caller.account, {WebhookEndpointId{hook.id}, type, canonical_json(body)}, work.moment);
  }
}

}  // namespace

bool is_hook_event(std::string_view type) { return std::find(kEvents.begin(), kEvents.end(), type) != kEvents.end(); }

bool is_hook_url(const Settings& settings, std::string_view url) {
  const bool inside = settings.private_webhooks;
  return delivery::read_webhook_url(url, inside ? delivery::AddressPolicy::kAny : delivery::AddressPolicy::kPublicOnly,
                                    inside ? delivery::PlainHttp::kAllowed : delivery::PlainHttp::kRefused)
      .has_value();
}

void enqueue_factor_webhook(const Work& work, std::string_view type, const ServiceId& service, const Entity& entity,
                            const Factor& factor) {
  enqueue_webhooks(work, type, service, entity,
                   {{"factor_sid", factor.row.state.id.text()}, {"factor_type", type_name(factor)}});
}

void enqueue_challenge_webhook(const Work& work, std::string_view type, const ServiceId& service, const Entity& entity,
                               const Challenge& challenge) {
  enqueue_webhooks(work, type, service, entity,
                   {{"factor_sid", json_text(challenge.content, "factor_sid").value_or("")},
                    {"factor_type", type_name(challenge)},
                    {"challenge_sid", id_text("YC", challenge.id)}});
}

std::optional<delivery::WebhookAttempt> hook_attempt(store::Tx& tx, const Context& context,
                                                     const store::DeliveryRow& row) {
  const auto hook = store::find_resource(tx, context.vault, row.account, kHookKind, Id{}, row.endpoint.id);
  const auto token = store::find_auth_token(tx, context.vault, row.account);
  const auto body = parse_json(row.body);
  if (!hook || !token || !body || !body->is_object() || json_text(hook->content, "status") != "enabled")
    return std::nullopt;
  delivery::WebhookAttempt attempt;
  attempt.url = json_text(hook->content, "webhook_url").value_or("");
  attempt.id = row.id.text();
  attempt.auth_token = *token;
  for (const auto& [name, value] : body->get_object())
    attempt.form.emplace_back(std::string(name), std::string(value.as_string()));
  attempt.form.emplace_back("uuid", row.id.text());
  const auto entity = SubjectId::parse(json_text(body->get_object(), "entity_sid").value_or(""));
  if (entity) {
    attempt.form.emplace_back("entity_identity", store::subject_identity(tx, context.vault, row.account, *entity));
  }
  return attempt;
}

}  // namespace countersign::usecase::verify_api
