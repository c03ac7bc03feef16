#pragma once

#include <functional>
#include <string>
#include <vector>

#include "api/keys.h"
#include "base/ip.h"
#include "crypto/jws_key.h"
#include "http/router.h"
#include "store/store.h"
#include "usecase/context.h"
#include "usecase/courier.h"

namespace countersign::api {

/// What the handlers work with. One for the process; everything in it outlives the server and is thread-safe.
struct Api {
  store::Store& store;
  const usecase::Context& context;
  usecase::Courier& courier;
  const KeyTable& keys;
  const crypto::SigningKey& signing_key;
  Clock& clock;
  Random& random;
  std::vector<Cidr> trusted_proxies;
  domain::Rate failed_logins_per_ip{30, std::chrono::minutes(10)};

  [[nodiscard]] Moment moment() const { return {clock.now(), random}; }
};

/// Adds the routes of the native API, version 1 (docs/openapi.yaml).
void add_v1_routes(http::Router& router, const Api& api);

}  // namespace countersign::api
