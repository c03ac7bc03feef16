#include <fmt/format.h>

#include "api/twilio/params.h"
#include "api/twilio/render.h"
#include "api/twilio/routes.h"
#include "usecase/verify_api/collection.h"
#include "usecase/verify_api/text.h"

namespace countersign::api::twilio {

namespace {

namespace verify_api = usecase::verify_api;

constexpr std::string_view kTemplate = "HJ";
constexpr std::string_view kDefaultName = "Countersign default";

std::string template_json(const Call& call, std::string_view sid, const json::object& content, WallTime created,
                          WallTime updated) {
  const std::string locale(json_text(content, "default_locale").value_or("en"));
  json::object translations;
  for (const auto& [tag, text] : content.at("translations").as_object()) {
    translations[tag] = {{"is_default_translation", std::string_view(tag) == locale},
                         {"status", "approved"},
                         {"locale", tag},
                         {"text", text},
                         {"date_updated", date_text(updated)},
                         {"date_created", date_text(created)}};
  }
  return canonical_json(json::object{{"sid", sid},
                                     {"account_sid", call.caller.account.text()},
                                     {"friendly_name", json_text(content, "friendly_name").value_or("")},
                                     {"channels", content.at("channels")},
                                     {"translations", std::move(translations)}});
}

std::string resource_json(const Twilio&, const Call& call, const verify_api::Resource& resource) {
  return template_json(call, id_text(kTemplate, resource.id), resource.content, resource.created_at,
                       resource.updated_at);
}

/// The default text of messages: the oldest of all, so that it comes first.
Item default_template(const Call& call) {
  const WallTime since{};
  const json::object content{{"friendly_name", kDefaultName},
                             {"default_locale", "en"},
                             {"channels", json::array{"sms", "voice"}},
                             {"translations", verify_api::default_translations()}};
  return {Id{}, template_json(call, id_text(kTemplate, Id{}), content, since, since)};
}

Verdict<Answered> list_templates(const Twilio& twilio, const usecase::Work& work, const Call& call) {
  const auto page = read_page(call);
  if (!page) return countersign::fail(page.error());
  const auto wanted = call.query.value("FriendlyName");
  std::vector<Item> items;
  if (!page->after && (!wanted || *wanted == kDefaultName)) items.push_back(default_template(call));
  auto range = page->range();
  if (wanted) range.limit = static_cast<int>(verify_api::kTemplates.max);
  for (const auto& resource : verify_api::list_in(work, verify_api::kTemplates, Id{}, range)) {
    if (!wanted || json_text(resource.content, "friendly_name") == *wanted)
      items.emplace_back(resource.id, resource_json(twilio, call, resource));
  }
  return page_of(call, work.context.settings.public_url, "templates", *page, std::move(items));
}

/// Translations: `{"en": "Your {{friendly_name}} code is {{code}}", …}`.
json::object read_translations(Params& params) {
  auto translations = params.object("Translations", 16'384).value_or(json::object());
  bool fits = !translations.empty() && has_only_texts(translations);
  for (const auto& [tag, text] : translations) {
    fits = fits && text.is_string() && !tag.empty() && tag.size() <= 16 && verify_api::is_template(text.as_string());
  }
  if (!fits) params.refuse("Translations");
  return translations;
}

/// Twilio creates templates only in its console; here there is a call.
Verdict<Answered> create_template(const Twilio& twilio, const usecase::Work& work, const Call& call) {
  Params params(call.form);
  const auto name = params.required("FriendlyName", 64);
  auto translations = read_translations(params);
  const auto locale = params.text("DefaultLocale", 16).value_or("en");
  if (!params.refusal() && !translations.contains(locale)) params.refuse("DefaultLocale");
  if (params.refusal()) return countersign::fail(*params.refusal());
  json::object content{{"friendly_name", name},
                       {"default_locale", locale},
                       {"channels", json::array{"sms", "voice"}},
                       {"translations", std::move(translations)}};
  return verify_api::add_to(work, verify_api::kTemplates, Id{}, name, std::move(content))
      .transform([&](const verify_api::Resource& made) { return Answered{201, resource_json(twilio, call, made)}; });
}

Verdict<Answered> remove_template(const Twilio&, const usecase::Work& work, const Call& call) {
  const auto id = parse_id(kTemplate, call.request.params.at(0));
  if (!id) return refuse(ErrorCode::kNotFound);
  return verify_api::remove_from(work, verify_api::kTemplates, Id{}, *id).transform([](Done) { return Answered{204}; });
}

/// The only form describes push factors, which are not supported.
Verdict<Answered> show_form(const Twilio&, const usecase::Work& work, const Call& call) {
  if (call.request.params.at(0) != "form-push") return refuse(ErrorCode::kNotFound);
  const json::object text{{"type", "string"}};
  const json::object factor{{"type", "object"},
                            {"properties", {{"friendly_name", text}, {"factor_type", {{"const", "push"}}}}},
                            {"required", json::array{"friendly_name", "factor_type"}}};
  const json::object verifying{{"type", "object"}, {"properties", {{"auth_payload", text}}}};
  const json::object challenge{{"type", "object"},
                               {"properties", {{"factor_sid", text}, {"details", {{"type", "object"}}}}},
                               {"required", json::array{"factor_sid"}}};
  return Answered{
      200, canonical_json(json::object{
               {"form_type", "form-push"},
               {"forms", {{"create_factor", factor}, {"verify_factor", verifying}, {"create_challenge", challenge}}},
               {"form_meta", nullptr},
               {"url", work.context.settings.public_url + "/v2/Forms/form-push"}})};
}

}  // namespace

void add_template_routes(http::Router& router, const Twilio& twilio) {
  const Routes routes{router, twilio};
  routes.collection("/v2/Templates", "verify_template", create_template, list_templates);
  routes.member("/v2/Templates/{sid}", "verify_template", nullptr, nullptr, remove_template);
  routes.read("/v2/Forms/{type}", "verify_form", show_form);
}

}  // namespace countersign::api::twilio
