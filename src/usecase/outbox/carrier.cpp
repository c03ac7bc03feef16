#include "usecase/outbox/carrier.h"

#include <algorithm>
#include <utility>
#include <variant>
#include <vector>

#include "base/function_ref.h"
#include "domain/routing.h"
#include "usecase/outbox/gateway_report.h"
#include "usecase/outbox/provider_board.h"
#include "usecase/outbox/providers.h"
#include "usecase/tally.h"

namespace countersign::usecase {

namespace {

using domain::routing::Candidate;

enum class Trials { kNone, kOne };

/// `trials`: with kOne the message may be the trial of a provider that delivers nothing to its country.
std::vector<Candidate> candidates_of(const Context& context, const AccountId& account, const Preferred& list,
                                     std::string_view country, Trials trials) {
  std::vector<Candidate> candidates;
  bool works = false;  ///< One of those so far: then no other one is tried.
  for (const auto* provider : list) {
    Candidate candidate{provider->name, 1, provider->checks_codes};
    if (context.board != nullptr) {
      auto& board = *context.board;
      candidate.drained = board.drained(provider->name);
      candidate.failing = board.failing(provider->name) ||
                          board.passed_over(provider->name, country, account, trials == Trials::kOne && !works);
    }
    works = works || (!candidate.drained && !candidate.failing);
    candidates.push_back(candidate);
  }
  return candidates;
}

/// Whose service it is.
AccountId owner_of(const Context& context, const ServiceSettings& service) {
  for (const auto& [id, account] : context.settings.accounts) {
    if (account.service(service.id) != nullptr) return id;
  }
  return {};
}

/// What was learned of the service's weights for that channel and country.
LearnedShare shares_for(const Context& context, const ServiceSettings& service, contact::Channel channel,
                        std::string_view address) {
  if (context.board == nullptr || !context.board->has_shares()) return {};
  return [board = context.board,
          key = store::LearnedKey{service.id, std::string(contact::to_text(channel)), country_by(channel, address),
                                  ""}](std::string_view provider) mutable {
    key.provider = provider;
    return board->share_of(key);
  };
}

/// Providers, each with the channel by which it would carry the message.
struct Ways {
  std::vector<contact::Channel> channels;
  Preferred providers;

