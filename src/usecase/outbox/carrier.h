#pragma once

#include <optional>
#include <span>
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

/// With which channel and provider a new message to a telephone line begins where the product chooses: the first that
/// works, of the providers of `channels` in their order.
struct ChosenWay {
  contact::Channel channel;
  const ChannelProvider* provider;
};
/// nullopt: none may be chosen. `display_required`: only those whose messages show what is approved. `made_elsewhere`:
/// the verification has begun with providers that do, or do not, make the codes, and no other goes on with it.
[[nodiscard]] std::optional<ChosenWay> choose_way(const Context& context, const ServiceSettings& service,
                                                  std::span<const contact::Channel> channels, std::string_view address,
                                                  bool display_required, std::optional<bool> made_elsewhere = {});

/// Why a message leaves its provider.
struct Leaves {
  bool channel = false;  ///< Its channel certainly does not reach the number; otherwise it is the provider's.
};
/// Why a message leaves the provider that `refused` it; nullopt: it does not. Only where the refusal is certain, and
/// about the provider or, where the product chooses the channel, about the channel.
[[nodiscard]] std::optional<Leaves> leaves(const QueuedMessage& message, const delivery::ProviderError& refused);

/// By whom a message that leaves its provider may go on; nullopt: by nobody, and never from one whose message shows
/// what is approved to one whose does not, unless the policy allows it. Only a text of ours. By another channel only
/// where the product chooses it, after all providers of its own.
[[nodiscard]] std::optional<Carrier> next_carrier(const Context& context, const QueuedMessage& message, Leaves why);

/// With which of `list` a message to `country` begins that is not the trial of a provider: the first that works, else
/// the first that is not drained, else the first. nullopt of an empty list alone.
[[nodiscard]] std::optional<std::size_t> first_in_use(const Context& context, const AccountId& account,
                                                      const Preferred& list, std::string_view country);
/// Whether the provider is drained, has an open circuit, or delivers nothing of the account to the country.
[[nodiscard]] bool is_avoided(const Context& context, const AccountId& account, std::string_view provider,
                              std::string_view country);

/// The country by which prices, delays and silence of providers are known: as country_of() has it for a telephone
/// number, empty for a mailbox.
[[nodiscard]] std::string country_by(contact::Channel channel, std::string_view to);

/// Notes the turn of the message's provider. Nothing is kept of a message with one provider, whose price is unknown:
/// its row says it all.
void note_try(const Context& context, QueuedMessage& message,
              const Result<delivery::Accepted, delivery::ProviderError>& outcome, WallTime now);

/// `next` takes over from the one before, which works `again_later`.
void go_on_with(const Context& context, QueuedMessage& message, Carrier next, bool again_later);

/// Sets where its provider may report about a text of ours: each kind of provider has an address of its own.
void report_to_own_address(const Context& context, QueuedMessage& message);

}  // namespace countersign::usecase
