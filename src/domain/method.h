#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "contact/channel.h"

namespace countersign::domain {

/// One way to prove something: a code through a channel, or a factor. These names are used in policies and responses.
enum class Method : std::uint8_t { kSms, kCall, kWhatsapp, kEmail, kTotp, kWebauthn, kPush, kRecoveryCode };

/// What a method proves control of. SMS, a call and WhatsApp all prove the same telephone line, so two of them are one
/// kind of proof. [trap: the same factor twice is not two factors]
enum class Kind : std::uint8_t { kPhone, kEmail, kAuthenticator, kPasskey, kDevice, kRecovery };

[[nodiscard]] std::string_view to_text(Method method);
[[nodiscard]] std::optional<Method> parse_method(std::string_view text);
[[nodiscard]] Kind kind_of(Method method);
/// Reached by an address, a line or a mailbox; otherwise a factor.
[[nodiscard]] bool is_contact(Kind kind);
[[nodiscard]] Method method_of(contact::Channel channel);
[[nodiscard]] std::optional<contact::Channel> channel_of(Method method);

/// The value for `amr` in receipts [RFC 8176]: otp for codes of an app, sms, tel for calls, user for a passkey, of
/// which a receipt says more by what the authenticator said (PasskeyFacts).
[[nodiscard]] std::string_view amr_of(Method method);

/// Whether the message or page of the proof also shows what is approved. A TOTP code cannot.
[[nodiscard]] bool carries_transaction(Method method);

/// A set of methods, as a bit mask.
class MethodSet {
 public:
  MethodSet() = default;
  MethodSet(std::initializer_list<Method> methods) {
    for (const Method m : methods) add(m);
  }
  void add(Method m) { bits_ |= bit(m); }
  [[nodiscard]] bool contains(Method m) const { return (bits_ & bit(m)) != 0; }
  [[nodiscard]] bool empty() const { return bits_ == 0; }
  [[nodiscard]] std::vector<Method> list() const;
  friend bool operator==(MethodSet, MethodSet) = default;

 private:
  static std::uint32_t bit(Method m) { return 1U << static_cast<unsigned>(m); }
  std::uint32_t bits_ = 0;
};

}  // namespace countersign::domain
