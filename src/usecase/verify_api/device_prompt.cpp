#include "usecase/verify_api/device_prompt.h"

#include "store/repository/subjects.h"
#include "usecase/outbox/webhooks.h"
#include "usecase/verify_api/challenge_rows.h"

namespace countersign::usecase::verify_api {

namespace {

std::string_view platform_in(const json::object& config) {
  return json_text(config, "notification_platform").value_or("none");
}

/// The stored member of a factor or a challenge; an empty object if there is none.
json::object member_of(const std::optional<store::Resource>& row, std::string_view name) {
  const auto* found = row ? row->content.if_contains(name) : nullptr;
  return found != nullptr && found->is_object() ? found->get_object() : json::object();
}

json::value text_or_null(const json::object& object, std::string_view name) {
  const auto text = json_text(object, name);
  return text ? json::value(*text) : json::value(nullptr);
}

}  // namespace

bool has_notifications(const Factor& factor) { return platform_in(device_config(factor)) != "none"; }

void hand_over_prompt(const Work& work, const ServiceId& service, const Entity& entity, const Challenge& challenge,
                      const Notification& notification) {
  json::object data{{"challenge", id_text("YC", challenge.id)},
                    {"factor", json_text(challenge.content, "factor_sid").value_or("")},
                    {"service", service.text()},
                    {"subject", entity.id.text()},
                    {"transaction", text_or_null(challenge.content, "transaction")},
                    {"notification", id_text("NT", notification.id)},
                    {"ttl", notification.ttl},
                    {"expires_at", to_rfc3339(challenge.state.expires_at)}};
  enqueue_webhook_body(
      work.tx, work.caller.account, kPushRequested,
      canonical_json(json::object{
          {"type", kPushRequested}, {"timestamp", to_rfc3339(work.moment.now)}, {"data", std::move(data)}}),
      work.moment);
}

void complete_prompt(store::Tx& tx, const Context& context, const AccountId& account, json::object& data) {
  const auto subject = SubjectId::parse(json_text(data, "subject").value_or(""));
  const auto challenge_id = parse_id("YC", json_text(data, "challenge").value_or(""));
  const auto factor_id = FactorId::parse(json_text(data, "factor").value_or(""));
  if (!subject || !challenge_id || !factor_id) return;
  const auto challenge = store::find_resource(tx, context.vault, account, kChallengeKind, subject->id, *challenge_id);
  const auto factor = store::find_resource(tx, context.vault, account, kFactorKind, subject->id, factor_id->id);
  const std::string identity = store::subject_identity(tx, context.vault, account, *subject);
  const json::object config = member_of(factor, "config");
  const auto status = challenge ? json_text(challenge->content, "status") : std::nullopt;
  data["identity"] = identity.empty() ? json::value(nullptr) : json::value(identity);
  data["status"] = status ? json::value(*status) : json::value(nullptr);
  data["message"] = text_or_null(member_of(challenge, "details"), "message");
  data["app_id"] = text_or_null(config, "app_id");
  data["platform"] = text_or_null(config, "notification_platform");
  data["token"] = status == domain::to_text(domain::ChallengeStatus::kPending)
                      ? text_or_null(config, "notification_token")
                      : json::value(nullptr);
}

}  // namespace countersign::usecase::verify_api
