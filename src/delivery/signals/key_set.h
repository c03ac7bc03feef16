#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "crypto/foreign_token.h"
#include "delivery/http_client.h"

namespace countersign::delivery {

using ForeignKeys = std::shared_ptr<const std::vector<crypto::ForeignKey>>;

/// The keys of an issuer of Shared Signals, fetched from its address (a JSON Web Key Set), at most once a minute: when
/// they are an hour old, or a token names one that is not among them. What was fetched last is used where nothing
/// better comes, for a day. Thread-safe.
class KeySet {
 public:
  static constexpr Duration kFresh = std::chrono::hours(1);
  static constexpr Duration kGood = std::chrono::hours(24);
  static constexpr Duration kPause = std::chrono::minutes(1);

  /// `call`: its URL, which addresses it may reach, and whether in clear; the rest is set here. Client and clock
  /// outlive it; requests in progress may outlive it.
  KeySet(HttpClient& http, const Clock& clock, HttpCall call);

  /// `done` runs once, within this call or on a thread of the client, with the keys to try for that `kid`; none where
  /// there are none that are good.
  void find(std::string_view kid, std::move_only_function<void(ForeignKeys)> done);

 private:
  struct State;
  HttpClient& http_;
  const Clock& clock_;
  HttpCall call_;
  std::shared_ptr<State> state_;
};

}  // namespace countersign::delivery
