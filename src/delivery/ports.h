#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/id.h"
#include "base/result.h"
#include "base/secret.h"
#include "base/time.h"
#include "contact/channel.h"
#include "contact/delivery.h"

namespace countersign::delivery {

using contact::Channel;

/// Calls with a code only: what a voice says. Before the person presses a key it says `ask` alone: an answering machine
/// presses none, so no digit of the code is in it.
struct CallWords {
  std::string ask;       ///< Who calls, and to press a key.
  std::string before;    ///< What the code approves, up to the digits.
  std::string again;     ///< Between the digits and their repetition.
  std::string after;     ///< At the end.
  std::string next_url;  ///< Ours: where a provider gets what follows the key. The code is in it, sealed.
};

/// A channel of a telephone line by which a message may go, where the product chooses the channel.
struct ChannelOfLine {
  Channel channel;
  /// Of the line by that channel; nullopt: it is made once a message goes there.
  std::optional<ContactId> contact;
  std::string body = {};  ///< For that channel; empty: written from the display of the transaction.
};

/// One rendered message. Contains the code in clear, so it exists only between the outbox and the provider.
struct OutgoingMessage {
  MessageId id;
  Channel channel;
  std::string to;       ///< E.164, or an e-mail address.
  std::string subject;  ///< E-mail only.
  std::string body;
  SecretString code;                ///< Separately, for the development inbox and for the templates of an HTTP hook.
  std::string locale;               ///< BCP 47.
  WallTime expires_at;              ///< Expiry of the code: do not deliver it afterwards.
  std::string status_callback_url;  ///< Where the provider may report delivery; empty: none.
  /// E-mail only: marks the return path, by which a report of the failed delivery is believed. Base32; empty: none.
  std::string return_tag = {};
  std::string html = {};   ///< E-mail only: the body once more, for mail programs that show HTML. Empty: there is none.
  AccountId account = {};  ///< Whose message it is: with `id`, by which a provider's report finds it.
  CallWords call = {};
  // For whoever chooses its provider; no provider reads these.
  /// All by which it may go, its own included, the preferred one first. Empty: by its own alone.
  std::vector<ChannelOfLine> channels = {};
  bool display_required = true;  ///< It may not go on by a channel that does not show what is approved.
  /// Of a notice: by whom it was refused for good, each a channel and the name of a provider.
  std::vector<std::pair<Channel, std::string>> refused_by = {};
};

/// Why a provider refused or failed a request.
enum class Fault {
  kInvalidAddress,      ///< No such number or address.
  kOptedOut,            ///< Its holder wants no messages of this sender.
  kLandline,            ///< It gets no text messages.
  kUnsupportedAddress,  ///< It exists, but this channel cannot reach it: country, no WhatsApp.
  kBlocked,             ///< Fraud guard, geographic permissions.
  kRateLimited,         ///< Can succeed later.
  kMisconfigured,       ///< The operator must fix it: credentials, disabled channel, balance, a malformed request.
  kUnavailable,         ///< Time-outs, 5xx, no connection.
  kRejected,            ///< Any other final refusal.
  kNotFound,            ///< The verification is over at the provider, or never existed.
  kAttemptsExhausted,   ///< No more sends or checks for this verification.
};
[[nodiscard]] std::string_view name_of(Fault fault);
/// Why a message with that fault was not delivered.
[[nodiscard]] contact::DeliveryReason reason_of(Fault fault);

/// What the person is told: the key of a sentence in the catalogue of texts.
enum class PersonNotice {
  kTryAnotherWay,
  kNumberNotSupported,
  kTooManyAttempts,
  kWait,
  kTemporarilyUnavailable,
  kCodeOver,
};
/// `try_another_way`, `number_not_supported`, …
[[nodiscard]] std::string_view name_of(PersonNotice notice);

struct ProviderError {
  Fault fault;
  PersonNotice notice;
  std::string provider_code;  ///< The provider's own, such as "60203"; empty if it gave none.
  std::string detail;         ///< One sentence for the operator's log, without secrets or addresses of people.
  std::optional<Duration> retry_after;  ///< How long the provider asked to wait.
  bool maybe_sent = false;              ///< The provider may have carried out the request: a retry could send twice.
  bool outage = false;        ///< The provider itself fails, whatever the message: counts for its circuit breaker.
  bool beyond_reach = false;  ///< The number is well, and this provider or account does not serve its country.
};

/// Whether another provider may carry what this one refused: it is out of order, limits us, is set up wrongly or does
/// not reach the country. False where the refusal is about the person's own address, or a reason is missing.
[[nodiscard]] bool is_about_provider(const ProviderError& error);

/// Whether another channel may reach the number that this one certainly does not: no WhatsApp there, a landline; or
/// WhatsApp declines to deliver to it. Not where the number is wrong, or somebody has opted out of text messages.
[[nodiscard]] bool is_about_channel(contact::DeliveryReason reason, Channel channel);

/// Whether the same request can succeed later: kUnavailable and kRateLimited. delivery/backoff.h decides how often it
/// is retried, and that `maybe_sent` is retried at most once.
[[nodiscard]] bool is_retryable(const ProviderError& error);

struct Accepted {
  std::string provider_ref;  ///< The provider's reference (SM…, VE…); its callbacks use it.
};

template <class T>
using ProviderDone = std::move_only_function<void(Result<T, ProviderError>)>;

/// A provider that delivers our own messages: text messages, e-mail, hooks, the inbox.
///
/// Thread-safe. `done` runs exactly once, on a thread of the provider or within send() itself; it must not throw or
/// block. Accepted means that the provider took the message, not that it arrived.
class Sender {
 public:
  virtual ~Sender() = default;
  /// The message's channel must be one that it supports().
  virtual void send(OutgoingMessage message, ProviderDone<Accepted> done) = 0;
  [[nodiscard]] virtual std::string_view name() const = 0;
  [[nodiscard]] virtual bool supports(Channel channel) const = 0;
  /// Whether the person sees or hears `body` in a message on that channel. False where a template of the carrier shows
  /// the code alone: what it approves is then not in the message, and a notice cannot be sent.
  [[nodiscard]] virtual bool shows_display(Channel) const { return true; }
  /// Ends connections of its own: before it returns, `done` of every message has run. Later messages fail.
  virtual void stop() {}
};

struct VerificationStart {
  MessageId id;
  Channel channel;
  std::string to;  ///< E.164, or an e-mail address.
  std::string locale;
  std::optional<std::string> amount;  ///< What the person confirms, as shown; set together with `payee` or not at all.
  std::optional<std::string> payee;
  std::optional<std::string> friendly_name;  ///< The sender's name in the message.

