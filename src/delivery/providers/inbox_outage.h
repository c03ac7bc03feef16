#pragma once

#include <mutex>
#include <optional>
#include <string_view>
#include <vector>

#include "base/worker.h"
#include "delivery/ports.h"

namespace countersign::delivery {

/// How the development provider behaves, as somebody chose who wants to see what an outage does.
enum class Outage : std::uint8_t {
  kNone,
  kFails,    ///< As a provider that answers 500: nothing was sent, and later may work.
  kRefuses,  ///< As one that says no for good.
  kHangs,    ///< As one that does not answer: after kAnswerTime nobody knows whether it sent.
};
/// `none`, `fails`, `refuses`, `hangs`
[[nodiscard]] std::string_view to_text(Outage outage);
[[nodiscard]] std::optional<Outage> parse_outage(std::string_view text);

/// The switch of an outage of the development inbox. Thread-safe. What hangs is answered on a thread of its own; stop()
/// answers all of it.
class InboxOutage {
 public:
  /// As long as a provider is waited for at most (delivery/http_client.h).
  static constexpr Duration kAnswerTime = std::chrono::seconds(15);

  explicit InboxOutage(const Clock& clock);
  ~InboxOutage();  ///< stop()
  InboxOutage(const InboxOutage&) = delete;
  InboxOutage& operator=(const InboxOutage&) = delete;

  [[nodiscard]] Outage now() const;
  /// What hangs is answered at once where that is chosen no more.
  void set(Outage outage);

  /// Fails `done` in its way and answers nothing; or gives it back, where there is no outage.
  [[nodiscard]] std::optional<ProviderDone<Accepted>> strike(ProviderDone<Accepted> done);

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
