#include "delivery/providers/twilio_voice.h"

#include <algorithm>
#include <array>

#include "base/check.h"
#include "base/encoding.h"
#include "delivery/provider_error.h"
#include "delivery/providers/twilio_errors.h"

namespace countersign::delivery {
namespace {

/// Long enough to reach the telephone, and too short for most answering machines.
constexpr std::string_view kRingSeconds = "20";
constexpr std::string_view kTalkSeconds = "180";  // More than the longest of ours takes.
constexpr std::size_t kTwimlMax = 4000;           // Of the parameter Twiml.
constexpr std::string_view kPause = "<Pause length=\"1\"/>";

/// XML 1.0: the five characters with a meaning are escaped, and control characters, which it cannot hold, dropped.
void append_escaped(std::string& out, std::string_view text) {
  for (const char c : text) {
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '"')
      out += "&quot;";
    else if (c == '\'')
      out += "&apos;";
    else if (static_cast<unsigned char>(c) >= ' ' && c != '\x7f')
      out += c;
    else
      out += ' ';
  }
}

/// The languages that our words are in, and regions of them that Twilio speaks. The first of a language is its default.
constexpr auto kSpoken = std::to_array<std::string_view>({"en-US", "en-GB", "en-AU", "en-IN", "pt-BR", "pt-PT", "es-MX",
                                                          "es-ES", "es-US", "fr-FR", "fr-CA", "de-DE", "it-IT"});

std::string_view spoken_language(std::string_view locale) {
  if (const auto* const same = std::ranges::find(kSpoken, locale); same != kSpoken.end()) return *same;
  const auto* const near =
      std::ranges::find_if(kSpoken, [&](std::string_view s) { return s.substr(0, 2) == locale.substr(0, 2); });
  return near == kSpoken.end() ? kSpoken.front() : *near;
}

/// The voice set for the locale, or for another region of its language; a voice speaks no other one.
std::string_view voice_of(const ByLocale& voices, std::string_view locale, std::string_view language) {
  for (const auto wanted : {locale, language}) {
    if (const auto same = voices.find(wanted); same != voices.end()) return same->second;
  }
  const auto near =
      std::ranges::find_if(voices, [&](const auto& v) { return v.first.substr(0, 2) == language.substr(0, 2); });
  return near == voices.end() ? std::string_view() : near->second;
}

/// A document in the making.
class Twiml {
 public:
  Twiml(std::string_view locale, const ByLocale& voices) {
    const auto language = spoken_language(locale);
    say_ = "<Say language=\"" + std::string(language) + '"';
    if (const auto voice = voice_of(voices, locale, language); !voice.empty()) {
      say_ += " voice=\"";
      append_escaped(say_, voice);
      say_ += '"';
    }
    say_ += '>';
  }
  Twiml& verb(std::string_view xml) {
    text_ += xml;
    return *this;
  }
  Twiml& attribute(std::string_view value) {
    append_escaped(text_, value);
    return *this;
  }
  Twiml& say(std::string_view text) {
    if (text.empty()) return *this;
    text_ += say_;
    append_escaped(text_, text);
    text_ += "</Say>";
    return *this;
  }
  /// One by one, a second apart: to be written down.
  Twiml& spell(std::string_view code) {
    for (std::size_t i = 0; i < code.size(); ++i) say(code.substr(i, 1)).verb(kPause);
    return *this;
  }
  std::string take() { return "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response>" + text_ + "<Hangup/></Response>"; }

 private:
  std::string say_;
  std::string text_;
};

/// Why nobody heard the code.
ProviderError why_unheard(const FormPairs& form, std::string_view status) {
  ProviderError error{Fault::kUnavailable, PersonNotice::kTryAnotherWay, std::string(status), "Nobody took the call.",
                      std::nullopt};
  if (status == "completed") {
    error.provider_code = "no_key";
    error.detail = "Somebody or something took the call, and pressed no key.";
  } else if (status == "failed") {
    if (const auto* known = find_twilio_error(parameter_number(form, "ErrorCode")); known != nullptr)
      return twilio_error_of_code(parameter_number(form, "ErrorCode"));
    const int sip = parameter_number(form, "SipResponseCode");
    const bool unknown = sip == 404 || sip == 410 || sip == 484 || sip == 604;  // RFC 3261, 21.4 and 21.6
    error.fault = unknown ? Fault::kInvalidAddress : Fault::kRejected;
    error.notice = unknown ? PersonNotice::kNumberNotSupported : PersonNotice::kTryAnotherWay;
    error.detail = "The call could not be connected.";
  } else if (status == "canceled") {
    error.fault = Fault::kRejected;
    error.detail = "The call was canceled at Twilio.";
  }
  return error;
}

using contact::DeliveryStage;

std::optional<DeliveryStage> stage_of_call(std::string_view status) {
  constexpr std::array<std::string_view, 2> kWaiting = {"queued", "initiated"};
  constexpr std::array<std::string_view, 2> kUnderway = {"ringing", "in-progress"};
  constexpr std::array<std::string_view, 5> kOver = {"completed", "busy", "no-answer", "failed", "canceled"};
  if (std::ranges::find(kWaiting, status) != kWaiting.end()) return DeliveryStage::kAccepted;
  if (std::ranges::find(kUnderway, status) != kUnderway.end()) return DeliveryStage::kSent;
  if (std::ranges::find(kOver, status) != kOver.end()) return DeliveryStage::kFailed;
  return std::nullopt;
}

/// A notice has no code, or one that approves nothing: it is said at once, twice.
std::string first_twiml(const OutgoingMessage& message, const ByLocale& voices) {
  const auto& code = message.code.expose();
  if (!code.empty() && message.call.next_url.empty())
    return twiml_that_reads(message.call, code, message.locale, voices);
  if (!code.empty()) return twiml_that_asks(message.call, message.locale, voices);
  return Twiml(message.locale, voices).verb(kPause).say(message.body).verb(kPause).say(message.body).take();
}

}  // namespace