  // A provider may keep only one pending verification per address.
  std::optional<std::string> again = {};  ///< Reference of the one to send again; absent: start a new one.
  bool ends_pending = false;              ///< Another one may be pending for the address: end it first.
  /// Do not start the call after this time: the address may have another owner by then. Absent: any time.
  std::optional<WallTime> call_before = {};
};

struct VerificationCheck {
  std::string provider_ref;
  SecretString code;
  std::optional<std::string> amount;  ///< As at the start, otherwise the provider does not approve.
  std::optional<std::string> payee;
};

enum class VerifierVerdict {
  kApproved,
  kWrongCode,
  kOver,  ///< Expired, canceled, used, exhausted or unknown: start a new one.
};

/// A provider that makes, sends and checks codes itself. Threading as for Sender.
class Verifier {
 public:
  virtual ~Verifier() = default;
  /// Accepted is a verification created by this request, or the one in `again`. If the provider would resend another
  /// verification's code, that one is ended and the result is a retryable kUnavailable.
  virtual void start(VerificationStart start, ProviderDone<Accepted> done) = 0;
  /// After an error with `maybe_sent` the provider may have counted the attempt.
  virtual void check(VerificationCheck check, ProviderDone<VerifierVerdict> done) = 0;
  /// One that is over already counts as canceled.
  virtual void cancel(std::string provider_ref, ProviderDone<Done> done) = 0;
  [[nodiscard]] virtual std::string_view name() const = 0;
  [[nodiscard]] virtual bool supports(Channel channel) const = 0;
};

}  // namespace countersign::delivery
