#include <memory>

#include "api/operations/operations.h"
#include "api/problem.h"
#include "crypto/twilio_signature.h"
#include "delivery/providers/twilio_messaging.h"
#include "http/form.h"
#include "usecase/work_messages.h"

namespace countersign::api {

namespace {

struct Callback {
  AccountId account;
  MessageId message;
  std::string url;  ///< As Twilio called it, which is what it signed.
  std::string signature;
  crypto::FormParameters form;
};

std::optional<Callback> read_callback(const http::Request& request, const std::string& public_url) {
  const auto account = AccountId::parse(request.params[0]);
  const auto message = MessageId::parse(request.params[1]);
  auto form = http::parse_form(request.body);
  if (!account || !message || !form || request.header_count("x-twilio-signature") != 1) return std::nullopt;
  return Callback{*account, *message, public_url + request.path, std::string(*request.header("x-twilio-signature")),
                  std::move(form->fields)};
}

/// Believes the callback only with the signature of the provider that took the message, then writes the report down.
bool accept(store::Tx& tx, const Api& api, const std::map<std::string, SecretString>& tokens,
            const Callback& callback) {
  const auto state = store::find_message(tx, callback.account, callback.message);
  const auto token = state ? tokens.find(state->provider) : tokens.end();
  if (token == tokens.end()) return false;
  if (!crypto::twilio_signature_valid(token->second.expose(), callback.url, callback.form, callback.signature))
    return false;
  const auto report = delivery::parse_status_callback(callback.form);
  if (!report) return false;
  if (report->stage == delivery::DeliveryStage::kUnderway) return true;
  const auto status = report->stage == delivery::DeliveryStage::kDelivered ? store::MessageStatus::kDelivered
                                                                           : store::MessageStatus::kFailed;
  Moment moment = api.moment();
  // A report that comes twice, or late, changes nothing and is no error.
  static_cast<void>(usecase::report_delivery(tx, api.context, callback.account, callback.message, report->provider_ref,
                                             status, report->error, moment));
  return true;
}

}  // namespace

void add_callback_routes(http::Router& router, const Api& api, std::map<std::string, SecretString> tokens) {
  auto shared = std::make_shared<const std::map<std::string, SecretString>>(std::move(tokens));
  router.add(http::Method::kPost, "/callbacks/twilio/{account}/{id}", "twilio_callback",
             [&api, shared](const http::Request& request, http::Reply reply) {
               auto callback = read_callback(request, api.context.settings.public_url);
               if (!callback) return reply.send(problem_response(403, "forbidden"));
               Executor& home = reply.executor();
               api.store.transact(
                   home,
                   [&api, shared, callback = *std::move(callback)](store::Tx& tx) {
                     return accept(tx, api, *shared, callback);
                   },
                   [reply = std::move(reply)](Result<bool, store::StoreError> accepted) mutable {
                     if (!accepted) return reply.send(problem_response(accepted.error()));
                     if (!*accepted) return reply.send(problem_response(403, "forbidden"));
                     reply.send({204, "", "", {}});
                   });
             });
}

}  // namespace countersign::api
