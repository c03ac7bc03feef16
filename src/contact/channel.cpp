#include "contact/channel.h"

#include <array>
#include <cstddef>

namespace countersign::contact {

namespace {

constexpr std::array<std::string_view, 5> kNames{"sms", "call", "whatsapp", "email", "push"};

}  // namespace

std::string_view to_text(Channel channel) { return kNames[static_cast<std::size_t>(channel)]; }

std::optional<Channel> parse_channel(std::string_view text) {
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == text) return static_cast<Channel>(i);
  }
  return std::nullopt;
}

bool uses_phone(Channel channel) {
  return channel == Channel::kSms || channel == Channel::kCall || channel == Channel::kWhatsapp;
}

std::optional<Wanted> parse_wanted(std::string_view text) {
  if (text == "auto") return Wanted::automatic();
  const auto channel = parse_channel(text);
  return channel ? std::optional<Wanted>(*channel) : std::nullopt;
}

}  // namespace countersign::contact
