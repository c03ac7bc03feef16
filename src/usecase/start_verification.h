#pragma once

#include <optional>
#include <string>

#include "delivery/ports.h"
#include "domain/standing/history.h"
#include "store/repository/transactions.h"
#include "store/repository/verifications.h"
#include "usecase/context.h"
#include "usecase/outgoing.h"
#include "usecase/problem.h"

namespace countersign::usecase {

/// A verification that was ended by a newer one.
struct Superseded {
  TransactionId transaction;
  VerificationId verification;
};

struct StartRequest {
  TransactionId transaction;
  contact::Channel channel = contact::Channel::kSms;
  std::optional<std::string>
      contact;  ///< An id (`CT…`) or an address of the subject; absent: its newest on that channel.
};

struct Started {
  VerificationId id;
  MessageId message;
  contact::Channel channel = contact::Channel::kSms;
  std::string masked;
  int sends = 0;
  int attempts_left = 0;
  WallTime expires_at;
  WallTime resend_at;                         ///< From when on it can be sent again.
  QueuedMessage queued;                       ///< For the courier, once the commit is durable.
  store::VerificationRow verification;        ///< As it stands now.
  std::optional<Superseded> superseded = {};  ///< What ended by it: an older one to the same address at its provider.
};

/// Draws a code, keeps its keyed digest alone, and queues the message in the same database transaction. A second start
/// for the same contact sends again: a new code, the old attempt count, and the code before stays good for its own
/// life. Waits run from the last message to the line, whichever channel took it. Every limit is judged, and counted,
/// before anything is sent. [OTP-1 … OTP-5, THR-6, THR-7]
[[nodiscard]] Answer<Started> start_verification(store::Tx& tx, const Context& context, const Caller& caller,
                                                 const StartRequest& request, Moment& moment);

/// The same for a transaction that was held in this very unit: it is open, and nothing was sent in it yet. `history`:
/// of its subject, as the hold has left it.
[[nodiscard]] Answer<Started> start_with_hold(store::Tx& tx, const Context& context, const Caller& caller,
                                              const store::TransactionRow& held,
                                              const domain::standing::History& history, contact::Channel channel,
                                              Moment& moment);

}  // namespace countersign::usecase
