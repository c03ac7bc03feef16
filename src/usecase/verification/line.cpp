#include "usecase/verification/line.h"

#include <algorithm>

#include "usecase/outbox/obstacles.h"

namespace countersign::usecase {

std::vector<store::ContactRow> contacts_of_line(const std::vector<store::ContactRow>& contacts,
                                                const store::ContactRow& of, const ServiceSettings& service,
                                                const domain::Policy& policy, WallTime now) {
  std::vector<store::ContactRow> found;
  for (const auto channel : service.automatic) {
    if (!policy.takes(domain::method_of(channel)) || service.provider_for(channel) == nullptr) continue;
    const auto contact = std::ranges::find_if(contacts, [&](const store::ContactRow& one) {
      return one.channel == channel && one.address_id == of.address_id;
    });
    if (contact != contacts.end()) found.push_back(*contact);
  }
  const auto hindered = [&](const store::ContactRow& one) { return obstacle_fault(one, now).has_value(); };
  if (!std::ranges::all_of(found, hindered)) std::erase_if(found, hindered);
  return found;
}

bool continues_line(const store::VerificationRow& row, const std::vector<store::ContactRow>& contacts,
                    const store::ContactRow& contact) {
  if (!row.is_of_line() || !row.state.code || !contact::uses_phone(contact.channel)) return false;
  const auto* other = store::contact_in(contacts, row.state.contact);
  return other != nullptr && other->address_id == contact.address_id;
}

Answer<LineChoice> choose_on_line(const Work& work, const ServiceSettings& service,
                                  const std::vector<store::ContactRow>& of_line,
                                  const std::optional<store::VerificationRow>& pending, bool display_required) {
  const auto by = [&](contact::Channel channel) {
    return std::ranges::find(of_line, channel, &store::ContactRow::channel);
  };
  // What a provider makes, only that one sends again.
  if (pending && !pending->state.code) {
    const auto contact = by(pending->state.channel);
    const auto* begun = service.provider_of(pending->state.channel, pending->provider);
    if (contact != of_line.end() && begun != nullptr && begun->checks_codes) return LineChoice{*contact, begun, {}};
  }
  std::vector<contact::Channel> channels;
  for (const auto& contact : of_line) channels.push_back(contact.channel);
  if (pending) channels = domain::preferred_after(std::move(channels), pending->sendings);
  const SecretString address = store::open_address(work.context.vault, of_line.front());
  const auto way = choose_way(work.context, service, channels, address.expose(), display_required,
                              pending ? std::optional(!pending->state.code) : std::nullopt);
  if (!way)
    return refuse(Code::kChannelUnavailable,
                  "no message by a channel of this line shows what is approved, as the policy asks; name the channel");
  LineChoice choice{*by(way->channel), way->provider, {}};
  for (const auto channel : channels) choice.channels.push_back({channel, by(channel)->id});
  return choice;
}

}  // namespace countersign::usecase
