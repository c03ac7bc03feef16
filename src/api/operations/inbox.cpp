#include <algorithm>

#include "api/inbox/search.h"
#include "api/inbox/timeline.h"
#include "api/json_writer.h"
#include "api/operations/operations.h"
#include "api/own_hosts.h"
#include "api/problem.h"
#include "api/run.h"
#include "usecase/development/inbox.h"

namespace countersign::api {

namespace {

using InboxMessages = std::vector<usecase::InboxMessage>;

std::string messages_json(const InboxMessages& messages, const InboxSearch& search) {
  JsonWriter json;
  json.open_array();
  for (const auto& m : messages) {
    if (!search.matches(m)) continue;
    json.open_object().member("id", m.id).member("channel", m.channel).member("to", m.to);
    json.member("subject", m.subject).member("body", m.body).member("code", m.code.expose());
    json.member("created_at", m.created_at);
    json.member("transaction", m.transaction);
    json.member("verification", m.verification);
    // A message is in the inbox a moment before the courier records that it was sent.
    const std::string status = m.status == "queued" ? "sent" : m.status;
    json.member("status", unless_empty(status));
    json.key("tags").open_array();
    for (const auto& tag : m.tags) json.text(tag);
    json.close_array().close_object();
  }
  return json.close_array().take();
}

std::string timeline_json(const Timeline& timeline) {
  JsonWriter json;
  json.open_object().member("id", timeline.id).member("type", timeline.type);
  json.member("status", timeline.status);
  json.member("waits_for", unless_empty(timeline.waits_for));
  json.key("entries").open_array();
  const auto or_null = [&](std::string_view name, const std::string& text) { json.member(name, unless_empty(text)); };
  for (const auto& entry : timeline.entries) {
    json.open_object().member("at", entry.at).member("kind", entry.kind).member("what", entry.what);
    or_null("by", entry.by);
    or_null("to", entry.to);
    or_null("delivery", entry.delivery);
    or_null("outcome", entry.outcome);
    or_null("detail", entry.detail);
    or_null("request_id", entry.request_id);
    json.close_object();
  }
  return json.close_array().close_object().take();
}

}  // namespace

void add_inbox_route(http::Router& router, const Api& api, const CallLog& calls, const http::OwnHosts& hosts) {
  const auto list = [&api](const http::Request& request, http::Reply reply) {
    run_on_snapshot(
        api, std::move(reply),
        [&api, to = request.query_value("to")](store::Tx& tx) {
          return usecase::list_inbox(tx, api.context, to, api.clock.now());
        },
        [search = InboxSearch(request.query_value("q").value_or(""))](
            const Result<InboxMessages, store::StoreError>& messages) -> http::Response {
          if (!messages) return problem_response(messages.error());
          return {200, "application/json", messages_json(*messages, search), {}};
        });
  };
  const auto timeline = [&api, &calls](const http::Request& request, http::Reply reply) {
    run_on_snapshot(
        api, std::move(reply),
        [&api, &calls, id = request.query_value("id").value_or("")](store::Tx& tx) {
          return read_timeline(tx, api.context, id, calls.all(), api.clock.now());
        },
        [](const Result<std::optional<Timeline>, store::StoreError>& found) -> http::Response {
          if (!found) return problem_response(found.error());
          if (!*found) return problem_response(404, "not_found", "that id leads to no transaction");
          return {200, "application/json", timeline_json(**found), {}};
        });
  };
  router.add(http::Method::kGet, "/dev/inbox.json", "inbox", for_own_hosts(hosts, list));
  router.add(http::Method::kGet, "/dev/timeline.json", "inbox_timeline", for_own_hosts(hosts, timeline));
}

}  // namespace countersign::api
