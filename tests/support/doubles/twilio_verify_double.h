#pragma once

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "base/time.h"
#include "support/doubles/twilio_wire.h"

namespace countersign::testing {

/// Simulates Twilio Verify v2 for one service: Verifications and VerificationCheck, as Twilio documents them. It stores
/// the verifications with their codes, attempts and lifetimes; its time moves only when told to. One is pending per
/// number at a time (with PSD2: per number, amount and payee); another request returns its SID and sends its code
/// again. Verifications are updated by SID or by number.
class TwilioVerifyDouble {
 public:
  struct Settings {
    bool psd2 = false;
    unsigned sends_max = 5;
    unsigned checks_max = 5;
    Duration life = std::chrono::minutes(10);
    bool friendly_name_allowed = false;
  };

  explicit TwilioVerifyDouble(Settings settings);

  [[nodiscard]] HttpServer& server() { return server_; }
  [[nodiscard]] const TwilioCredentialsOnWire& credentials() const { return credentials_; }
  [[nodiscard]] const std::string& service_sid() const { return service_sid_; }

  /// Sets the answer to the next well-formed request, which changes nothing. Several queue up.
  void answer_next(ServerReply reply);

  /// The code that a person would have received; empty for an unknown verification.
  [[nodiscard]] std::string code_of(const std::string& sid) const;
  /// The last code sent to that number or mailbox; empty if there was none.
  [[nodiscard]] std::string last_code_to(const std::string& to) const;
  [[nodiscard]] std::string status_of(const std::string& sid) const;
  [[nodiscard]] unsigned sends_of(const std::string& sid) const;
  void advance(Duration by);

  /// Requests that violate Twilio's documentation.
  [[nodiscard]] std::vector<std::string> violations() const;
  void forget_violations();

 private:
  struct Verification {
    std::string sid;
    std::string to;
    std::string channel;
    std::string code;
    std::string status = "pending";
    std::optional<std::string> amount;
    std::optional<std::string> payee;
    unsigned checks = 0;
    WallTime created;
    std::vector<std::pair<std::string, std::string>> sends;  // Channel and attempt SID.
  };

  ServerReply handle(const ServerRequest& request);
  ServerReply create(const Form& form);
  ServerReply check(const Form& form);
  ServerReply update(const std::string& which, const Form& form);
  Verification* live(const std::string& sid);
  Verification* pending_for(const std::string& to, const std::optional<std::string>& amount,
                            const std::optional<std::string>& payee);
  Verification* last_pending_for(const std::string& to);
  [[nodiscard]] json::object common(const Verification& verification) const;
  [[nodiscard]] json::value resource(const Verification& verification) const;
  [[nodiscard]] json::value check_resource(const Verification& verification) const;

  const Settings settings_;
  const TwilioCredentialsOnWire credentials_;
  const std::string service_sid_ = "VA0123456789abcdef0123456789abcdef";
  mutable std::mutex mutex_;
  WallTime now_ = *from_rfc3339("2026-11-22T12:00:00Z");
  unsigned number_ = 0;
  std::map<std::string, std::string> last_codes_;  // By address.
  std::map<std::string, Verification> verifications_;
  TwilioScript script_;
  HttpServer server_;  // Last: its threads use the other members.
};

}  // namespace countersign::testing
