#pragma once

#include <gtest/gtest.h>

#include "support/fixture.h"
#include "usecase/verify_api/code.h"
#include "usecase/verify_api/service.h"

// What the tests of this folder share: the fixture, as the Verify-compatible API calls it.
namespace countersign::testing {

using std::chrono::minutes;
using std::chrono::seconds;
using usecase::verify_api::CheckCode;
using usecase::verify_api::CodeTarget;
using usecase::verify_api::CodeView;
using usecase::verify_api::ErrorCode;
using usecase::verify_api::StartCode;
using usecase::verify_api::Verdict;
using Status = domain::VerificationStatus;

template <class T>
std::optional<ErrorCode> fault_of(const Verdict<T>& verdict) {
  return verdict ? std::nullopt : std::optional(verdict.error().fault);
}
inline constexpr std::optional<ErrorCode> kNone{};

/// The fixture, as the Verify-compatible API calls it.
class Verify {
 public:
  Fixture fixture;
  ServiceId service = fixture.context().settings.account(fixture.account()).services.front().id;
  std::string to{kPhone};
  std::string code;
  std::string body;

  /// A service of the API, with these settings.
  void make_service(json::object content) {
    content["friendly_name"] = "Shop";
    service = fixture.in([&](store::Tx& tx, Moment& moment) {
      return usecase::verify_api::create_service({tx, fixture.context(), fixture.caller(), moment}, content)
          ->settings.id;
    });
  }

  Verdict<CodeView> start(Channel channel = Channel::kSms) { return start(request(channel)); }
  StartCode request(Channel channel = Channel::kSms) const {
    StartCode request;
    request.service = service;
    request.to = to;
    request.channel = channel;
    return request;
  }
  Verdict<CodeView> start(const StartCode& request) {
    auto started = fixture.in([&](store::Tx& tx, Moment& moment) {
      auto verdict = usecase::verify_api::start_code({tx, fixture.context(), fixture.caller(), moment}, request);
      if (!verdict) tx.abandon();
      return verdict;
    });
    if (!started) return fail(started.error());
    if (started->queued) {
      const auto& message = std::get<delivery::OutgoingMessage>(started->queued->content);
      code = message.code.expose();
      body = message.body;
    }
    return started->view;
  }

  Verdict<CodeView> check(const std::string& typed, const std::string& amount = "", const std::string& payee = "") {
    return check(CheckCode{{service, std::nullopt, to}, typed, amount, payee});
  }
  Verdict<CodeView> check(const CheckCode& request) {
    return fixture.in([&](store::Tx& tx, Moment& moment) {
      return usecase::verify_api::check_code({tx, fixture.context(), fixture.caller(), moment}, request)
          .transform([](const auto& outcome) { return std::get<CodeView>(outcome); });
    });
  }
  Verdict<CodeView> show(const CodeTarget& target) {
    return fixture.in([&](store::Tx& tx, Moment& moment) {
      return usecase::verify_api::show_code({tx, fixture.context(), fixture.caller(), moment}, target);
    });
  }
  std::string wrong() const { return code == "000000" ? "111111" : "000000"; }
};

}  // namespace countersign::testing
