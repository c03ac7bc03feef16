#pragma once

#include <optional>
#include <string>
#include <variant>

#include "base/id.h"
#include "delivery/ports.h"
#include "store/repository/messages.h"
#include "store/repository/vault.h"

namespace countersign::usecase {

/// What a message row holds, opened: either a text of ours, or the request that a provider start a verification.
using MessageContent = std::variant<delivery::OutgoingMessage, delivery::VerificationStart>;

/// What the text of a message is written from, at the moment of sending (usecase/wording.h): the transaction that makes
/// a message does not wait for its text, nor does its row keep it.
struct Wording {
  ServiceId service;
  std::string display_sealed;  ///< Of the transaction.
};

/// A message with everything that is needed to send it and to write down what became of it. The database row is what
/// counts; this copy spares the courier from reading back what was just written.
struct QueuedMessage {
  AccountId account;
  MessageId id;
  TransactionId transaction;
  VerificationId verification;
  std::string provider;
  std::int64_t attempts = 1;
  WallTime expires_at;
  MessageContent content;
  std::optional<Wording> wording = {};  ///< Absent: the text is there already, or somebody else writes it.
  WallTime start_before = {};  ///< Not to be handed over from then on: somebody else may take it on soon after.
  bool doubted = false;        ///< A provider may have it already, though it did not say so.
  ServiceId service = {};      ///< Of the transaction, for what is counted.

  [[nodiscard]] WallTime made_at() const { return id.id.time(); }
};

/// The sealed form of a message's content, and back.
[[nodiscard]] std::string seal_content(const store::Vault& vault, const MessageId& id, const MessageContent& content,
                                       Random& random);
[[nodiscard]] MessageContent open_content(const store::Vault& vault, const MessageId& id, std::string_view sealed);

}  // namespace countersign::usecase
