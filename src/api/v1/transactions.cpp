#include <memory>

#include "api/run.h"
#include "api/v1/filters.h"
#include "api/v1/hold_body.h"
#include "api/v1/render.h"
#include "api/v1/routes.h"
#include "usecase/risk/affordable.h"
#include "usecase/transaction/cancel.h"
#include "usecase/transaction/hold.h"
#include "usecase/transaction/inspect.h"
#include "usecase/transaction/show.h"

namespace countersign::api::v1 {

namespace {

using usecase::Answer;
using usecase::Recorded;

Recorded held_answer(const AccountId& account, const usecase::Held& held) {
  JsonWriter json;
  json.open_object().member("id", held.id).member("status", domain::to_text(held.status));
  json.member("verify_url", held.verify_url).member("expires_at", held.expires_at);
  if (held.started) json.raw_member("verification", started_json(held.id, *held.started));
  mark_test(json, account);
  json.close_object();
  return {201, json.take()};
}

void hold_now(const Api& api, Call call, http::Reply reply, usecase::HoldRequest request) {
  const auto& account = api.context.settings.account(call.caller.account);
  call.beside = !request.needs_to_be_alone() && (!request.send || !account.checks_elsewhere(*request.send));
  run_write(api, std::move(call), std::move(reply),
            [request = std::move(request)](const usecase::Work& work, const Call&) -> Answer<Recorded> {
              auto held = usecase::hold(work, request);
              if (!held) return fail(held.error());
              Recorded recorded = held_answer(work.caller.account, *held);
              if (held->started)
                recorded.queued = std::make_unique<usecase::QueuedMessage>(std::move(held->started->queued));
              return recorded;
            });
}

/// A hold before which others are asked: what they say comes with it. A repetition asks nobody.
struct Asking {
  Call call;
  usecase::HoldRequest request;
  std::vector<std::string> signals;
  std::vector<std::string> affordable = {};  ///< Of those.
};

void ask_and_hold(const Api& api, std::shared_ptr<Asking> asking, http::Reply reply,
                  std::optional<delivery::SignalQuestion> question) {
  if (!question) return hold_now(api, std::move(asking->call), std::move(reply), std::move(asking->request));
  api.signals->ask(
      asking->affordable, *question,
      [&api, asking, phone = question->phone, reply = std::move(reply)](std::vector<delivery::Heard> heard) mutable {
        asking->request.heard = usecase::HeardSignals{std::move(phone), std::move(heard)};
        hold_now(api, std::move(asking->call), std::move(reply), std::move(asking->request));
      });
}

void hold(const Api& api, Call call, http::Reply reply) {
  auto request = accept(call, read_hold(call.body, call.caller), reply);
  if (!request) return;
  const AccountId account = call.caller.account;
  auto signals = usecase::signals_for(api.context, account, request->service, request->type);
  if (signals.empty() || api.signals == nullptr)
    return hold_now(api, std::move(call), std::move(reply), *std::move(request));
  // What is wrong with it costs nothing.
  if (const auto fault = usecase::hold_fault(api.context, account, *request))
    return reply.send(problem_response(*fault));
  const bool costs = usecase::cost_money(api.context.settings, signals);
  auto asking = std::make_shared<Asking>(Asking{std::move(call), *std::move(request), std::move(signals)});
  const auto unit = [&api, asking, costs](store::Tx& tx) -> std::optional<delivery::SignalQuestion> {
    Moment moment = api.moment(tx, asking->call.caller.account);
    const usecase::Work work{tx, api.context, asking->call.caller, moment};
    const auto key = key_of(asking->call);
    if (key && usecase::was_answered(work, *key)) return std::nullopt;
    asking->affordable = usecase::affordable_signals(work, asking->signals);
    if (asking->affordable.empty()) return std::nullopt;
    auto question = usecase::signal_question(work, asking->request);
    if (!costs) return question;
    const auto would_ask = [&](std::string_view name) { return api.signals->would_ask(name, question); };
    question.unpaid =
        usecase::pay_for_signals(work, asking->request.service, question.phone, asking->affordable, would_ask);
    return question;
  };
  const auto ask = [&api, asking](Result<std::optional<delivery::SignalQuestion>, store::StoreError> question,
                                  http::Reply to) {
    if (!question) return to.send(problem_response(question.error()));
    ask_and_hold(api, asking, std::move(to), *std::move(question));
  };
  // What costs is counted before anybody is asked.
  if (costs) return run(api, std::move(reply), unit, ask);
  run_on_snapshot(api, std::move(reply), unit, ask);
}

const usecase::ServiceSettings* service_of(const usecase::Context& context, const usecase::TransactionView& view) {
  return context.settings.account(view.row.state.account).service(view.row.state.service);
}

Answer<std::string> show_transaction(const usecase::Work& work, const Call& call) {
  const auto id = TransactionId::parse(call.request.params[0]);
  if (!id) return usecase::refuse(usecase::Code::kNotFound);
  return usecase::show_transaction(work, *id).transform([&](const usecase::TransactionView& view) {
    JsonWriter json;
    write_transaction(json, view, service_of(work.context, view));
    return json.take();
  });
}

Answer<std::string> show_timeline(const usecase::Work& work, const Call& call) {
  const auto id = TransactionId::parse(call.request.params[0]);
  if (!id) return usecase::refuse(usecase::Code::kNotFound);
  return usecase::inspect_held(work, *id).transform([](const json::object& all) { return canonical_json(all); });
}

Answer<store::TransactionFilter> read_filter(const http::Request& request) {
  store::TransactionFilter filter;
  const auto limit = page_limit(request);
  if (!limit) return usecase::refuse_field("limit", "must be 1 to 200");
  filter.limit = *limit;
  if (const auto status = request.query_value("status")) {
    filter.status = domain::parse_transaction_status(*status);
    if (!filter.status)
      return usecase::refuse_field("status",
                                   "must be held, in_review, verified, released, denied, expired or canceled");
  }
  if (const auto cursor = request.query_value("cursor")) {
    filter.before = TransactionId::parse(*cursor);
    if (!filter.before) return usecase::refuse_field("cursor", "must be a next_cursor of an earlier page");
  }
  auto type = read_type(request);
  if (!type) return fail(type.error());
  const auto claimed = read_flag(request, "claimed");
  if (!claimed) return fail(claimed.error());
  const auto held = read_time_range(request);
  if (!held) return fail(held.error());
  filter.type = *std::move(type);
  filter.claimed = *claimed;
  filter.held = *held;
  return filter;
}

Answer<std::string> list_transactions(const usecase::Work& work, const Call& call) {
  auto filter = read_filter(call.request);
  if (!filter) return fail(filter.error());
  const usecase::ListRequest request{*std::move(filter), call.request.query_value("subject")};
  const auto list = usecase::list_transactions(work, request);
  return page_json(
      list.views, list.next.transform([](const auto& id) { return id.text(); }),
      [&](JsonWriter& json, const auto& view) { write_transaction(json, view, service_of(work.context, view)); });
}

Answer<Recorded> cancel(const usecase::Work& work, const Call& call) {
  const auto id = TransactionId::parse(call.request.params[0]);
  if (!id) return usecase::refuse(usecase::Code::kNotFound);
  return usecase::cancel(work, *id).transform([&](const usecase::Ended& ended) {
    JsonWriter json;
    json.open_object().member("id", *id).member("status", domain::to_text(ended.status)).close_object();
    return Recorded{200, json.take()};
  });
}

}  // namespace

void add_transaction_routes(http::Router& router, const Api& api) {
  using http::Method;
  router.add(Method::kPost, "/v1/transactions", "hold",
             authenticated(api, Body::kRequired,
                           [&api](Call call, http::Reply reply) { hold(api, std::move(call), std::move(reply)); }));
  router.add(
      Method::kGet, "/v1/transactions", "list_transactions",
      reads(api, list_transactions, {"status", "claimed", "type", "subject", "since", "until", "cursor", "limit"}));
  router.add(Method::kGet, "/v1/transactions/{id}", "show_transaction", reads(api, show_transaction));
  router.add(Method::kGet, "/v1/transactions/{id}/events", "show_timeline", reads(api, show_timeline));
  router.add(Method::kPost, "/v1/transactions/{id}/cancel", "cancel_transaction",
             writes(api, Body::kEmpty, cancel, nudge));
}

}  // namespace countersign::api::v1
