#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "domain/display.h"
#include "usecase/problem.h"
#include "usecase/risk/signals.h"
#include "usecase/risk/trust.h"
#include "usecase/subject/contacts.h"
#include "usecase/verification/start.h"
#include "usecase/work.h"

namespace countersign::usecase {

struct HoldRequest {
  std::string type;      ///< Chosen by the application, `payout_account.change`.
  std::string service;   ///< A name; empty: the account's first.
  std::string identity;  ///< The subject's identity, opaque to us.
  std::vector<GivenContact> contacts;
  domain::Display display;
  std::string payload;                                              ///< RFC 8785 form.
  std::optional<std::variant<std::string, domain::Policy>> policy;  ///< A name, or inline.
  std::string return_url;
  std::string locale;  ///< Empty: the service's.
  std::optional<Duration> expires_in;
  std::optional<std::string> metadata;  ///< RFC 8785 form.
  /// Sends a code on this channel at once, like a start that names only the channel. If the start would be refused, the
  /// hold is refused with the same code and nothing is stored.
  std::optional<contact::Wanted> send = {};
  GivenRisk risk = {};
  std::optional<HeardSignals> heard = {};  ///< Absent: nobody was asked.

  /// Whether what was heard may change other people's sources, so that the hold runs beside no other unit.
  [[nodiscard]] bool needs_to_be_alone() const { return heard && heard->sim_change(); }
};

struct Held {
  TransactionId id;
  std::string verify_url;  ///< Holds the secret that opens the page; shown only by the hold and its repetition.
  WallTime expires_at;
  std::optional<Started> started = {};  ///< If the request has `send`, and nothing stopped the transaction.
  domain::TransactionStatus status = domain::TransactionStatus::kHeld;  ///< Or in_review, or denied by the rules.
};

/// Seals the payload and stores the transaction as held. The payload is sealed before the person can be asked, and the
/// display is bound to it by hash. [TXN-1, TXN-2]
[[nodiscard]] Answer<Held> hold(const Work& work, const HoldRequest& request);

/// Why the request alone would be refused, by the settings: for whoever does something that costs before the hold.
[[nodiscard]] std::optional<Problem> hold_fault(const Context& context, const AccountId& account,
                                                const HoldRequest& request);

}  // namespace countersign::usecase
