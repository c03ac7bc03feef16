#pragma once

#include "delivery/providers/twilio_account.h"
#include "delivery/signals/signal.h"

namespace countersign::delivery {

/// Which packages of Lookup are asked for; each costs. At least one.
struct LookupFields {
  bool line_type = true;
  bool sim_swap = true;
};

/// Twilio Lookup v2, `GET /v2/PhoneNumbers/{number}?Fields=…`, by Twilio's OpenAPI description of it.
class TwilioLookup final : public SignalSource {
 public:
  /// `account.base_url` empty: https://lookups.twilio.com. `account.timeout` is not used. Client and clock outlive it.
  TwilioLookup(HttpClient& http, const Clock& clock, TwilioAccount account, LookupFields fields);

  /// Only the fields that are wished, or all if none is.
  void ask(const SignalQuestion& question, std::chrono::milliseconds within, SignalDone done) override;
  [[nodiscard]] bool is_about_line() const override { return true; }

 private:
  HttpClient& http_;
  const Clock& clock_;
  TwilioAccount account_;
  LookupFields fields_;
};

/// Pure. `phone`: the number that was asked for. A package that Twilio has no data for (its `error_code`, or null) is
/// absent; none of those asked for is kNotServed.
[[nodiscard]] SignalResult read_lookup_answer(const HttpResult& result, std::string_view phone,
                                              const LookupFields& fields, WallTime now);

/// Twilio's word for a type of line as ours: `nonFixedVoip` is `voip`, `tollFree` is `toll_free`. Empty for `unknown`
/// and for words that are not documented.
[[nodiscard]] std::string_view line_type_of(std::string_view twilio);

/// A period as `PT24H` or `P7D` (ISO 8601), up to 400 days; nullopt for others.
[[nodiscard]] std::optional<Duration> parse_period(std::string_view text);

}  // namespace countersign::delivery
