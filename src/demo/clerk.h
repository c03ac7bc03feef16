#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/random.h"
#include "base/time.h"
#include "base/worker.h"
#include "demo/confirmations.h"
#include "demo/countersign_client.h"
#include "demo/database.h"

namespace countersign::demo {

/// Completes every confirmation in the background: polls its status at Countersign, claims, stores the result,
/// acknowledges. Only this class does so: webhooks and returning people only trigger an earlier poll, so their delay,
/// number and order do not matter.
class Clerk {
 public:
  struct Parts {
    std::unique_ptr<Database> database;
    std::unique_ptr<CountersignClient> countersign;
    std::string webhook_url;  ///< URL for Countersign's webhooks.
    Clock& clock;
    Random& random;
    std::function<void(std::string_view)> on_problem;
  };

  explicit Clerk(Parts parts);

  void start();
  void nudge() { worker_.nudge(); }  ///< From any thread.
  void stop();

 private:
  void tick();
  void settle(const Confirmation& confirmation);
  void follow_status(const Confirmation& confirmation, std::string_view status, WallTime began_at);
  void claim(const Confirmation& confirmation);
  void acknowledge(const Confirmation& confirmation);
  void tell_withdrawal(const Confirmation& confirmation);
  void try_later(const Confirmation& confirmation, const ApiError& error);
  void register_webhook();
  [[nodiscard]] bool keep_or_drop_webhook();
  void drop_forgotten_webhook();

  Parts parts_;
  bool webhook_registered_ = false;
  WallTime register_at_{};
  Worker worker_;
};

}  // namespace countersign::demo
