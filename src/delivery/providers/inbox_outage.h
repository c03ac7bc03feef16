#pragma once

#include <mutex>
#include <optional>
#include <string_view>
#include <vector>

#include "base/worker.h"
#include "delivery/ports.h"

namespace countersign::delivery {

/// How the development provider behaves, so that a developer can see the effect of an outage.
enum class Outage : std::uint8_t {
  kNone,
  kFails,       ///< Like a provider that answers 500: nothing was sent, and a retry may work.
  kRefuses,     ///< Like a provider that refuses for good.
  kHangs,       ///< Like a provider that does not answer: after kAnswerTime it is unknown whether it sent.
  kNoSms,       ///< Text messages alone are refused, as to a landline.
  kNoWhatsapp,  ///< WhatsApp alone refuses, as for a number that it does not have.
};
/// `none`, `fails`, `refuses`, `hangs`, `no_sms`, `no_whatsapp`
[[nodiscard]] std::string_view to_text(Outage outage);
[[nodiscard]] std::optional<Outage> parse_outage(std::string_view text);

/// Simulates an outage of the development inbox. Thread-safe. Hanging calls are answered on a separate thread; stop()
/// answers all of them.
class InboxOutage {
 public:
  /// The longest wait for a provider (delivery/http_client.h).
  static constexpr Duration kAnswerTime = std::chrono::seconds(15);

  explicit InboxOutage(const Clock& clock);
  ~InboxOutage();  ///< stop()
  InboxOutage(const InboxOutage&) = delete;
  InboxOutage& operator=(const InboxOutage&) = delete;

  [[nodiscard]] Outage now() const;
  /// Answers hanging calls at once if the new value is not kHangs.
  void set(Outage outage);

  /// Fails `done` according to the outage and returns nullopt; without an outage of the channel returns it.
  [[nodiscard]] std::optional<ProviderDone<Accepted>> strike(Channel channel, ProviderDone<Accepted> done);

  void stop();

 private:
  struct Hanging {
    MonotonicTime until;
    ProviderDone<Accepted> done;
  };
  void answer_until(MonotonicTime now);

  const Clock& clock_;
  mutable std::mutex mutex_;
  Outage outage_ = Outage::kNone;
  bool stopped_ = false;
  std::vector<Hanging> hanging_;
  Worker ticker_;
};

}  // namespace countersign::delivery
