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
  const bool is_get = request.method == http::Method::kGet;
  // Where the body is signed, nothing of the query is: with one signed body anything could be said there.
  using delivery::ReportAuth;
  const auto& auth = form->second.auth;
  if (is_get && auth.kind == ReportAuth::Kind::kHmac && auth.signs != ReportAuth::Signs::kParameters)
    return std::nullopt;
  if (auto fields = http::parse_form(is_get ? request.query : request.body); fields && !form->second.json)
    callback.report.form = std::move(fields->fields);
  callback.report.body = request.body;
  copy_headers(request, auth, callback.report);
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

}  // namespace countersign::api
