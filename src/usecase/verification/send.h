#pragma once

#include <functional>
#include <optional>
#include <string>

#include "store/repository/subjects.h"
#include "store/repository/transactions.h"
#include "store/repository/verifications.h"
#include "usecase/verification/start.h"

namespace countersign::usecase {

/// Text of a message with a code, if it does not come from the transaction's display.
struct CodeText {
  std::string subject;  ///< E-mail only.
  std::string body;
};

/// How a code is sent. Borrows; lives for the call.
struct SendTerms {
  const ServiceSettings& service;
  const domain::Limits& limits;
  const ChannelProvider& provider;
  std::optional<store::VerificationRow> pending = {};  ///< Sent again if present; else a new one is made.
  std::optional<SecretString> code = {};               ///< Chosen by the application; absent: a random one.
  /// Absent: the text of domain/message.h for the transaction.
  std::function<CodeText(contact::Channel channel, const SecretString& code, int minutes)> text = {};
  std::optional<std::string> amount = {};  ///< For a provider that makes the code; absent: the display amount.
  std::optional<std::string> payee = {};
  /// Where the product chooses the channel: all by which the message may go, without their texts.
  std::vector<delivery::ChannelOfLine> channels = {};
  bool display_required = true;  ///< Not by one that does not show what is approved.
  bool worked = false;           ///< A page's proof of work was accepted: it may have what takes another kind.
  bool deliver = true;           ///< False: counts as delivered, but no provider is called and no line is guarded.
  /// Of the Verify-compatible API: these two skip advisory rules of fraud.
  std::function<bool()> is_safe_listed = {};
  bool risk_check_disabled = false;
  /// The last unanswered send to the same line for the same purpose, besides `pending`: through another channel.
  std::optional<domain::SentBefore> sent_before = {};
};

/// Counts the send against every limit, makes the code, stores its digest, and queues the message. Shared by all ways
/// to start a verification, which it puts in `held`: the caller writes that row, and drops it where this is refused.
/// Precondition: `held` is open and the contact not locked. [OTP-1 … OTP-5, THR-6, THR-7]
[[nodiscard]] Answer<Started> send_code(const Work& work, store::TransactionRow& held, store::ContactRow contact,
                                        SendTerms terms);

}  // namespace countersign::usecase
