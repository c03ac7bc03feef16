#pragma once

#include <functional>
#include <optional>
#include <string>

#include "store/repository/subjects.h"
#include "store/repository/transactions.h"
#include "store/repository/verifications.h"
#include "usecase/start_verification.h"

namespace countersign::usecase {

/// What a message with a code says, where somebody else than the transaction's display decides it.
struct CodeText {
  std::string subject;  ///< E-mail only.
  std::string body;
};

/// Sendings that the next one must wait for.
struct SentBefore {
  int sends = 0;
  WallTime last_sent_at;
};

/// By which terms a code is sent. Borrows; lives for the call.
struct SendTerms {
  const ServiceSettings& service;
  const Limits& limits;
  const Road& road;
  std::optional<store::VerificationRow> pending = {};  ///< Sent again, if there is one; else a new one is made.
  std::optional<SecretString> code = {};               ///< The application's own; absent: one is drawn.
  /// Absent: what domain/message.h says of the transaction.
  std::function<CodeText(const SecretString& code, int minutes)> text = {};
  std::optional<std::string> amount = {};  ///< For a provider that makes the code; absent: of the display.
  std::optional<std::string> payee = {};
  bool deliver = true;  ///< False: it counts as delivered, no provider hears of it, and no line is guarded by it.
  /// What was sent to the same line for the same purpose and not answered, beside `pending`: by another channel.
  std::optional<SentBefore> sent_before = {};
};

/// Counts the sending against every limit, makes the code, keeps its digest, and queues the message: what all ways to
/// start a verification have in common. The caller has seen to it that `held` is open and the contact not locked.
/// [OTP-1 … OTP-5, THR-6, THR-7]
[[nodiscard]] Answer<Started> send_code(store::Tx& tx, const Context& context, const Caller& caller,
                                        const store::TransactionRow& held, store::ContactRow contact, SendTerms terms,
                                        Moment& moment);

}  // namespace countersign::usecase
