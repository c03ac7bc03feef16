#include "usecase/verify_api/auto_channel.h"

#include <algorithm>

#include "usecase/outbox/obstacles.h"
#include "usecase/verify_api/address.h"

namespace countersign::usecase::verify_api {

std::vector<contact::Channel> channels_of_number(const Service& service, const std::string& to, bool payment) {
  std::vector<contact::Channel> channels;
  for (const auto channel : service.settings.automatic) {
    if (payment && channel == contact::Channel::kCall) continue;
    const bool has = service.test_code() || service.settings.provider_for(channel) != nullptr;
    if (has && address_for(channel, to, service)) channels.push_back(channel);
  }
  return channels;
}

std::optional<ChosenWay> way_of_number(const Work& work, const Service& service, std::vector<contact::Channel> channels,
                                       const std::string& to, const store::VerificationRow* pending,
                                       const WayTerms& terms) {
  std::optional<bool> made_elsewhere;
  if (pending != nullptr) {
    made_elsewhere = !pending->state.code;
    const auto channel = pending->state.channel;
    const auto* begun = service.settings.provider_of(channel, pending->provider);
    // What a provider makes, only that one sends again.
    if (*made_elsewhere && begun != nullptr && begun->checks_codes &&
        std::ranges::find(channels, channel) != channels.end())
      return ChosenWay{channel, begun};
    channels = domain::preferred_after(std::move(channels), pending->sendings);
  }
  if (terms.codes_of_theirs) made_elsewhere = false;
  return choose_way(work.context, service.settings, channels, to, terms.display_required, made_elsewhere);
}

bool leave_out_hindered(std::vector<contact::Channel>& channels, const store::ContactRow& contact, WallTime now) {
  if (contact.obstacles.empty()) return false;
  store::ContactRow by = contact;
  const auto hindered = [&](contact::Channel channel) {
    by.channel = channel;
    return obstacle_fault(by, now).has_value();
  };
  const bool all = std::ranges::all_of(channels, hindered);
  return !all && std::erase_if(channels, hindered) > 0;
}

}  // namespace countersign::usecase::verify_api
