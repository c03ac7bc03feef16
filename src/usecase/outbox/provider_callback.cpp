#include "usecase/outbox/provider_callback.h"

#include "crypto/twilio_signature.h"
#include "delivery/providers/twilio_voice.h"
#include "usecase/outbox/work_messages.h"

namespace countersign::usecase {

bool take_callback(store::Tx& tx, const Context& context, const CallbackTokens& tokens, const TwilioCallback& callback,
                   Moment& moment) {
  const auto state = store::find_message(tx, callback.account, callback.message);
  const auto token = state ? tokens.find(state->provider) : tokens.end();
  if (token == tokens.end()) return false;
  if (!crypto::twilio_signature_valid(token->second.expose(), callback.url, callback.form, callback.signature))
    return false;
  const bool call = state->channel == contact::Channel::kCall;
  const auto report =
      call ? delivery::parse_call_callback(callback.form) : delivery::parse_status_callback(callback.form);
  if (!report) return false;
  const domain::Delivery said{report->stage, report->reason};
  report_delivery(tx, context,
                  {callback.account, callback.message, report->provider_ref, said, report->error_code, true}, moment);
  return true;
}

}  // namespace countersign::usecase
