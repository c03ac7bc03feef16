#include <algorithm>

#include "api/inbox/search.h"
#include "api/inbox/timeline.h"
#include "api/json_writer.h"
#include "api/operations/operations.h"
#include "api/own_hosts.h"
#include "api/problem.h"
#include "usecase/inbox.h"

namespace countersign::api {

namespace {

using InboxMessages = std::vector<usecase::InboxMessage>;

std::string messages_json(const InboxMessages& messages, const InboxSearch& search) {
  JsonWriter json;
  json.open_array();
  for (const auto& m : messages) {
    if (!search.matches(m)) continue;
    json.open_object().key("id").text(m.id.text()).key("channel").text(m.channel).key("to").text(m.to);
    json.key("subject").text(m.subject).key("body").text(m.body).key("code").text(m.code.expose());
    json.key("created_at").time(m.created_at);
    json.key("transaction").text_or_null(m.transaction.transform([](const auto& id) { return id.text(); }));
    json.key("verification").text_or_null(m.verification.transform([](const auto& id) { return id.text(); }));
    // A moment before the courier has written down that it was sent it is here already.
    const std::string status = m.status == "queued" ? "sent" : m.status;
    json.key("status").text_or_null(status.empty() ? std::nullopt : std::optional(status));
    json.key("tags").open_array();
    for (const auto& tag : m.tags) json.text(tag);
    json.close_array().close_object();
  }
  return json.close_array().take();
}

std::string timeline_json(const Timeline& timeline) {
  JsonWriter json;
  json.open_object().key("id").text(timeline.id.text()).key("type").text(timeline.type);
  json.key("status").text(timeline.status);
  json.key("waits_for").text_or_null(timeline.waits_for.empty() ? std::nullopt : std::optional(timeline.waits_for));
  json.key("entries").open_array();
  const auto or_null = [&](std::string_view name, const std::string& text) {
    json.key(name).text_or_null(text.empty() ? std::nullopt : std::optional(text));
  };
  for (const auto& entry : timeline.entries) {
    json.open_object().key("at").time(entry.at).key("kind").text(entry.kind).key("what").text(entry.what);
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
    Executor& home = reply.executor();
    api.store.read(
        home,
        [&api, to = request.query_value("to")](store::Tx& tx) {
          return usecase::list_inbox(tx, api.context, to, api.clock.now());
        },
        [reply = std::move(reply), search = InboxSearch(request.query_value("q").value_or(""))](
            Result<InboxMessages, store::StoreError> messages) mutable {
          if (!messages) return reply.send(problem_response(messages.error()));
          reply.send({200, "application/json", messages_json(*messages, search), {}});
        });
  };
  const auto timeline = [&api, &calls](const http::Request& request, http::Reply reply) {
    Executor& home = reply.executor();
    api.store.read(
        home,
        [&api, &calls, id = request.query_value("id").value_or("")](store::Tx& tx) {
          return read_timeline(tx, api.context, id, calls.all(), api.clock.now());
        },
        [reply = std::move(reply)](Result<std::optional<Timeline>, store::StoreError> found) mutable {
          if (!found) return reply.send(problem_response(found.error()));
          if (!*found) return reply.send(problem_response(404, "not_found", "that id leads to no transaction"));
          reply.send({200, "application/json", timeline_json(**found), {}});
        });
  };
  router.add(http::Method::kGet, "/dev/inbox.json", "inbox", for_own_hosts(hosts, list));
  router.add(http::Method::kGet, "/dev/timeline.json", "inbox_timeline", for_own_hosts(hosts, timeline));
}

}  // namespace countersign::api
