#include "api/inbox/page.h"

#include <algorithm>

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

/// For developers, so English alone: its words are in the template.
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

/// It is in the inbox a moment before the courier has written down that it was sent.
std::string status_of(const usecase::InboxMessage& message) {
  return message.status == "queued" ? "sent" : message.status;
}

/// `14:05:09`, in UTC; the script puts the reader's own in its place.
std::string clock_of(WallTime time) { return to_rfc3339(time).substr(11, 8); }

Object row_of(const usecase::InboxMessage& message, const InboxView& view, bool chosen) {
  return {{"href", href_of(view.query, message.id)},
          {"id", message.id.text()},
          {"to", message.to},
          {"channel", channel_name(message.channel)},
          {"status", status_of(message) == "sent" ? "" : message.status},
          {"time", to_rfc3339(message.created_at)},
          {"clock", clock_of(message.created_at)},
          {"first", message.subject.empty() ? message.body.substr(0, message.body.find('\n')) : message.subject},
          {"code", message.code.expose()},
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
          {"frame", message.channel == "email" ? "letter" : "phone"},
          {"subject", message.subject},
          {"body", message.body},
          {"code", message.code.expose()},
          {"checks", checks_of(message)},
          {"reportable", status_of(message) == "sent"}};
}

}  // namespace

std::string render_inbox(const InboxView& view) {
  const InboxSearch search(view.query);
  std::vector<const usecase::InboxMessage*> found;
  for (const auto& message : view.messages) {
    if (search.matches(message)) found.push_back(&message);
  }
  const auto is_chosen = [&](const auto* message) { return view.chosen && message->id.id == view.chosen->id; };
  const auto asked = std::ranges::find_if(found, is_chosen);
  const auto* shown = asked != found.end() ? *asked : found.empty() ? nullptr : found.front();
  html::List rows;
  for (const auto* message : found) rows.push_back(row_of(*message, view, message == shown));
  Object values{{"css", assets::url("inbox.css")},
                {"script", assets::url("inbox.js")},
                {"revision", std::to_string(view.revision)},
                {"query", view.query},
                {"asked", asked != found.end()},
                {"delayed", view.delayed},
                {"sample", view.sample},
                {"unread_title", found.empty() ? "" : std::to_string(found.size())},
                {"empty", view.messages.empty()},
                {"no_match", found.empty() && !view.messages.empty()},
                {"messages", std::move(rows)}};
  if (shown != nullptr) values.emplace("shown", shown_of(*shown, view));
  return templates().render("inbox", values, html::Language{});
}

}  // namespace countersign::api