  [[nodiscard]] std::size_t size() const { return providers.size(); }
  void add(contact::Channel channel, const Preferred& list) {
    channels.insert(channels.end(), list.size(), channel);
    providers.insert(providers.end(), list.begin(), list.end());
  }
  [[nodiscard]] bool shows_display(std::size_t i) const { return providers[i]->shows_display(channels[i]); }
  void keep_if(FunctionRef<bool(std::size_t)> wanted) {
    Ways kept;
    for (std::size_t i = 0; i < size(); ++i) {
      if (wanted(i)) kept.add(channels[i], {providers[i]});
    }
    *this = std::move(kept);
  }
};

const ServiceSettings* service_of(const Context& context, const QueuedMessage& message) {
  const auto account = context.settings.accounts.find(message.account);
  return account == context.settings.accounts.end() ? nullptr : account->second.service(message.service);
}

/// Of a message with a text of ours; empty for any other, and where its service is not known any more. Those of its
/// channel come first.
Ways ways_of(const Context& context, const QueuedMessage& message) {
  const auto* ours = std::get_if<delivery::OutgoingMessage>(&message.content);
  const auto* service = service_of(context, message);
  Ways ways;
  if (ours == nullptr || service == nullptr) return ways;
  ways.add(ours->channel,
           service->preferred_for(ours->channel, ours->to, shares_for(context, *service, ours->channel, ours->to)));
  for (const auto& other : ours->channels) {
    if (other.channel != ours->channel)
      ways.add(other.channel,
               service->preferred_for(other.channel, ours->to, shares_for(context, *service, other.channel, ours->to)));
  }
  return ways;
}

std::pair<contact::Channel, std::string_view> target_of(const QueuedMessage& message) {
  return std::visit([](const auto& content) { return std::pair(content.channel, std::string_view(content.to)); },
                    message.content);
}

/// The one that has the message at the moment; null if it is not configured any more.
const ChannelProvider* provider_now(const Context& context, const QueuedMessage& message) {
  const auto* service = service_of(context, message);
  return service == nullptr ? nullptr : service->provider_of(message.channel(), message.provider);
}

std::optional<domain::Price> price_of(const Context& context, const QueuedMessage& message) {
  const auto* provider = provider_now(context, message);
  const auto [channel, to] = target_of(message);
  if (provider == nullptr || provider->prices.empty()) return std::nullopt;
  return provider->price_to(country_by(channel, to));
}

}  // namespace

std::string country_by(contact::Channel channel, std::string_view to) {
  return contact::uses_phone(channel) ? country_of(to) : std::string();
}

std::optional<std::size_t> first_in_use(const Context& context, const AccountId& account, const Preferred& list,
                                        std::string_view country) {
  return domain::routing::first_of(candidates_of(context, account, list, country, Trials::kNone));
}

bool is_avoided(const Context& context, const AccountId& account, std::string_view provider, std::string_view country) {
  if (context.board == nullptr) return false;
  return context.board->drained(provider) || context.board->failing(provider) ||
         context.board->passed_over(provider, country, account, false);
}

const ChannelProvider* choose_provider(const Context& context, const ServiceSettings& service, contact::Channel channel,
                                       std::string_view address, std::optional<bool> made_elsewhere) {
  if (!service.has_choice(channel)) return service.provider_for(channel);
  const auto list = service.preferred_for(channel, address, shares_for(context, service, channel, address));
  const auto candidates =
      candidates_of(context, owner_of(context, service), list, country_by(channel, address), Trials::kOne);
  auto place = domain::routing::first_of(candidates, made_elsewhere);
  if (!place) place = domain::routing::first_of(candidates);
  return place ? list[*place] : nullptr;
}

const ChannelProvider* provider_for_start(const Context& context, const ServiceSettings& service,
                                          contact::Channel channel, std::string_view address,
                                          const std::optional<store::VerificationRow>& pending) {
  if (!pending) return choose_provider(context, service, channel, address);
  if (!pending->state.code && service.has_choice(channel)) {
    const auto* begun = service.provider_of(channel, pending->provider);
    if (begun != nullptr && begun->checks_codes) return begun;
  }
  return choose_provider(context, service, channel, address, !pending->state.code);
}

std::optional<ChosenWay> choose_way(const Context& context, const ServiceSettings& service,
                                    std::span<const contact::Channel> channels, std::string_view address,
                                    bool display_required, std::optional<bool> made_elsewhere) {
  Ways ways;
  for (const auto channel : channels)
    ways.add(channel, service.preferred_for(channel, address, shares_for(context, service, channel, address)));
  if (display_required) ways.keep_if([&](std::size_t i) { return ways.shows_display(i); });
  const auto candidates = candidates_of(context, owner_of(context, service), ways.providers,
                                        country_by(contact::Channel::kSms, address), Trials::kOne);
  const auto place = domain::routing::first_of(candidates, made_elsewhere);
  return place ? std::optional(ChosenWay{ways.channels[*place], ways.providers[*place]}) : std::nullopt;
}

std::optional<Leaves> leaves(const QueuedMessage& message, const delivery::ProviderError& refused) {
  const auto* ours = std::get_if<delivery::OutgoingMessage>(&message.content);
  if (domain::routing::goes_on({false, refused.maybe_sent, delivery::is_about_provider(refused)})) return Leaves{};
  const bool about_channel = ours != nullptr && !ours->channels.empty() &&
                             delivery::is_about_channel(delivery::reason_of(refused.fault), ours->channel);
  return domain::routing::goes_on({false, refused.maybe_sent, about_channel}) ? std::optional(Leaves{true})
                                                                              : std::nullopt;
}

std::optional<Carrier> next_carrier(const Context& context, const QueuedMessage& message, Leaves why) {
  auto ways = ways_of(context, message);
  if (ways.size() < 2) return std::nullopt;
  const auto& ours = std::get<delivery::OutgoingMessage>(message.content);
  const auto* now = provider_now(context, message);
  const bool shows = ours.display_required && now != nullptr && now->shows_display(ours.channel);
  const auto refused = [&](std::size_t i) {
    const Carrier way{ways.channels[i], ways.providers[i]->name};
    return way == message.carrier() || std::ranges::find(message.refused_by, way) != message.refused_by.end();
  };
  const auto may_carry = [&](std::size_t i) {
    if (shows && !ways.shows_display(i)) return false;
    return !why.channel || ways.channels[i] != ours.channel;
  };
  if (message.refused_by.size() + 1 >= domain::routing::kTriesMax) return std::nullopt;
  ways.keep_if([&](std::size_t i) { return may_carry(i) && !refused(i); });
  const auto candidates =
      candidates_of(context, message.account, ways.providers, country_by(ours.channel, ours.to), Trials::kNone);
  const auto place = domain::routing::next_of(candidates, {});
  return place ? std::optional(Carrier{ways.channels[*place], ways.providers[*place]->name}) : std::nullopt;
}

void note_try(const Context& context, QueuedMessage& message,
              const Result<delivery::Accepted, delivery::ProviderError>& outcome, WallTime now) {
  const bool may_cost = outcome || outcome.error().maybe_sent;
  auto price = may_cost ? price_of(context, message) : std::nullopt;
  const bool says_more = price || !message.tries.empty() || (!outcome && ways_of(context, message).size() > 1);
  if (!says_more) return;
  add(message.tries,
      {message.provider, std::string(outcome_of(outcome)), outcome ? std::string() : outcome.error().provider_code, now,
       !outcome && may_cost, std::move(price)});
}

void go_on_with(const Context& context, QueuedMessage& message, Carrier next, bool again_later) {
  if (again_later && !message.later_by) message.later_by = message.carrier();
  message.refused_by.push_back(message.carrier());
  message.provider = std::move(next.provider);
  if (auto* const ours = std::get_if<delivery::OutgoingMessage>(&message.content)) go_by_channel(*ours, next.channel);
  report_to_own_address(context, message);
}

void report_to_own_address(const Context& context, QueuedMessage& message) {
  auto* const ours = std::get_if<delivery::OutgoingMessage>(&message.content);
  const auto* provider = ours == nullptr ? nullptr : provider_now(context, message);
  if (provider != nullptr)
    ours->status_callback_url = status_callback_url(context, message.account, message.id, *provider);
}

}  // namespace countersign::usecase
