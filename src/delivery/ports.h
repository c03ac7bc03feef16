#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/id.h"
#include "base/result.h"
#include "base/secret.h"
#include "base/time.h"
#include "contact/channel.h"

namespace countersign::delivery {

using contact::Channel;

/// One thing to deliver, rendered. Holds the code in clear: it lives between the outbox and the provider only.
struct OutgoingMessage {
  MessageId id;
  Channel channel;
  std::string to;       ///< E.164, or an e-mail address.
  std::string subject;  ///< E-mail only.
  std::string body;
  SecretString code;    ///< Once more by itself, for the development inbox and for the templates of an HTTP hook.
  std::string locale;   ///< BCP 47.
  WallTime expires_at;  ///< When the code is over: nothing needs to be delivered after that.
  std::string status_callback_url;  ///< Where the provider may report delivery; empty: nowhere.
};

/// Why a provider did not do what it was asked.
enum class Fault {
  kInvalidAddress,      ///< No such number or address.
  kUnsupportedAddress,  ///< It exists, but this channel cannot reach it: landline, country.
  kBlocked,             ///< Opted out, fraud guard, geographic permissions.
  kRateLimited,         ///< Later would work.
  kMisconfigured,       ///< Ours to repair: credentials, disabled channel, balance, a malformed request.
  kUnavailable,         ///< Time-outs, 5xx, no connection.
  kRejected,            ///< Any other final refusal.
  kNotFound,            ///< The verification is over at the provider, or was never there.
  kAttemptsExhausted,   ///< No more sends or checks for this verification.
};
[[nodiscard]] std::string_view name_of(Fault fault);

/// What the person may be told: the key of one sentence in the catalogue of texts.
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
  std::string provider_code;            ///< The provider's own, e.g. "60203"; empty when it gave none.
  std::string detail;                   ///< One sentence for the operator's log. No secrets, no address of a person.
  std::optional<Duration> retry_after;  ///< How long the provider asked to be left alone.
  bool maybe_sent = false;  ///< The provider may have carried the request out: sending again could send twice.
  bool outage = false;      ///< It is in trouble itself, whatever the message: its circuit breaker counts this.
};

/// Whether the same request can succeed later: kUnavailable and kRateLimited. How often it is repeated, and that what
/// `maybe_sent` is repeated once at most, says delivery/backoff.h.
[[nodiscard]] bool is_retryable(const ProviderError& error);

struct Accepted {
  std::string provider_ref;  ///< The provider's name for it (SM…, VE…); what its callbacks will name.
};

template <class T>
using ProviderDone = std::move_only_function<void(Result<T, ProviderError>)>;

/// A provider that delivers what we made: text messages, e-mail, hooks, the inbox.
///
/// Thread-safe. `done` runs exactly once, on a thread of the provider's or within send() itself; it must not throw or
/// block. Accepted means that the provider took the message over, not that it arrived.
class Sender {
 public:
  virtual ~Sender() = default;
  /// The message's channel is one that it supports().
  virtual void send(OutgoingMessage message, ProviderDone<Accepted> done) = 0;
  [[nodiscard]] virtual std::string_view name() const = 0;
  [[nodiscard]] virtual bool supports(Channel channel) const = 0;
};

struct VerificationStart {
  MessageId id;
  Channel channel;
  std::string to;  ///< E.164, or an e-mail address.
  std::string locale;
  std::optional<std::string> amount;  ///< What the person is asked to confirm, as shown; with `payee` or not at all.
  std::optional<std::string> payee;
  std::optional<std::string> friendly_name;  ///< Whom the message names as the sender.

  // One pending verification for an address is all that a provider may keep.
  std::optional<std::string> again = {};  ///< Its name for the one to be sent once more; absent: a new one.
  bool ends_pending = false;              ///< Another one may be pending for the address: it is ended first.
  /// Not to be made from then on: by then somebody else may have the address. Absent: whenever.
  std::optional<WallTime> call_before = {};
};

struct VerificationCheck {
  std::string provider_ref;
  SecretString code;
  std::optional<std::string> amount;  ///< As at the start, else the provider does not approve.
  std::optional<std::string> payee;
};

enum class VerifierVerdict {
  kApproved,
  kWrongCode,
  kOver,  ///< Expired, canceled, used, exhausted or unknown: a new one must be started.
};

/// A provider that makes, sends and checks codes itself. Threads as for Sender.
class Verifier {
 public:
  virtual ~Verifier() = default;
  /// Accepted is a verification that was made by this request, or the one that it names. Where the provider would send
  /// the code of another one once more, that one is ended and the answer is a kUnavailable that can be repeated.
  virtual void start(VerificationStart start, ProviderDone<Accepted> done) = 0;
  /// After an error with `maybe_sent` the provider may have counted the attempt.
  virtual void check(VerificationCheck check, ProviderDone<VerifierVerdict> done) = 0;
  /// One that is over already counts as canceled.
  virtual void cancel(std::string provider_ref, ProviderDone<Done> done) = 0;
  [[nodiscard]] virtual std::string_view name() const = 0;
  [[nodiscard]] virtual bool supports(Channel channel) const = 0;
};

}  // namespace countersign::delivery
