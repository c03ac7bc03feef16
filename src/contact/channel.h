#pragma once

#include <optional>
#include <string_view>

namespace countersign::contact {

/// How a message reaches a person.
enum class Channel { kSms, kCall, kWhatsapp, kEmail, kPush };

/// `sms`, `call`, `whatsapp`, `email`, `push`: the names in the API and in the store.
[[nodiscard]] std::string_view to_text(Channel channel);
/// Those names, lower case only.
[[nodiscard]] std::optional<Channel> parse_channel(std::string_view text);

/// The channel's address is a telephone number.
[[nodiscard]] bool uses_phone(Channel channel);

/// By which channel somebody asks for a code: one, or `auto`, by which the product chooses among those of one telephone
/// line.
struct Wanted {
  Wanted(Channel one) : channel(one) {}  // NOLINT(google-explicit-constructor): a channel is the usual wish.
  [[nodiscard]] static Wanted automatic() { return Wanted(std::nullopt); }
  [[nodiscard]] bool is_auto() const { return !channel; }

  std::optional<Channel> channel;  ///< nullopt: `auto`.

 private:
  explicit Wanted(std::nullopt_t) {}
};
/// `auto`, or a channel's name.
[[nodiscard]] std::optional<Wanted> parse_wanted(std::string_view text);

}  // namespace countersign::contact
