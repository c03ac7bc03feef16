#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/id.h"
#include "base/ip.h"
#include "delivery/ports.h"
#include "store/repository/messages.h"
#include "store/repository/vault.h"
#include "usecase/outbox/tries.h"

namespace countersign::usecase {

/// The content of a message row, opened: either our own text, or a request that a provider start a verification.
using MessageContent = std::variant<delivery::OutgoingMessage, delivery::VerificationStart>;

/// Input for the message text, which is written when the message is sent (usecase/verification/message_text.h): the
/// transaction that makes a message does not wait for its text, and the row does not store it.
struct TextSource {
  ServiceId service;
  std::string display_sealed;  ///< Of the transaction.
};

/// By which channel and which provider a message goes.
struct Carrier {
  contact::Channel channel = contact::Channel::kSms;
  std::string provider;

  friend bool operator==(const Carrier&, const Carrier&) = default;
};

/// From whom the weights of a list may learn what becomes of a code: who has proved the line before, and asks from a
/// known network. [ADR 47]
struct Teacher {
  SubjectId person;
  AddressId line;
  IpAddress network;
};

/// What was counted of a message's price (usecase/spending/outlay.h), in millionths of the currency of budgets.
struct Paid {
  std::int64_t ahead = 0;  ///< Counted, and no provider was asked for it yet.
  std::int64_t due = 0;    ///< To be counted before it goes on, and in `ahead` already.
  bool proved = false;     ///< Its recipient has proved the contact.
};

/// A message with everything needed to send it and to write its result. The database row is authoritative; this copy
/// saves the courier from reading it back.
struct QueuedMessage {
  AccountId account;
  MessageId id;
  TransactionId transaction;
  VerificationId verification;
  std::string provider;
  std::int64_t attempts = 1;
  WallTime expires_at;
  MessageContent content;
  /// Absent: the text is written already, or a provider writes it. It stays where the message may go by another
  /// channel.
  std::optional<TextSource> text_source = {};
  WallTime start_before = {};  ///< Do not hand it over after this: another node may take it over soon after.
  bool doubted = false;        ///< A provider may have accepted it without confirming.
  ServiceId service = {};      ///< The transaction's service: for its providers, and the metrics.
  Tries tries = {};            ///< What providers have said so far, if it is worth to be noted. [ADR 45]
  /// Those that have certainly not sent it since it was leased: it comes back to them with the next attempt.
  std::vector<Carrier> refused_by = {};
  std::optional<Carrier> later_by = {};  ///< The first of these that will work again: it is tried if none takes it.
  int send = 1;                          ///< Which of the verification's sends it is.
  std::optional<Teacher> teacher = {};   ///< Kept in memory alone: absent once the message was read back.
  Paid paid = {};

  [[nodiscard]] WallTime made_at() const { return id.id.time(); }
  [[nodiscard]] contact::Channel channel() const {
    return std::visit([](const auto& its) { return its.channel; }, content);
  }
  [[nodiscard]] Carrier carrier() const { return {channel(), provider}; }
};

/// The message goes by that channel, one of its `channels`: its text is then the one for it, or to be written.
void go_by_channel(delivery::OutgoingMessage& message, contact::Channel channel);

/// Seals a message's content, and opens it.
[[nodiscard]] std::string seal_content(const store::Vault& vault, const MessageId& id, const MessageContent& content,
                                       Random& random);
[[nodiscard]] MessageContent open_content(const store::Vault& vault, const MessageId& id, std::string_view sealed);

}  // namespace countersign::usecase
