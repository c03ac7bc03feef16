#pragma once

#include <memory>
#include <vector>

#include "api/api.h"
#include "delivery/signals/key_set.h"
#include "usecase/risk/shared_signals.h"

namespace countersign::api {

/// One issuer of Shared Signals, with the keys that it is believed by: those of the configuration, or fetched.
struct SharedSignals {
  usecase::SignalReceiver receiver;
  delivery::ForeignKeys keys;                 ///< Null: they are fetched.
  std::shared_ptr<delivery::KeySet> fetched;  ///< Null: they are configured.
  SecretString authorization;                 ///< The `Authorization` that it must send; empty: any or none.
};

/// `POST /v1/shared-signals/{name}`: a Security Event Token by push (RFC 8935). 202 once its effects are durable; 400
/// with `err` and `description` for one that is not believed. The name of no receiver gets 404.
void add_shared_signal_routes(http::Router& router, const Api& api, std::vector<SharedSignals> receivers);

}  // namespace countersign::api
