#pragma once

#include <gtest/gtest.h>

#include "support/house.h"
#include "usecase/verify/code.h"
#include "usecase/verify/service.h"

// What the tests of this folder share: the house, as the Verify-compatible API calls it.
namespace countersign::testing {

using std::chrono::minutes;
using std::chrono::seconds;
using usecase::verify::CheckCode;
using usecase::verify::CodeTarget;
using usecase::verify::CodeView;
using usecase::verify::Fault;
using usecase::verify::StartCode;
using usecase::verify::Verdict;
using Status = domain::VerificationStatus;

template <class T>
std::optional<Fault> fault_of(const Verdict<T>& verdict) {
  return verdict ? std::nullopt : std::optional(verdict.error().fault);
}
inline constexpr std::optional<Fault> kNone{};

/// The house, as the Verify-compatible API calls it.
class Verify {
 public:
  House house;
  ServiceId service = house.context().settings.account(house.account()).services.front().id;
  std::string to{kPhone};
  std::string code;
  std::string body;

  /// A service of the API, with these settings.
  void make_service(json::object content) {
    content["friendly_name"] = "Shop";
    service = house.in([&](store::Tx& tx, Moment& moment) {
      return usecase::verify::create_service(tx, house.context(), house.caller(), content, moment)->settings.id;
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
    auto started = house.in([&](store::Tx& tx, Moment& moment) {
      auto verdict = usecase::verify::start_code(tx, house.context(), house.caller(), request, moment);
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
    return house.in([&](store::Tx& tx, Moment& moment) {
      return usecase::verify::check_code(tx, house.context(), house.caller(), request, moment)
          .transform([](const auto& outcome) { return std::get<CodeView>(outcome); });
    });
  }
  Verdict<CodeView> show(const CodeTarget& target) {
    return house.in([&](store::Tx& tx, Moment& moment) {
      return usecase::verify::show_code(tx, house.context(), house.caller(), target, moment.now);
    });
  }
  std::string wrong() const { return code == "000000" ? "111111" : "000000"; }
};

}  // namespace countersign::testing
