#pragma once

#include <optional>
#include <string>

#include "delivery/ports.h"
#include "domain/standing/history.h"
#include "store/repository/transactions.h"
#include "store/repository/verifications.h"
#include "usecase/problem.h"
#include "usecase/queued_message.h"
#include "usecase/work.h"

namespace countersign::usecase {

/// A verification that a newer one ended.
struct Superseded {
  TransactionId transaction;
  VerificationId verification;
};

struct StartRequest {
  TransactionId transaction;
  /// With `auto` the product chooses among the channels of one telephone line: those that the policy accepts, the
  /// service has, and the application has given for it. [ADR 46]
  contact::Wanted channel = contact::Channel::kSms;
  /// An id (`CT…`) or an address of the subject; absent: the newest on that channel, with `auto` the newest line.
  std::optional<std::string> contact;
  bool worked = false;  ///< A page's proof of work was accepted (page_work.h).
};

struct Started {
  VerificationId id;
  MessageId message;
  contact::Channel channel = contact::Channel::kSms;
  std::string masked;
  int sends = 0;
  int attempts_left = 0;
  WallTime expires_at;
  WallTime resend_at;                         ///< When it may be sent again.
  QueuedMessage queued;                       ///< For the courier, after the commit.
  store::VerificationRow verification;        ///< After the start.
  bool shows_display = true;                  ///< What the code approves is in the message.
  std::optional<Superseded> superseded = {};  ///< The older verification that it ended: same address and provider.
};

/// Generates a code, stores only its keyed digest, and queues the message in the same database transaction. A second
/// start for the same contact sends again: a new code and the old attempt count; the previous code stays valid until
/// its own expiry. Waits count from the last message to the line, on any channel. Every limit is checked and counted
/// before anything is sent. [OTP-1 … OTP-5, THR-6, THR-7]
[[nodiscard]] Answer<Started> start_verification(const Work& work, const StartRequest& request);

/// The same for a transaction held in this unit: it is open, nothing was sent for it, and the caller inserts it after
/// this. `history`: the subject's, after the hold.
[[nodiscard]] Answer<Started> start_with_hold(const Work& work, store::TransactionRow& held,
                                              const domain::standing::History& history, const contact::Wanted& channel);

}  // namespace countersign::usecase
