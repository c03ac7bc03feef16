#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/jws_key.h"
#include "support/push_browser.h"
#include "tests/unit/usecase/script.h"
#include "usecase/push/answer.h"
#include "usecase/push/enrol.h"
#include "usecase/push/outbox.h"
#include "usecase/push/prompt.h"

namespace countersign::testing {

/// What was sent, in order.
class SentPushes final : public usecase::PushOutbox {
 public:
  void send(std::vector<usecase::QueuedPush> pushes) override {
    for (auto& push : pushes) all.push_back(std::move(push));
  }
  std::vector<usecase::QueuedPush> all;
};

/// A service with Web Push, and policies that accept it.
void offer_push(Fixture& fixture, SentPushes& sent);

/// A person with a browser that is asked by Web Push: what the application's page does there, each call one database
/// transaction.
class DeviceHolder {
 public:
  explicit DeviceHolder(Fixture& fixture, unsigned seed = 7);

  std::string identity{kIdentity};
  FactorId factor{};
  crypto::SigningKey key;
  std::string endpoint = "https://push.example.net/p/secret";
  PushBrowser browser;
  std::optional<FactorId> asking;  ///< The device whose browser shows the asking page.

  Answer<usecase::PushEnrolment> enrol();
  /// The browser's answer to that challenge, signed with `key`.
  [[nodiscard]] usecase::PushAnswer answer_to(std::string_view challenge) const;
  Answer<usecase::FactorView> confirm(const usecase::PushAnswer& answer);
  /// Both; must succeed.
  void bind();

  Answer<usecase::PushPrompt> prompt();
  Answer<usecase::PromptView> look(std::string_view prompt);
  /// What the device sends where the person typed that number; nullopt: refuses.
  [[nodiscard]] usecase::DeviceAnswer typed(const usecase::PromptView& prompt, std::optional<std::string_view> number);
  Answer<usecase::Approved> send(const usecase::DeviceAnswer& answer);
  Answer<usecase::Approved> type(std::string_view prompt, std::string_view number);
  Answer<usecase::Approved> refuse(std::string_view prompt);
  Answer<usecase::FactorView> renew(const usecase::PushAnswer& answer, std::int64_t signed_at);

  [[nodiscard]] std::string public_key() const;

 private:
  template <class Call>
  auto in(Call call);
  Fixture& fixture_;
};

/// Another number of six digits.
[[nodiscard]] std::string other_number(std::string_view number);

}  // namespace countersign::testing
