#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "store/repository/verifications.h"
#include "usecase/queued_message.h"
#include "usecase/work.h"

namespace countersign::usecase {

// Which provider carries a message, by the rules of domain/routing.h and what this node knows of its providers.

/// With which a new message to `address` begins; null if the service does not have the channel. `made_elsewhere`: the
/// verification has begun with providers that do, or do not, make the codes, and goes on with such a one; if none is
/// left, any.
[[nodiscard]] const ChannelProvider* choose_provider(const Context& context, const ServiceSettings& service,
                                                     contact::Channel channel, std::string_view address,
                                                     std::optional<bool> made_elsewhere = {});

/// The same where `pending` is sent again, if there is one: a provider that makes the codes goes on with what it has
/// begun, and a text of ours may go by any that sends it.
[[nodiscard]] const ChannelProvider* provider_for_start(const Context& context, const ServiceSettings& service,
                                                        contact::Channel channel, std::string_view address,
                                                        const std::optional<store::VerificationRow>& pending);

/// To whom the message may go on from its provider, which `refused` it, or (without) gets no message at the moment;
/// nullopt: to nobody, and never from one whose message shows what is approved to one whose does not. Only a text of
/// ours, only where the refusal is certain and about the provider.
[[nodiscard]] std::optional<std::string> next_provider(const Context& context, const QueuedMessage& message,
                                                       const delivery::ProviderError* refused);

/// The country by which prices, delays and silence of providers are known: as country_of() has it for a telephone
/// number, empty for a mailbox.
[[nodiscard]] std::string country_by(contact::Channel channel, std::string_view to);

/// Notes the turn of the message's provider. Nothing is kept of a message with one provider, whose price is unknown:
/// its row says it all.
void note_try(const Context& context, QueuedMessage& message,
              const Result<delivery::Accepted, delivery::ProviderError>& outcome, WallTime now);

/// `provider` takes over from the one before, which works `again_later`.
void go_on_with(const Context& context, QueuedMessage& message, std::string provider, bool again_later);

/// Sets where its provider may report about a text of ours: each kind of provider has an address of its own.
void report_to_own_address(const Context& context, QueuedMessage& message);

}  // namespace countersign::usecase
