#pragma once

#include <map>
#include <string>

#include "base/secret.h"
#include "delivery/providers/twilio_account.h"
#include "usecase/work.h"

namespace countersign::usecase {

/// A delivery report from Twilio, of a message or a call, as received; its sender is not verified yet.
struct TwilioCallback {
  AccountId account;
  MessageId message;
  std::string url;  ///< As Twilio called it: the signature covers this form.
  std::string signature;
  delivery::FormPairs form;
};

/// The auth token of each provider whose callbacks are accepted, by provider name.
using CallbackTokens = std::map<std::string, SecretString>;

/// Accepts the callback only if it is signed by the provider that took the message, and writes what it reports. False,
/// with nothing written, if the signature is not valid. A duplicate or late report changes nothing and is accepted.
[[nodiscard]] bool take_callback(store::Tx& tx, const Context& context, const CallbackTokens& tokens,
                                 const TwilioCallback& callback, Moment& moment);

}  // namespace countersign::usecase
