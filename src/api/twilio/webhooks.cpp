#include <fmt/format.h>

#include <algorithm>

#include "api/twilio/params.h"
#include "api/twilio/render.h"
#include "api/twilio/routes.h"
#include "usecase/verify/collection.h"
#include "usecase/verify/hooks.h"

namespace countersign::api::twilio {

namespace {

namespace verify = usecase::verify;

constexpr std::string_view kWebhook = "YW";

std::string hook_json(const Twilio& twilio, const Call& call, const store::Resource& hook) {
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
  Params params(call.form, Fault::kInvalidRequest);
  json::object out;
  if (const auto name = params.text("FriendlyName", 64, 1)) out["friendly_name"] = *name;
  const auto types = params.list("EventTypes");
  if (!types.empty()) {
    if (!std::ranges::all_of(types, [](const auto& type) { return verify::is_hook_event(type); }))
      params.refuse("EventTypes");
    out["event_types"] = json::array(types.begin(), types.end());
  }
  if (const auto url = params.text("WebhookUrl", 2048)) {
    if (!verify::is_hook_url(twilio.api.context.settings, *url)) params.refuse("WebhookUrl");
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

Verdict<Answered> create_webhook(const Twilio& twilio, store::Tx& tx, const Call& call, Moment& moment) {
  const auto service = owned_service(twilio, tx, call);
  if (!service) return refuse(Fault::kNotFound);
  auto content = read_hook(twilio, call, true);
  if (!content) return countersign::fail(content.error());
  (*content)["service"] = service->text();
  return verify::add_to(tx, twilio.api.context, call.caller, verify::kWebhooks, Id{}, "", *std::move(content), moment)
      .transform([&](const store::Resource& made) { return Answered{201, hook_json(twilio, call, made)}; });
}

/// The webhook that the path names, if it is this service's.
Verdict<store::Resource> hook_in(const Twilio& twilio, store::Tx& tx, const Call& call) {
  const auto service = owned_service(twilio, tx, call);
  const auto id = parse_id(kWebhook, call.request.params.at(1));
  if (!service || !id) return refuse(Fault::kNotFound);
  auto hook = verify::show_in(tx, twilio.api.context, call.caller, verify::kWebhooks, Id{}, *id);
  if (hook && json_text(hook->content, "service") != service->text()) return refuse(Fault::kNotFound);
  return hook;
}

Verdict<Answered> show_webhook(const Twilio& twilio, store::Tx& tx, const Call& call, Moment&) {
  return hook_in(twilio, tx, call).transform([&](const store::Resource& hook) {
    return Answered{200, hook_json(twilio, call, hook)};
  });
}

Verdict<Answered> update_webhook(const Twilio& twilio, store::Tx& tx, const Call& call, Moment& moment) {
  const auto hook = hook_in(twilio, tx, call);
  if (!hook) return countersign::fail(hook.error());
  const auto changes = read_hook(twilio, call, false);
  if (!changes) return countersign::fail(changes.error());
  return verify::change_in(tx, twilio.api.context, call.caller, verify::kWebhooks, Id{}, hook->id, *changes, moment)
      .transform([&](const store::Resource& changed) { return Answered{200, hook_json(twilio, call, changed)}; });
}

Verdict<Answered> remove_webhook(const Twilio& twilio, store::Tx& tx, const Call& call, Moment& moment) {
  const auto hook = hook_in(twilio, tx, call);
  if (!hook) return countersign::fail(hook.error());
  return verify::remove_from(tx, twilio.api.context, call.caller, verify::kWebhooks, Id{}, hook->id, moment)
      .transform([](Done) { return Answered{204}; });
}

Verdict<Answered> list_webhooks(const Twilio& twilio, store::Tx& tx, const Call& call, Moment&) {
  const auto service = owned_service(twilio, tx, call);
  if (!service) return refuse(Fault::kNotFound);
  const auto page = read_page(call, Fault::kInvalidRequest);
  if (!page) return countersign::fail(page.error());
  auto range = page->range();
  range.limit = static_cast<int>(verify::kWebhooks.max);
  std::vector<Item> items;
  for (const auto& hook :
       store::list_resources(tx, twilio.api.context.vault, call.caller.account, verify::kWebhooks.kind, Id{}, range)) {
    if (json_text(hook.content, "service") != service->text()) continue;
    if (items.size() > static_cast<std::size_t>(page->size)) break;
    items.emplace_back(hook.id, hook_json(twilio, call, hook));
  }
  return page_of(call, twilio.api.context.settings.public_url, "webhooks", *page, std::move(items));
}

}  // namespace

void add_webhook_routes(http::Router& router, const Twilio& twilio) {
  const Routes routes{router, twilio};
  routes.collection("/v2/Services/{service}/Webhooks", "verify_webhook", create_webhook, list_webhooks);
  routes.member("/v2/Services/{service}/Webhooks/{sid}", "verify_webhook", show_webhook, update_webhook,
                remove_webhook);
}

}  // namespace countersign::api::twilio
