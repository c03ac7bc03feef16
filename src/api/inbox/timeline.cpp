#include "api/inbox/timeline.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <map>
#include <optional>
#include <set>

#include "base/encoding.h"
#include "base/json.h"
#include "usecase/outbox/endpoints.h"
#include "usecase/transaction/inspect.h"

namespace countersign::api {

namespace {

std::string text_of(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::int64_t number_of(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  return value != nullptr && value->is_int64() ? value->get_int64() : 0;
}

WallTime time_of(const json::object& object, std::string_view name) {
  return from_rfc3339(text_of(object, name)).value_or(WallTime{});
}

template <class Take>
void each_of(const json::object& object, std::string_view name, const Take& take) {
  const auto* value = object.if_contains(name);
  if (value == nullptr || !value->is_array()) return;
  for (const auto& one : value->get_array()) take(one.get_object());
}

std::string attempts_text(std::int64_t attempts) {
  return attempts > 1 ? fmt::format("{} attempts", attempts) : std::string();
}

/// `one`, followed by `other` if there are both.
std::string joined(std::string one, const std::string& other) {
  if (!one.empty() && !other.empty()) one += ", ";
  return one + other;
}

TimelineEntry of_message(const json::object& message) {
  const std::string status = text_of(message, "status");
  const bool queued = status == "queued";
  std::string detail = joined(attempts_text(number_of(message, "attempts")), text_of(message, "error_code"));
  if (queued) detail = joined(detail, "next " + text_of(message, "next_attempt_at"));
  return {time_of(message, queued ? "created_at" : "finished_at"),
          "message",
          text_of(message, "channel") + " by " + text_of(message, "provider"),
          status,
          std::move(detail),
          "",
          status == "sent" || status == "delivered" || (queued && text_of(message, "error_code").empty())};
}

/// `shop.example.com/hooks` of a webhook's URL: without its query, which often contains a key.
std::string host_and_path(std::string_view url) {
  if (const auto scheme = url.find("://"); scheme != std::string_view::npos) url.remove_prefix(scheme + 3);
  url = url.substr(0, url.find_first_of("?#"));
  if (const auto at = url.substr(0, url.find('/')).rfind('@'); at != std::string_view::npos) url.remove_prefix(at + 1);
  return std::string(url);
}

TimelineEntry of_attempt(const json::object& delivery, const json::object& attempt, bool last) {
  const auto status = number_of(attempt, "http_status");
  std::string detail =
      fmt::format("attempt {}, {} ms", number_of(attempt, "number"), number_of(attempt, "duration_ms"));
  const auto next = last ? text_of(delivery, "next_attempt_at") : std::string();
  if (!next.empty()) detail = joined(detail, "next " + next);
  return {time_of(attempt, "attempted_at"),
          "webhook",
          text_of(delivery, "event_type"),
          status != 0 ? std::to_string(status) : text_of(attempt, "error"),
          std::move(detail),
          "",
          status >= 200 && status < 300};
}

void add_delivery(const json::object& delivery, const std::string& to, std::vector<TimelineEntry>& entries) {
  const std::size_t before = entries.size();
  const auto* attempts = delivery.if_contains("attempts");
  const std::size_t count = attempts != nullptr && attempts->is_array() ? attempts->get_array().size() : 0;
  if (count == 0) {
    entries.push_back({time_of(delivery, "created_at"), "webhook", text_of(delivery, "event_type"),
                       text_of(delivery, "status"), "", "", text_of(delivery, "status") != "failed"});
  }
  std::size_t seen = 0;
  each_of(delivery, "attempts",
          [&](const json::object& attempt) { entries.push_back(of_attempt(delivery, attempt, ++seen == count)); });
  for (std::size_t i = before; i < entries.size(); ++i) {
    entries[i].to = to;
    entries[i].delivery = text_of(delivery, "id");
  }
}

/// `address_of` returns the address for an endpoint's id.
template <class AddressOf>
std::vector<TimelineEntry> entries_of(const json::object& all, const std::vector<SeenCall>& calls,
                                      const AddressOf& address_of) {
  std::vector<TimelineEntry> entries;
  std::set<std::string> ids{text_of(all, "id")};
  std::map<std::string, WallTime> requests;  // And when the first event of each happened.
  each_of(all, "events", [&](const json::object& event) {
    const std::string request = text_of(event, "request_id");
    if (!request.empty()) requests.try_emplace(request, time_of(event, "created_at"));
    entries.push_back({time_of(event, "created_at"), "event", text_of(event, "type"), "", "", request, true,
                       text_of(event, "actor")});
  });
  each_of(all, "verifications", [&](const json::object& verification) {
    ids.insert(text_of(verification, "id"));
    each_of(verification, "messages", [&](const json::object& message) { entries.push_back(of_message(message)); });
  });
  each_of(all, "webhooks", [&](const json::object& delivery) {
    add_delivery(delivery, address_of(text_of(delivery, "endpoint")), entries);
  });
  for (const auto& call : calls) {
    const auto request = requests.find(call.request_id);
    if (!ids.contains(call.object) && request == requests.end()) continue;
    // When it was read is known only to the millisecond or so; it was before its effects.
    entries.push_back({request == requests.end() ? call.at : std::min(call.at, request->second),
                       call.by_person ? "page" : "call",
                       fmt::format("{} {}", http::method_name(call.method), call.path), std::to_string(call.status),
                       call.code, call.request_id, call.status < 400});
  }
  // A request's own line comes before its effects: both may have the same millisecond.
  const auto order = [](const TimelineEntry& entry) {
    return std::pair(std::chrono::floor<std::chrono::milliseconds>(entry.at),
                     entry.kind == "call" || entry.kind == "page" ? 0
                     : entry.kind == "event"                      ? 1
                                                                  : 2);
  };
  std::ranges::stable_sort(entries, {}, order);
  return entries;
}

}  // namespace

std::optional<Timeline> read_timeline(store::Tx& tx, const usecase::Context& context, std::string_view id,
                                      const std::vector<SeenCall>& calls, WallTime now) {
  for (const auto& [account, settings] : context.settings.accounts) {
    const auto row = usecase::find_by_any_id(tx, account, id);
    if (!row) continue;
    const auto all = usecase::inspect(tx, context, *row, now);
    const auto address_of = [&](const std::string& text) {
      const auto endpoint = WebhookEndpointId::parse(text);
      const auto url = endpoint ? usecase::find_endpoint_url(tx, context, account, *endpoint) : std::nullopt;
      return url ? host_and_path(*url) : std::string();
    };
    return Timeline{row->state.id,
                    text_of(all, "type"),
                    text_of(all, "status"),
                    text_of(all, "waits_for"),
                    entries_of(all, calls, address_of),
                    row->state.purpose};
  }
  return std::nullopt;
}

}  // namespace countersign::api
