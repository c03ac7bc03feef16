#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "domain/display.h"
#include "usecase/context.h"
#include "usecase/problem.h"
#include "usecase/start_verification.h"

namespace countersign::usecase {

/// A contact as the application's back end gives it.
struct GivenContact {
  contact::Channel channel = contact::Channel::kSms;
  std::string address;
};

struct HoldRequest {
  std::string type;      ///< The application's own word, `payout_account.change`.
  std::string service;   ///< By name; empty: the account's first.
  std::string identity;  ///< The subject, opaque to us.
  std::vector<GivenContact> contacts;
  domain::Display display;
  std::string payload;                                              ///< RFC 8785 form.
  std::optional<std::variant<std::string, domain::Policy>> policy;  ///< A name, or written out.
  std::string return_url;
  std::string locale;  ///< Empty: the service's.
  std::optional<Duration> expires_in;
  std::optional<std::string> metadata;  ///< RFC 8785 form.
  /// A code goes out by it at once, as by a start that names the channel alone; where a start would be refused, so is
  /// the hold, with the same code, and nothing is left of it.
  std::optional<contact::Channel> send = {};
};

struct Held {
  TransactionId id;
  std::string verify_url;  ///< Holds the secret that opens the page; only the hold and its repetition show it.
  WallTime expires_at;
  std::optional<Started> started = {};  ///< Where the request says `send`.
};

/// Seals the payload and stores the transaction as held. The payload is sealed before anything could be asked of the
/// person, and what is displayed is bound to it by hash. [TXN-1, TXN-2]
[[nodiscard]] Answer<Held> hold(store::Tx& tx, const Context& context, const Caller& caller, const HoldRequest& request,
                                Moment& moment);

}  // namespace countersign::usecase
