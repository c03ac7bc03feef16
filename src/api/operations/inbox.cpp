#include <algorithm>

#include "api/json_writer.h"
#include "api/operations/operations.h"
#include "api/own_hosts.h"
#include "api/problem.h"
#include "usecase/inbox.h"

namespace countersign::api {

void add_inbox_route(http::Router& router, const Api& api, const http::OwnHosts& hosts) {
  const auto list = [&api](const http::Request& request, http::Reply reply) {
    Executor& home = reply.executor();
    api.store.read(
        home,
        [&api, to = request.query_value("to")](store::Tx& tx) {
          return usecase::list_inbox(tx, api.context, to, api.clock.now());
        },
        [reply = std::move(reply)](Result<std::vector<usecase::InboxMessage>, store::StoreError> messages) mutable {
          if (!messages) return reply.send(problem_response(messages.error()));
          JsonWriter json;
          json.open_array();
          for (const auto& m : *messages) {
            json.open_object().key("channel").text(m.channel).key("to").text(m.to).key("subject").text(m.subject);
            json.key("body").text(m.body).key("code").text(m.code.expose()).key("created_at").time(m.created_at);
            json.key("transaction").text_or_null(m.transaction.transform([](const auto& id) { return id.text(); }));
            json.key("verification").text_or_null(m.verification.transform([](const auto& id) { return id.text(); }));
            json.close_object();
          }
          reply.send({200, "application/json", json.close_array().take(), {}});
        });
  };
  router.add(http::Method::kGet, "/dev/inbox.json", "inbox", for_own_hosts(hosts, list));
}

}  // namespace countersign::api
