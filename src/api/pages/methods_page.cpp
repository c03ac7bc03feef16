#include "api/pages/methods_page.h"

#include <fmt/format.h>

#include <algorithm>

#include "api/pages/forms.h"
#include "assets/assets.h"
#include "html/format.h"
#include "usecase/subject/change_events.h"

namespace countersign::api::pages {

namespace {

using usecase::MethodView;

/// Where a form of the page posts to, beside those of every page.
constexpr std::string_view kChange = "change";
constexpr std::string_view kAdd = "add";

bool is_contact(const MethodView& method) { return domain::is_contact(method.kind); }

/// What the person calls it: the given name, else the provider's, else the kind. An address as it is masked everywhere.
std::string label_of(const Page& page, const MethodView& method) {
  if (!method.masked.empty()) return method.masked;
  if (!method.name.empty()) return method.name;
  if (!method.provider.empty()) return method.provider;
  return page.text(fmt::format("manage.kind_{}", usecase::public_kind(method.kind)));
}

/// Of a passkey, beside the name that was given: the name proves nothing, so neither replaces the other.
std::string provider_text(const Page& page, const MethodView& method) {
  if (!method.synced) return {};
  const std::string where = page.text(*method.synced ? "manage.synced" : "manage.one_device");
  return method.provider.empty() || method.name.empty() ? where : method.provider + " · " + where;
}

std::string channels_text(const Page& page, const MethodView& method) {
  std::string text;
  for (const auto channel : method.channels)
    text.append(text.empty() ? "" : ", ").append(page.text(fmt::format("way.{}", contact::to_text(channel))));
  return text;
}

std::string state_text(const Page& page, const MethodView& method) {
  if (method.is_disabled) return page.text("manage.disabled");
  if (method.counts.own()) return page.text("manage.works");
  if (method.counts.why_not == domain::standing::WhyNot::kStopped && !method.counts.any())
    return page.text("manage.stopped");
  if (method.counts.any())
    return method.counts.counts_from
               ? page.text("manage.repeats_until", {{"when", page.date_time(*method.counts.counts_from)}})
               : page.text("manage.repeats");
  return method.counts.counts_from
             ? page.text("manage.counts_from", {{"when", page.date_time(*method.counts.counts_from)}})
             : page.text("manage.waits");
}

html::Object card_of(const Page& page, const MethodView& method) {
  const std::string id = method.binding.text();
  const std::string leaving = !method.is_leaving ? ""
                              : method.leaves_at
                                  ? page.text("manage.leaves_at", {{"when", page.date_time(*method.leaves_at)}})
                                  : page.text("manage.leaves");
  std::string codes;
  if (method.codes_left) {
    codes = page.text("recovery.left", {{"n", std::to_string(*method.codes_left)}});
    if (domain::asks_for_new_set(*method.codes_left)) codes.append(" ").append(page.text("recovery.renew"));
  }
  return {{"id", id},
          {"label", label_of(page, method)},
          {"is_target", is_contact(method)},
          {"mail", method.kind == domain::Kind::kEmail},
          {"provider", provider_text(page, method)},
          {"channels", channels_text(page, method)},
          {"subscribed",
           !method.subscribed ? "" : page.text(*method.subscribed ? "device.subscribed" : "device.unsubscribed")},
          {"codes", codes},
          {"added", page.date_time(method.added_at)},
          {"used", method.used_at ? page.date(*method.used_at) : ""},
          {"state", state_text(page, method)},
          {"good", method.counts.own() && !method.is_disabled && !method.is_leaving},
          {"leaving", leaving},
          {"may_keep", method.is_leaving && page.seen().methods->may_change},
          {"rename_href", method.may_be_renamed ? page.url("", {{"way", "rename-" + id}}) : ""},
          {"remove_href", method.may_be_removed ? page.url("", {{"way", "remove-" + id}}) : ""},
          {"last", method.is_last && !is_contact(method) ? page.text("manage.last") : ""},
          {"stays", method.stays ? page.text("manage.stays") : ""},
          {"not_removed", method.not_removed_at
                              ? page.text("manage.not_removed", {{"when", page.date_time(*method.not_removed_at)}})
                              : ""}};
}

/// One list for each kind, in the order of the use case.
html::List groups_of(const Page& page) {
  html::List groups;
  html::List cards;
  std::optional<domain::Kind> kind;
  const auto close = [&] {
    if (!kind) return;
    groups.push_back({{"heading", page.text(fmt::format("manage.group_{}", usecase::public_kind(*kind)))},
                      {"hint", domain::is_contact(*kind) ? page.text("manage.contact_hint") : ""},
                      {"methods", std::move(cards)}});
    cards = {};
  };
  for (const MethodView& method : page.seen().methods->methods) {
    if (kind != method.kind) {
      close();
      kind = method.kind;
    }
    cards.push_back(card_of(page, method));
  }
  close();
  return groups;
}

/// The method that a query like `rename-YB…` names.
const MethodView* named_by(const Page& page, std::string_view prefix) {
  const std::string_view asked = page.visit().way;
  if (!asked.starts_with(prefix)) return nullptr;
  const auto id = BindingId::parse(asked.substr(prefix.size()));
  const auto& methods = page.seen().methods->methods;
  const auto found = std::ranges::find_if(methods, [&](const auto& method) { return id && method.binding == *id; });
  return found == methods.end() ? nullptr : &*found;
}

void set_method(Page& page, const MethodView& method) {
  page.set("binding", method.binding.text());
  page.set("label", label_of(page, method));
  page.set("provider", provider_text(page, method));
  page.set("change_action", page.url(kChange));
}

http::Response show_rename(Page& page, const MethodView& method) {
  say_note(page, nullptr);
  set_method(page, method);
  if (page.visit().typed_name.empty()) page.set("typed_name", method.name);
  return page.render("manage_rename");
}

http::Response show_remove(Page& page, const MethodView& method) {
  say_note(page, nullptr);
  set_method(page, method);
  return page.render("manage_remove");
}

http::Response show_list(Page& page) {
  say_note(page, nullptr);
  const auto& seen = *page.seen().methods;
  page.set("empty", seen.methods.empty());
  page.set("few", !seen.methods.empty() && !seen.may_change && !seen.needs_pin);
  page.set("needs_pin", seen.needs_pin);
  page.set("full", seen.may_change && seen.is_full);
  page.set("groups", groups_of(page));
  page.set("change_action", page.url(kChange));
  page.set("add_action", page.url(kAdd));
  page.set("adds", seen.may_change && !seen.is_full);
  page.set("adds_passkey", seen.may_add_passkey);
  page.set("adds_app", seen.may_add_app);
  page.set("adds_device", seen.may_add_device);
  page.set("adds_codes", seen.may_add_codes);
  page.set("has_codes", seen.has_codes);
  return page.render("manage");
}

}  // namespace

http::Response show_methods(Page& page) {
  page.set("poll", "");
  const auto& view = page.view();
  if (view.status != domain::TransactionStatus::kHeld) {
    page.set("headline", page.text("manage.over_title"));
    page.set("page_title", page.text("manage.over_title"));
    return page.render("manage_over");
  }
  if (page.visit().way == "change" && view.stopped && view.stopped->may_decide) return show_change(page);
  if (const MethodView* method = named_by(page, "rename-"); method != nullptr && method->may_be_renamed)
    return show_rename(page, *method);
  if (const MethodView* method = named_by(page, "remove-"); method != nullptr && method->may_be_removed)
    return show_remove(page, *method);
  return show_list(page);
}

http::Response show_passkey_enrolment(Page& page) {
  say_note(page, nullptr);
  page.set("options_url", page.url("new-passkey-options"));
  page.set("new_passkey_action", page.url("new-passkey"));
  page.set("passkey_script", assets::url("passkey.js"));
  page.set("quiet_back", true);
  return page.render("enrol_passkey");
}

std::string_view done_key(usecase::MethodChange change) {
  switch (change) {
    case usecase::MethodChange::kRename:
      return "manage.done_rename";
    case usecase::MethodChange::kRemove:
      return "manage.done_remove";
    case usecase::MethodChange::kKeep:
      return "manage.done_keep";
  }
  return "done.text";
}

}  // namespace countersign::api::pages
