#pragma once

#include <optional>
#include <string>

#include "delivery/ports.h"
#include "usecase/outbox/provider_callback.h"
#include "usecase/queued_message.h"

namespace countersign::usecase {

/// Prepares a call with a code: what is said, and the URL where the provider fetches what follows the key. The code is
/// in that URL, sealed for this message alone; nothing of it is stored. [ADR 43] Other messages are left as they are.
[[nodiscard]] std::optional<delivery::ProviderError> write_call(const Context& context, QueuedMessage& message,
                                                                Random& random);

/// Prepares a notice by telephone that has a code, that of an objection: it is said at once, because it approves
/// nothing. Other messages are left as they are.
void write_call_at_once(delivery::OutgoingMessage& message);

/// Somebody has pressed a key, as the provider says; its sender is not verified yet.
struct KeyPressed {
  TwilioCallback callback;  ///< Its `url` with the query.
  std::string sealed;       ///< Of the URL.
};

/// What is said after the key.
struct CallAnswer {
  std::string provider;
  std::string locale;
  delivery::CallWords words;
  SecretString code;      ///< Empty: only `instead` is said.
  std::string instead{};  ///< The code is over, was said already, or no key was pressed.
};

/// Nothing, with nothing written, unless it is signed by the provider that makes the call, for a message of its own.
/// The code is given out once: whoever comes again, or after it is no longer valid, hears only that. It counts as
/// delivered from then on.
[[nodiscard]] std::optional<CallAnswer> answer_call(store::Tx& tx, const Context& context, const CallbackTokens& tokens,
                                                    const KeyPressed& pressed, Moment& moment);

}  // namespace countersign::usecase
