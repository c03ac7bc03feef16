#include "domain/method.h"

#include <array>

#include "base/check.h"

namespace countersign::domain {

namespace {

struct Description {
  Method method;
  std::string_view text;
  Kind kind;
  std::string_view amr;
  bool carries_transaction;
};

constexpr std::array kMethods{
    Description{Method::kSms, "sms", Kind::kPhone, "sms", true},
    Description{Method::kCall, "call", Kind::kPhone, "tel", true},
    Description{Method::kWhatsapp, "whatsapp", Kind::kPhone, "otp", false},  // Meta's template contains only the code.
    Description{Method::kEmail, "email", Kind::kEmail, "otp", true},
    Description{Method::kTotp, "totp", Kind::kAuthenticator, "otp", false},
    Description{Method::kWebauthn, "webauthn", Kind::kPasskey, "user", true},
    Description{Method::kPush, "push", Kind::kDevice, "pop", true},
    Description{Method::kRecoveryCode, "recovery_code", Kind::kRecovery, "otp", false},
};

const Description& describe(Method method) { return kMethods.at(static_cast<std::size_t>(method)); }

}  // namespace

std::string_view to_text(Method method) { return describe(method).text; }
Kind kind_of(Method method) { return describe(method).kind; }
bool is_contact(Kind kind) { return kind == Kind::kPhone || kind == Kind::kEmail; }
std::string_view amr_of(Method method) { return describe(method).amr; }
bool carries_transaction(Method method) { return describe(method).carries_transaction; }

std::optional<Method> parse_method(std::string_view text) {
  for (const auto& d : kMethods) {
    if (d.text == text) return d.method;
  }
  return std::nullopt;
}

Method method_of(contact::Channel channel) {
  switch (channel) {
    case contact::Channel::kSms:
      return Method::kSms;
    case contact::Channel::kCall:
      return Method::kCall;
    case contact::Channel::kWhatsapp:
      return Method::kWhatsapp;
    case contact::Channel::kEmail:
      return Method::kEmail;
    case contact::Channel::kPush:
      return Method::kPush;
  }
  CS_CHECK(false);
}

std::optional<contact::Channel> channel_of(Method method) { return contact::parse_channel(to_text(method)); }

std::vector<Method> MethodSet::list() const {
  std::vector<Method> out;
  for (const auto& d : kMethods) {
    if (contains(d.method)) out.push_back(d.method);
  }
  return out;
}

}  // namespace countersign::domain
