#include "api/inbox/page.h"

#include <algorithm>
#include <array>
#include <map>

#include "api/inbox/checks.h"
#include "api/inbox/search.h"
#include "api/inbox_files.h"
#include "assets/assets.h"
#include "base/check.h"
#include "base/encoding.h"
#include "html/template.h"

namespace countersign::api {

namespace {

using html::Object;

/// For developers, so only in English: the texts are in the template.
const html::Templates& templates() {
  static const auto parsed = html::Templates::parse(inbox_files(), html::Catalogue{});
  CS_CHECK(parsed.has_value());
  return *parsed;
}

std::string channel_name(const std::string& channel) {
  if (channel == "sms") return "SMS";
  if (channel == "whatsapp") return "WhatsApp";
  return channel == "email" ? "E-mail" : "Call";
}

std::string href_of(const std::string& query, const std::optional<MessageId>& chosen) {
  std::string href = "/dev/inbox";
  if (!query.empty()) href += "?q=" + percent_encode(query);
  if (chosen) href += (query.empty() ? "?m=" : "&m=") + chosen->text();
  return href;
}

/// A message is in the inbox a moment before the courier records that it was sent.
std::string status_of(const usecase::InboxMessage& message) {
  return message.status == "queued" ? "sent" : message.status;
}

/// `14:05:09`, in UTC; the script replaces it by local time.
std::string clock_of(WallTime time) { return to_rfc3339(time).substr(11, 8); }

html::List tags_of(const usecase::InboxMessage& message) {
  html::List list;
  for (const auto& tag : message.tags) list.push_back({{"tag", tag}, {"tag_href", href_of("tag:" + tag, {})}});
  return list;
}

/// All tags, if there is more than one.
html::List all_tags(const InboxView& view) {
  std::map<std::string, int> counts;
  for (const auto& message : view.messages) {
    for (const auto& tag : message.tags) ++counts[tag];
  }
  html::List list;
  if (counts.size() < 2) return list;
  for (const auto& [tag, count] : counts) {
    const std::string query = "tag:" + tag;
    list.push_back(
        {{"tag", tag}, {"tag_href", href_of(query, {})}, {"count", count}, {"current", view.query == query}});
  }
  return list;
}

Object row_of(const usecase::InboxMessage& message, const InboxView& view, bool chosen, bool tagged) {
  return {{"href", href_of(view.query, message.id)},
          {"id", message.id.text()},
          {"to", message.to},
          {"channel", channel_name(message.channel)},
          {"status", status_of(message) == "sent" ? "" : message.status},
          {"time", to_rfc3339(message.created_at)},
          {"clock", clock_of(message.created_at)},
          {"first", message.subject.empty() ? message.body.substr(0, message.body.find('\n')) : message.subject},
          {"code", message.code.expose()},
          {"tags", tagged ? tags_of(message) : html::List{}},
          {"chosen", chosen}};
}

html::List checks_of(const usecase::InboxMessage& message) {
  html::List list;
  for (const auto& check : check_message(message)) {
    list.push_back({{"label", check.label},
                    {"finding", check.finding},
                    {"verdict", check.good ? "good" : "bad"},
                    {"verdict_text", check.good ? "ok" : "look"}});
  }
  return list;
}

std::string kind_name(const std::string& kind) {
  if (kind == "call") return "API call";
  if (kind == "page") return "Hosted page";
  if (kind == "event") return "Event";
  return kind == "message" ? "Message" : "Webhook";
}

/// Our own types in plain words; an application's as given.
std::string type_name(domain::Purpose purpose, const std::string& type) {
  switch (purpose) {
    case domain::Purpose::kStandaloneCode:
      return "Verify v2 code";
    case domain::Purpose::kAddSource:
      return "Adding an authenticator app";
    case domain::Purpose::kDecideChange:
      return "Deciding about a change";
    case domain::Purpose::kChangeSource:
      return "Changing a method";
    case domain::Purpose::kShowMethods:
      return "Link to the methods page";
    case domain::Purpose::kRelease:
      break;
  }
  return type;
}

Object timeline_of(const Timeline& timeline, bool alone) {
  html::List entries;
  for (const auto& entry : timeline.entries) {
    entries.push_back({{"time", to_rfc3339(entry.at)},
                       {"clock", clock_of(entry.at)},
                       {"kind", entry.kind},
                       {"kind_name", kind_name(entry.kind)},
                       {"what", entry.what},
                       {"by", entry.by},
                       {"to", entry.to},
                       {"delivery", entry.delivery},
                       {"outcome", entry.outcome},
                       {"verdict", entry.good ? "good" : "bad"},
                       {"detail", entry.detail},
                       {"request", entry.request_id}});
  }
  return {{"transaction", timeline.id.text()},
          {"alone_href", alone ? "" : "/dev/inbox?t=" + timeline.id.text()},
          {"type", type_name(timeline.purpose, timeline.type)},
          {"state", timeline.status},
          {"waits_for", timeline.waits_for},
          {"entries", std::move(entries)}};
}

Object shown_of(const usecase::InboxMessage& message, const InboxView& view) {
  const std::string transaction = message.transaction ? message.transaction->text() : "";
  return {{"id", message.id.text()},
          {"back", href_of(view.query, std::nullopt)},
          {"to", message.to},
          {"channel", channel_name(message.channel)},
          {"time", to_rfc3339(message.created_at)},
          {"status", status_of(message)},
          {"transaction", transaction},
          {"transaction_href", href_of("tx:" + transaction, message.id)},
          {"tags", tags_of(message)},
          {"letter", message.channel == "email"},
          {"subject", message.subject},
          {"body", message.body},
          {"code", message.code.expose()},
          {"checks", checks_of(message)},
          {"reportable", status_of(message) == "sent"}};
}

html::List recent_of(const InboxView& view) {
  html::List list;
  for (const auto& one : view.recent) {
    list.push_back({{"href", "/dev/inbox?t=" + one.id.text()},
                    {"transaction", one.id.text()},
                    {"type", type_name(one.purpose, one.type)},
                    {"state", one.status},
                    {"chosen", view.timeline && !view.transaction.empty() && view.timeline->id == one.id}});
  }
  return list;
}

/// A phone that receives pushes: what its notifications would show. The page that one opens takes an answer in the
/// browser that is the device.
html::List pushes_of(const InboxView& view) {
  html::List list;
  for (const auto& push : view.pushes) {
    list.push_back({{"title", push.title},
                    {"body", push.body},
                    {"navigate", push.navigate},
                    {"factor", push.factor},
                    {"host", push.host},
                    {"time", to_rfc3339(push.sent_at)},
                    {"clock", clock_of(push.sent_at)}});
  }
  return list;
}

/// The buttons of the outage switch, and the banner's text.
html::List outages_of(const InboxView& view) {
  using enum delivery::Outage;
  static constexpr std::array<std::pair<delivery::Outage, std::string_view>, 6> kLabels{{{kNone, "Answers"},
                                                                                         {kFails, "Fails"},
                                                                                         {kRefuses, "Refuses"},
                                                                                         {kHangs, "Hangs"},
                                                                                         {kNoSms, "No SMS"},
                                                                                         {kNoWhatsapp, "No WhatsApp"}}};
  html::List list;
  for (const auto& [outage, label] : kLabels) {
    list.push_back({{"value", delivery::to_text(outage)}, {"label", label}, {"pressed", view.outage == outage}});
  }
  return list;
}

std::string_view outage_text(delivery::Outage outage) {
  switch (outage) {
    case delivery::Outage::kNone:
      break;
    case delivery::Outage::kFails:
      return "Every message is answered as by a provider in trouble, and tried again until its code is over.";
    case delivery::Outage::kRefuses:
      return "Every message is refused for good: the page offers another way.";
    case delivery::Outage::kHangs:
      return "Nothing is answered for 15 seconds, and then nobody knows whether it was sent: tried again once.";
    case delivery::Outage::kNoSms:
      return "Text messages are refused, as by a landline: what was started with auto goes on by the next channel.";
    case delivery::Outage::kNoWhatsapp:
      return "No number has WhatsApp: what was started with auto goes on by the next channel.";
  }
  return "";
}

std::vector<const usecase::InboxMessage*> found_in(const InboxView& view) {
  const InboxSearch search(view.query);
  std::vector<const usecase::InboxMessage*> found;
  for (const auto& message : view.messages) {
    if (search.matches(message)) found.push_back(&message);
  }
  return found;
}

const usecase::InboxMessage* asked_for(const InboxView& view, const std::vector<const usecase::InboxMessage*>& found) {
  const auto is_chosen = [&](const auto* message) { return view.chosen && message->id.id == view.chosen->id; };
  const auto asked = std::ranges::find_if(found, is_chosen);
  return asked == found.end() ? nullptr : *asked;
}

}  // namespace

const usecase::InboxMessage* shown_message(const InboxView& view) {
  if (!view.transaction.empty()) return nullptr;
  const auto found = found_in(view);
  if (const auto* asked = asked_for(view, found)) return asked;
  return found.empty() ? nullptr : found.front();
}

std::string render_inbox(const InboxView& view) {
  const auto found = found_in(view);
  const auto* shown = shown_message(view);
  const bool whole_transaction = !view.transaction.empty() && view.timeline;
  auto tags = all_tags(view);
  html::List rows;
  for (const auto* message : found) rows.push_back(row_of(*message, view, message == shown, !tags.empty()));
  Object values{{"title", found.empty() ? "Inbox" : std::to_string(found.size()) + " – Inbox"},
                {"inbox", true},
                {"css", assets::url("inbox.css")},
                {"script", assets::url("inbox.js")},
                {"revision", std::to_string(view.revision)},
                {"query", view.query},
                {"asked", whole_transaction || asked_for(view, found) != nullptr},
                {"delayed", view.delayed},
                {"outage", outage_text(view.outage)},
                {"outages", outages_of(view)},
                {"has_pushes", !view.pushes.empty()},
                {"pushes", pushes_of(view)},
                {"sample", view.sample},
                {"empty", view.messages.empty()},
                {"no_match", found.empty() && !view.messages.empty()},
                {"all_tags", std::move(tags)},
                {"recent", recent_of(view)},
                {"gone", !view.transaction.empty() && !view.timeline},
                {"back", href_of(view.query, std::nullopt)},
                {"messages", std::move(rows)}};
  if (shown != nullptr) values.emplace("shown", shown_of(*shown, view));
  if (whole_transaction) values.emplace("whole", timeline_of(*view.timeline, true));
  if (shown != nullptr && view.timeline) values.emplace("timeline", timeline_of(*view.timeline, false));
  return templates().render("inbox/inbox", values, html::Language{});
}

}  // namespace countersign::api
