#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/ip.h"
#include "crypto/signing_keys.h"
#include "delivery/signals/panel.h"
#include "http/router.h"
#include "store/store.h"
#include "usecase/api_keys.h"
#include "usecase/outbox/courier.h"
#include "usecase/test_mode/clock.h"
#include "usecase/test_mode/work.h"
#include "usecase/test_mode/worker.h"
#include "usecase/work.h"

namespace countersign::api {

class PromptWatch;  // v1/prompt_watch.h

/// What handlers need. One per process; everything in it outlives the server and is thread-safe.
struct Api {
  store::Store& store;
  const usecase::Context& context;
  usecase::Courier& courier;
  const usecase::KeyTable& keys;
  const crypto::SigningKeys& signing_keys;
  Clock& clock;
  Random& random;
  std::vector<Cidr> trusted_proxies;
  domain::Rate failed_logins_per_ip{30, std::chrono::minutes(10)};
  /// Signs receipts of test mode; never a live key. Both members are null if there are no test keys.
  const crypto::SigningKeys* test_signing_keys = nullptr;
  usecase::TestWorker* test_worker = nullptr;
  delivery::SignalPanel* signals = nullptr;        ///< Null: there are none to ask.
  std::shared_ptr<PromptWatch> prompt_watch = {};  ///< Null: prompts are not told by events.

  /// By the machine's clock.
  [[nodiscard]] Moment moment() const { return {clock.now(), random}; }
  /// By the account's clock.
  [[nodiscard]] Moment moment(store::Tx& tx, const AccountId& account) const {
    return {usecase::time_for(tx, account, clock.now()), random};
  }
  /// Call after the commit: there may be webhooks to send.
  void nudge(const AccountId& account) const {
    if (is_test(account) && test_worker != nullptr) test_worker->nudge();
  }
};

/// What a test account's write has left to be done, but for webhooks: in the same transaction, so that its caller need
/// not wait and look. Nothing for live accounts.
inline void work_off(const usecase::Work& work) {
  const AccountId& account = work.caller.account;
  if (is_test(account)) usecase::work_off_tests(work.tx, work.context, account, work.moment);
}

/// Adds the routes of the native API, version 1 (docs/openapi.yaml).
void add_v1_routes(http::Router& router, const Api& api);

}  // namespace countersign::api
