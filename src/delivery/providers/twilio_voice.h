#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "delivery/by_locale.h"
#include "delivery/providers/twilio_account.h"
#include "delivery/providers/twilio_messaging.h"

namespace countersign::delivery {

struct TwilioVoiceOptions {
  TwilioAccount account;
  std::string from;  ///< E.164: a number of the account that can call.
  ByLocale voices;   ///< By locale: a voice of Twilio's such as `Polly.Camila-Neural`; without one its default.
};

/// Codes by telephone, through Twilio's Calls API.
///
/// The call begins with who is calling, and asks for a key: whoever presses none, such as an answering machine, hears
/// no digit. After the key Twilio fetches the rest from us (`CallWords::next_url`). A code without that URL is one that
/// approves nothing: it is said at once.
class TwilioVoice final : public Sender {
 public:
  static constexpr std::string_view kBaseUrl = "https://api.twilio.com";

  /// Client and clock outlive the provider; the clock outlives the client's last call.
  TwilioVoice(HttpClient& http, const Clock& clock, TwilioVoiceOptions options);

  void send(OutgoingMessage message, ProviderDone<Accepted> done) override;
  [[nodiscard]] std::string_view name() const override { return "twilio_voice"; }
  [[nodiscard]] bool supports(Channel channel) const override { return channel == Channel::kCall; }

 private:
  HttpClient& http_;
  const Clock& clock_;
  const TwilioVoiceOptions options_;
};

// What Twilio executes, as TwiML. Texts are escaped: whatever names hold, they are spoken and never executed.

/// Asks for a key, twice, and hangs up where none is pressed.
[[nodiscard]] std::string twiml_that_asks(const CallWords& words, std::string_view locale, const ByLocale& voices);
/// What the code approves, then its digits one by one, twice.
[[nodiscard]] std::string twiml_that_reads(const CallWords& words, std::string_view code, std::string_view locale,
                                           const ByLocale& voices);
/// Says `text` and hangs up.
[[nodiscard]] std::string twiml_that_says(std::string_view text, std::string_view locale, const ByLocale& voices);

/// Parses the answer to the creation of a call. Pure.
[[nodiscard]] Result<Accepted, ProviderError> read_call_created(const HttpResult& result, WallTime now);

/// Parses the form of a call's status callback; nullopt if it is none. A call that has ended is kFailed: where a key
/// was pressed, its message was delivered before. The caller must verify first that Twilio sent it.
[[nodiscard]] std::optional<TwilioReport> parse_call_callback(const FormPairs& form);

}  // namespace countersign::delivery