std::string twiml_that_asks(const CallWords& words, std::string_view locale, const ByLocale& voices) {
  return Twiml(locale, voices)
      .verb(R"(<Gather input="dtmf" numDigits="1" finishOnKey="" timeout="8" method="POST" action=")")
      .attribute(words.next_url)
      .verb("\">")
      .verb(kPause)
      .say(words.ask)
      .verb("<Pause length=\"3\"/>")
      .say(words.ask)
      .verb("</Gather>")
      .take();
}

std::string twiml_that_reads(const CallWords& words, std::string_view code, std::string_view locale,
                             const ByLocale& voices) {
  return Twiml(locale, voices)
      .say(words.before)
      .verb(kPause)
      .spell(code)
      .say(words.again)
      .verb(kPause)
      .spell(code)
      .say(words.after)
      .take();
}

std::string twiml_that_says(std::string_view text, std::string_view locale, const ByLocale& voices) {
  return Twiml(locale, voices).say(text).take();
}

TwilioVoice::TwilioVoice(HttpClient& http, const Clock& clock, TwilioVoiceOptions options)
    : http_(http), clock_(clock), options_(std::move(options)) {}

void TwilioVoice::send(OutgoingMessage message, ProviderDone<Accepted> done) {
  CS_CHECK(supports(message.channel));
  std::string twiml = first_twiml(message, options_.voices);
  if (twiml.size() > kTwimlMax)
    return done(fail(ProviderError{Fault::kMisconfigured, PersonNotice::kTryAnotherWay, "",
                                   "The text is longer than Twilio takes: shorten the service's name.", std::nullopt}));
  FormPairs form = {{"To", message.to}, {"From", options_.from}, {"Twiml", std::move(twiml)}};
  form.emplace_back("Timeout", kRingSeconds);
  form.emplace_back("TimeLimit", kTalkSeconds);
  if (!message.status_callback_url.empty()) {
    form.emplace_back("StatusCallback", message.status_callback_url);
    form.emplace_back("StatusCallbackEvent", "completed");
  }
  const auto path = "/2010-04-01/Accounts/" + percent_encode(options_.account.account_sid) + "/Calls.json";
  auto call = twilio_post(options_.account, kBaseUrl, path, form);
  for (auto& [name, value] : form) wipe(value.data(), value.size());
  http_.send(std::move(call), [&clock = clock_, done = std::move(done)](const HttpResult& result) mutable {
    done(read_call_created(result, clock.now()));
  });
}

Result<Accepted, ProviderError> read_call_created(const HttpResult& result, WallTime now) {
  const auto body = twilio_object(result, now);
  if (!body) return fail(creation_error(body.error()));
  const auto sid = json_text(*body, "sid");
  const auto status = json_text(*body, "status");
  const auto stage = status ? stage_of_call(*status) : std::nullopt;
  constexpr std::size_t kSidMax = 64;
  if (!sid || !stage || !sid->starts_with("CA") || sid->size() > kSidMax) return fail(unreadable_answer(*result));
  if (*stage == DeliveryStage::kFailed) return fail(why_unheard({}, *status));
  return Accepted{std::string(*sid)};
}

std::optional<TwilioReport> parse_call_callback(const FormPairs& form) {
  const auto sid = parameter_of(form, "CallSid");
  const auto status = parameter_of(form, "CallStatus");
  const auto stage = status ? stage_of_call(*status) : std::nullopt;
  if (!sid || sid->empty() || !stage) return std::nullopt;
  TwilioReport report{std::string(*sid), *stage, std::nullopt, ""};
  if (*stage == DeliveryStage::kFailed) {
    auto error = why_unheard(form, *status);
    report.reason = reason_of(error.fault);
    report.error_code = std::move(error.provider_code);
  }
  return report;
}

}  // namespace countersign::delivery
