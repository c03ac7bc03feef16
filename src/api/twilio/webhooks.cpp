#include <fmt/format.h>

#include <algorithm>

#include "api/twilio/params.h"
#include "api/twilio/render.h"
#include "api/twilio/routes.h"
#include "usecase/verify_api/collection.h"
#include "usecase/verify_api/hooks.h"

namespace countersign::api::twilio {

namespace {

namespace verify_api = usecase::verify_api;

constexpr std::string_view kWebhook = "YW";

std::string hook_json(const Twilio& twilio, const Call& call, const verify_api::Resource& hook) {
  json::object out = hook.content;
  out.erase("service");
  const std::string sid = id_text(kWebhook, hook.id);
  out["sid"] = sid;
  out["service_sid"] = call.request.params.at(0);
  out["account_sid"] = call.caller.account.text();
  out["webhook_method"] = "POST";
  out["date_created"] = date_text(hook.created_at);
  out["date_updated"] = date_text(hook.updated_at);
  out["url"] = fmt::format("{}/v2/Services/{}/Webhooks/{}", twilio.api.context.settings.public_url,
                           call.request.params.at(0), sid);
  return canonical_json(out);
}

Verdict<json::object> read_hook(const Twilio& twilio, const Call& call, bool creating) {
  Params params(call.form, ErrorCode::kInvalidRequest);
  json::object out;
  if (const auto name = params.text("FriendlyName", 64, 1)) out["friendly_name"] = *name;
  const auto types = params.list("EventTypes");
  if (!types.empty()) {
    if (!std::ranges::all_of(types, [](const auto& type) { return verify_api::is_hook_event(type); }))
      params.refuse("EventTypes");
    out["event_types"] = json::array(types.begin(), types.end());
  }
  if (const auto url = params.text("WebhookUrl", 2048)) {
    if (!verify_api::is_hook_url(twilio.api.context.settings, *url)) params.refuse("WebhookUrl");
    out["webhook_url"] = *url;
  }
  if (const auto status = params.one_of("Status", {"enabled", "disabled"})) out["status"] = *status;
  if (const auto version = params.one_of("Version", {"v1", "v2"})) out["version"] = *version;
  if (creating) {
    const auto require = [&](std::string_view member, std::string_view name) {
      if (!out.contains(member)) params.refuse(name);
    };
    require("friendly_name", "FriendlyName");
    require("event_types", "EventTypes");
    require("webhook_url", "WebhookUrl");
    if (!out.contains("status")) out["status"] = "enabled";
    if (!out.contains("version")) out["version"] = "v2";
  }
  if (params.refusal()) return countersign::fail(*params.refusal());
  return out;
}

Verdict<Answered> create_webhook(const Twilio& twilio, const usecase::Work& work, const Call& call) {
  const auto service = owned_service(work, call);
  if (!service) return refuse(ErrorCode::kNotFound);
  auto content = read_hook(twilio, call, true);
  if (!content) return countersign::fail(content.error());
  (*content)["service"] = service->text();
  return verify_api::add_to(work, verify_api::kWebhooks, Id{}, "", *std::move(content))
      .transform([&](const verify_api::Resource& made) { return Answered{201, hook_json(twilio, call, made)}; });
}

/// The webhook in the path, if it belongs to this service.
Verdict<verify_api::Resource> hook_in(const usecase::Work& work, const Call& call) {
  const auto service = owned_service(work, call);
  const auto id = parse_id(kWebhook, call.request.params.at(1));
  if (!service || !id) return refuse(ErrorCode::kNotFound);
  auto hook = verify_api::show_in(work, verify_api::kWebhooks, Id{}, *id);
  if (hook && json_text(hook->content, "service") != service->text()) return refuse(ErrorCode::kNotFound);
  return hook;
}

Verdict<Answered> show_webhook(const Twilio& twilio, const usecase::Work& work, const Call& call) {
  return hook_in(work, call).transform([&](const verify_api::Resource& hook) {
    return Answered{200, hook_json(twilio, call, hook)};
  });
}

Verdict<Answered> update_webhook(const Twilio& twilio, const usecase::Work& work, const Call& call) {
  const auto hook = hook_in(work, call);
  if (!hook) return countersign::fail(hook.error());
  const auto changes = read_hook(twilio, call, false);
  if (!changes) return countersign::fail(changes.error());
  return verify_api::change_in(work, verify_api::kWebhooks, Id{}, hook->id, *changes)
      .transform([&](const verify_api::Resource& changed) { return Answered{200, hook_json(twilio, call, changed)}; });
}

Verdict<Answered> remove_webhook(const Twilio&, const usecase::Work& work, const Call& call) {
  const auto hook = hook_in(work, call);
  if (!hook) return countersign::fail(hook.error());
  return verify_api::remove_from(work, verify_api::kWebhooks, Id{}, hook->id).transform([](Done) {
    return Answered{204};
  });
}

Verdict<Answered> list_webhooks(const Twilio& twilio, const usecase::Work& work, const Call& call) {
  const auto service = owned_service(work, call);
  if (!service) return refuse(ErrorCode::kNotFound);
  const auto page = read_page(call, ErrorCode::kInvalidRequest);
  if (!page) return countersign::fail(page.error());
  auto range = page->range();
  range.limit = static_cast<int>(verify_api::kWebhooks.max);
  std::vector<Item> items;
  for (const auto& hook : verify_api::list_in(work, verify_api::kWebhooks, Id{}, range)) {
    if (json_text(hook.content, "service") != service->text()) continue;
    if (items.size() > static_cast<std::size_t>(page->size)) break;
    items.emplace_back(hook.id, hook_json(twilio, call, hook));
  }
  return page_of(call, work.context.settings.public_url, "webhooks", *page, std::move(items));
}

}  // namespace

void add_webhook_routes(http::Router& router, const Twilio& twilio) {
  const Routes routes{router, twilio};
  routes.collection("/v2/Services/{service}/Webhooks", "verify_webhook", create_webhook, list_webhooks);
  routes.member("/v2/Services/{service}/Webhooks/{sid}", "verify_webhook", show_webhook, update_webhook,
                remove_webhook);
}

}  // namespace countersign::api::twilio
