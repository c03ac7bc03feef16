#include <memory>

#include "api/operations/operations.h"
#include "api/problem.h"
#include "api/run.h"
#include "http/form.h"

namespace countersign::api {

namespace {

/// The headers that some gateway's secret or signature stands in.
void copy_headers(const http::Request& request, const delivery::ReportAuth& auth, delivery::ReceivedReport& report) {
  for (const auto& name : {std::string("authorization"), auth.header, auth.nonce_header, auth.timestamp_header}) {
    if (name.empty()) continue;
    for (const auto value : request.header_values(name)) report.headers.emplace_back(name, value);
  }
}

/// What was received, as it is read by those settings; nullopt where it cannot be believed.
std::optional<delivery::ReceivedReport> received(const http::Request& request, const delivery::ReportAuth& auth,
                                                 bool json) {
  using delivery::ReportAuth;
  const bool is_get = request.method == http::Method::kGet;
  // Where the body is signed, nothing of the query is: with one signed body anything could be said there.
  if (is_get && auth.kind == ReportAuth::Kind::kHmac && auth.signs != ReportAuth::Signs::kParameters)
    return std::nullopt;
  delivery::ReceivedReport report;
  if (auto fields = http::parse_form(is_get ? request.query : request.body); fields && !json)
    report.form = std::move(fields->fields);
  report.body = request.body;
  copy_headers(request, auth, report);
  return report;
}

std::optional<usecase::GatewayCallback> read_callback(const http::Request& request,
                                                      const usecase::GatewayReportForms& forms) {
  usecase::GatewayCallback callback;
  callback.provider = request.params[0];
  const auto form = forms.find(callback.provider);
  if (form == forms.end()) return std::nullopt;
  if (request.params.size() > 1) {
    const auto account = AccountId::parse(request.params[1]);
    const auto message = MessageId::parse(request.params[2]);
    if (!account || !message) return std::nullopt;
    callback.about = {*account, *message, request.params[3]};
  }
  auto report = received(request, form->second.auth, form->second.json);
  if (!report) return std::nullopt;
  callback.report = *std::move(report);
  return callback;
}

http::Response taken(const Result<bool, store::StoreError>& written) {
  // The gateway tries again.
  if (!written) return problem_response(written.error());
  return {204, "", "", {}};
}

}  // namespace

void add_gateway_routes(http::Router& router, const Api& api, usecase::GatewayReportForms forms) {
  auto shared = std::make_shared<const usecase::GatewayReportForms>(std::move(forms));
  const auto handle = [&api, shared](const http::Request& request, http::Reply reply) {
    auto callback = read_callback(request, *shared);
    // Before the writer is asked: whoever has neither token nor secret costs no commit.
    auto reports = callback ? usecase::read_gateway_callback(api.context, *shared, *callback) : std::nullopt;
    if (!reports) return reply.send(problem_response(403, "forbidden"));
    if (reports->empty()) return reply.send({204, "", "", {}});
    run(
        api, std::move(reply),
        [&api, shared, callback = *std::move(callback), reports = *std::move(reports)](store::Tx& tx) {
          Moment moment = api.moment();
          usecase::take_gateway_reports(tx, api.context, *shared, callback, reports, moment);
          return true;
        },
        taken);
  };
  for (const auto method : {http::Method::kGet, http::Method::kPost}) {
    router.add(method, "/callbacks/gateway/{provider}/{account}/{id}/{token}", "gateway_callback", handle);
    router.add(method, "/callbacks/gateway/{provider}", "gateway_callback_all", handle);
  }
}

void add_gateway_inbound_routes(http::Router& router, const Api& api, usecase::GatewayInboundForms forms) {
  auto shared = std::make_shared<const usecase::GatewayInboundForms>(std::move(forms));
  const auto handle = [&api, shared](const http::Request& request, http::Reply reply) {
    const auto form = shared->find(request.params[0]);
    const auto report = form == shared->end() ? std::nullopt : received(request, form->second.auth, form->second.json);
    // Before the writer is asked: whoever does not have the secret costs no commit, and no word no more than that.
    auto wishes = report ? usecase::read_gateway_inbound(*shared, form->first, *report) : std::nullopt;
    if (!wishes) return reply.send(problem_response(403, "forbidden"));
    if (wishes->empty()) return reply.send({204, "", "", {}});
    run(
        api, std::move(reply),
        [&api, provider = form->first, wishes = *std::move(wishes)](store::Tx& tx) {
          Moment moment = api.moment();
          for (const auto& wish : wishes) usecase::take_wish(tx, api.context, provider, wish, moment);
          return true;
        },
        taken);
  };
  for (const auto method : {http::Method::kGet, http::Method::kPost})
    router.add(method, "/callbacks/inbound/gateway/{provider}", "gateway_inbound", handle);
}

}  // namespace countersign::api
