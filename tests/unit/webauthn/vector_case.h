#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/json.h"
#include "webauthn/ceremony.h"

namespace countersign::webauthn::testing {

/// What came of a case: what would be stored, or the refusal.
using Outcome = std::variant<Registration, Assertion, Refusal>;

/// One case of the files `webauthn_*.json`, whose form tests/vectors/README.md describes. Runs the way of a page's
/// answer: JSON first, then the ceremony. Anomalies are refused, as the cases ask for, unless report_anomalies().
class VectorCase {
 public:
  explicit VectorCase(const json::object& fields);

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] bool is_registration() const { return registration_; }
  /// The credential that a registration names, base64url; empty for an authentication.
  [[nodiscard]] const std::string& registration_id() const { return registration_id_; }
  [[nodiscard]] bool expects_ok() const { return expects_ok_; }

  /// From now on something is known against every model.
  void speak_against_all() {
    policy_.against = [](std::string_view, const Certificate&, WallTime) { return true; };
  }

  /// From now on a counter that went back, or changed backup eligibility, is reported and no refusal.
  void report_anomalies() { anomalies_ = Anomalies::kReport; }

  [[nodiscard]] Outcome run() const;
  /// With another answer: what a member of `response` decodes to is replaced.
  [[nodiscard]] Outcome run_with(std::string_view member, std::string_view bytes) const;
  [[nodiscard]] std::string bytes_of(std::string_view member) const;
  [[nodiscard]] bool has(std::string_view member) const;

  /// A step of a sequence: another challenge and answer for the same credential.
  [[nodiscard]] Outcome run_step(const json::object& step, std::uint32_t sign_count) const;

 private:
  [[nodiscard]] Outcome run(const json::object& response) const;
  [[nodiscard]] Outcome run_registration(const json::object& credential) const;
  [[nodiscard]] Outcome run_authentication(const json::object& credential) const;

  std::string name_;
  bool registration_;
  bool expects_ok_;
  json::object fields_;
  json::object options_;
  RelyingParty party_;
  AttestationPolicy policy_;
  Anomalies anomalies_ = Anomalies::kRefuse;
  std::string registration_id_;  ///< base64url
};

/// All cases of one file.
[[nodiscard]] std::vector<VectorCase> cases_of(const json::value& file);

/// "ok", or the word of the refusal.
[[nodiscard]] std::string word_of(const Outcome& outcome);

/// What the authenticator signed in an authentication: its data, and the hash of the client data.
[[nodiscard]] std::string signed_message(const VectorCase& test);

/// base64url of a member; throws where it is another thing.
[[nodiscard]] std::string decoded(const json::value& value);

}  // namespace countersign::webauthn::testing
