#include "usecase/outbox/carrier.h"

#include <utility>
#include <variant>
#include <vector>

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
std::vector<Candidate> candidates_of(const Context& context, const Preferred& list, std::string_view country,
                                     Trials trials) {
  std::vector<Candidate> candidates;
  bool works = false;  ///< One of those so far: then no other one is tried.
  for (const auto* provider : list) {
    Candidate candidate{provider->name, 1, provider->checks_codes};
    if (context.board != nullptr) {
      auto& board = *context.board;
      candidate.drained = board.drained(provider->name);
      candidate.failing =
          board.failing(provider->name) || board.passed_over(provider->name, country, trials == Trials::kOne && !works);
    }
    works = works || (!candidate.drained && !candidate.failing);
    candidates.push_back(candidate);
  }
  return candidates;
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

/// Of a message with a text of ours; empty for any other, and where its service is not known any more.
Preferred list_of(const Context& context, const QueuedMessage& message) {
  const auto* ours = std::get_if<delivery::OutgoingMessage>(&message.content);
  const auto account = context.settings.accounts.find(message.account);
  if (ours == nullptr || account == context.settings.accounts.end()) return {};
  const auto* service = account->second.service(message.service);
  return service == nullptr
             ? Preferred{}
             : service->preferred_for(ours->channel, ours->to, shares_for(context, *service, ours->channel, ours->to));
}

std::pair<contact::Channel, std::string_view> target_of(const QueuedMessage& message) {
  return std::visit([](const auto& content) { return std::pair(content.channel, std::string_view(content.to)); },
                    message.content);
}

/// The one that has the message at the moment; null if it is not configured any more.
const ChannelProvider* provider_now(const Context& context, const QueuedMessage& message) {
  const auto account = context.settings.accounts.find(message.account);
  if (account == context.settings.accounts.end()) return nullptr;
  const auto* service = account->second.service(message.service);
  return service == nullptr ? nullptr : service->provider_of(target_of(message).first, message.provider);
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

const ChannelProvider* choose_provider(const Context& context, const ServiceSettings& service, contact::Channel channel,
                                       std::string_view address, std::optional<bool> made_elsewhere) {
  if (!service.has_choice(channel)) return service.provider_for(channel);
  const auto list = service.preferred_for(channel, address, shares_for(context, service, channel, address));
  const auto candidates = candidates_of(context, list, country_by(channel, address), Trials::kOne);
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

std::optional<std::string> next_provider(const Context& context, const QueuedMessage& message,
                                         const delivery::ProviderError* refused) {
  if (refused != nullptr &&
      !domain::routing::goes_on({false, refused->maybe_sent, delivery::is_about_provider(*refused)}))
    return std::nullopt;
  auto list = list_of(context, message);
  if (list.size() < 2) return std::nullopt;
  const auto [channel, to] = target_of(message);
  if (const auto* now = provider_now(context, message); now != nullptr && now->shows_display(channel))
    std::erase_if(list, [shown = channel](const ChannelProvider* other) { return !other->shows_display(shown); });
  std::vector<std::string> tried = message.refused_by;
  tried.push_back(message.provider);
  const auto candidates = candidates_of(context, list, country_by(channel, to), Trials::kNone);
  const auto place = domain::routing::next_of(candidates, tried);
  return place ? std::optional(list[*place]->name) : std::nullopt;
}

void note_try(const Context& context, QueuedMessage& message,
              const Result<delivery::Accepted, delivery::ProviderError>& outcome, WallTime now) {
  const bool may_cost = outcome || outcome.error().maybe_sent;
  auto price = may_cost ? price_of(context, message) : std::nullopt;
  const bool says_more = price || !message.tries.empty() || (!outcome && list_of(context, message).size() > 1);
  if (!says_more) return;
  add(message.tries,
      {message.provider, std::string(outcome_of(outcome)), outcome ? std::string() : outcome.error().provider_code, now,
       !outcome && may_cost, std::move(price)});
}

void go_on_with(const Context& context, QueuedMessage& message, std::string provider, bool again_later) {
  if (again_later && message.later_by.empty()) message.later_by = message.provider;
  message.refused_by.push_back(std::exchange(message.provider, std::move(provider)));
  report_to_own_address(context, message);
}

void report_to_own_address(const Context& context, QueuedMessage& message) {
  auto* const ours = std::get_if<delivery::OutgoingMessage>(&message.content);
  const auto* provider = ours == nullptr ? nullptr : provider_now(context, message);
  if (provider != nullptr)
    ours->status_callback_url = status_callback_url(context, message.account, message.id, *provider);
}

}  // namespace countersign::usecase
