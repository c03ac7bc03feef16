#pragma once

#include <functional>
#include <string>
#include <vector>

#include "api/keys.h"
#include "base/ip.h"
#include "crypto/signing_keys.h"
#include "http/router.h"
#include "store/store.h"
#include "usecase/context.h"
#include "usecase/courier.h"
#include "usecase/test_mode/clock.h"
#include "usecase/test_mode/work.h"
#include "usecase/test_mode/worker.h"

namespace countersign::api {

/// What the handlers work with. One for the process; everything in it outlives the server and is thread-safe.
struct Api {
  store::Store& store;
  const usecase::Context& context;
  usecase::Courier& courier;
  const KeyTable& keys;
  const crypto::SigningKeys& signing_keys;
  Clock& clock;
  Random& random;
  std::vector<Cidr> trusted_proxies;
  domain::Rate failed_logins_per_ip{30, std::chrono::minutes(10)};
  /// What receipts of test mode are signed with: never a live key. Both here are null where nobody has a test key.
  const crypto::SigningKeys* test_signing_keys = nullptr;
  usecase::TestWorker* test_worker = nullptr;

  /// By the machine's clock.
  [[nodiscard]] Moment moment() const { return {clock.now(), random}; }
  /// By the account's clock.
  [[nodiscard]] Moment moment(store::Tx& tx, const AccountId& account) const {
    return {usecase::time_for(tx, account, clock.now()), random};
  }
  /// What a test account's write has left to be done, but for webhooks: in the same transaction, so that its caller
  /// need not wait and look. Nothing for live accounts.
  void work_off(store::Tx& tx, const AccountId& account, Moment& moment) const {
    if (is_test(account)) usecase::work_off_tests(tx, context, account, moment);
  }
  /// After the commit: there may be webhooks to send.
  void nudge(const AccountId& account) const {
    if (is_test(account) && test_worker != nullptr) test_worker->nudge();
  }
};

/// Adds the routes of the native API, version 1 (docs/openapi.yaml).
void add_v1_routes(http::Router& router, const Api& api);

}  // namespace countersign::api
