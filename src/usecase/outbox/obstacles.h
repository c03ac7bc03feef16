#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "delivery/gateway/report.h"
#include "domain/obstacle.h"
#include "domain/opt_words.h"
#include "store/repository/contacts.h"
#include "usecase/outbox/provider_callback.h"
#include "usecase/problem.h"
#include "usecase/work.h"

namespace countersign::usecase {

// What is in the way of messages to an address: learned from providers and from the person, asked before a send. It
// never changes what an address counts for. [ADR 48]

/// Why no message may leave for the contact now; nullopt: it may.
[[nodiscard]] std::optional<Problem> obstacle_fault(const store::ContactRow& contact, WallTime now);
/// What the person is to be told of it; nullopt: nothing is known to be in the way.
[[nodiscard]] std::optional<domain::ObstacleKind> obstacle_of(const store::ContactRow& contact, WallTime now);

/// How a message ended, as far as it says something about its address.
struct MessageEnd {
  AccountId account;
  MessageId message;
  TransactionId transaction;
  VerificationId verification;
  contact::Channel channel = contact::Channel::kSms;
  domain::Delivery said;
  bool sure = false;  ///< As domain::obstacle_shown_by has it.
};
/// Remembers it with the address. Reads nothing where it says nothing.
void note_end(store::Tx& tx, const Context& context, const MessageEnd& end, Moment& moment);

/// The code of a message to the contact was typed: what was thought to be in the way is not.
void note_arrival(const Work& work, const store::ContactRow& contact);

/// A message that somebody wrote to us, as Twilio passes it on; its sender is not verified yet.
struct TwilioInbound {
  std::string provider;
  std::string url;  ///< As Twilio called it: the signature covers this form.
  std::string signature;
  delivery::FormPairs form;
};
/// What somebody wants who has written to us.
struct Wish {
  contact::Channel channel = contact::Channel::kSms;
  std::string from;  ///< E.164
  domain::OptWord word = domain::OptWord::kStop;
  std::optional<WallTime> at;  ///< When she wrote it, as the provider says; nullopt: it does not.
};
/// Of a message with a signature of that provider. `wish` is empty where the person wants nothing that we know: what
/// people write is not kept. nullopt: nobody's signature. Pure; needs no transaction.
struct Inbound {
  std::optional<Wish> wish;
};
[[nodiscard]] std::optional<Inbound> read_inbound(const CallbackTokens& tokens, const TwilioInbound& inbound);

/// How what people write to the numbers of each gateway is read, by provider name. Only of those that pass it on.
using GatewayInboundForms = std::map<std::string, delivery::GatewayInbound, std::less<>>;

/// The same of a gateway: what people want who wrote the messages in it, in their order. nullopt: without the
/// gateway's secret. Pure.
[[nodiscard]] std::optional<std::vector<Wish>> read_gateway_inbound(const GatewayInboundForms& forms,
                                                                    std::string_view provider,
                                                                    const delivery::ReceivedReport& received);

/// Writes it down in each live account that sends by the provider and knows the number. Others learn it from their
/// provider's refusal, which costs nothing. What is repeated, or older than what is known, changes nothing.
void take_wish(store::Tx& tx, const Context& context, std::string_view provider, const Wish& wish, Moment& moment);

}  // namespace countersign::usecase
