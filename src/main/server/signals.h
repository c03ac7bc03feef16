#pragma once

#include <memory>

#include "api/operations/operations.h"
#include "api/operations/shared_signals.h"
#include "delivery/http_client.h"
#include "delivery/signals/panel.h"
#include "main/config/config.h"

namespace countersign::main {

/// The sources of signals, with connections of their own: a slow one takes none of those of codes.
class Signals {
 public:
  /// Clock and randomness outlive it.
  Signals(const Config& config, const Clock& clock, Random& random, delivery::SignalHooks hooks);

  [[nodiscard]] delivery::SignalPanel& panel() { return panel_; }
  /// The issuers that tell of people, with keys that are fetched over these connections.
  [[nodiscard]] std::vector<api::SharedSignals> receivers(const Config& config, const usecase::Settings& settings,
                                                          const Clock& clock);
  /// Whoever waits is answered; later questions are not asked.
  void stop() { http_.stop(std::chrono::milliseconds(0)); }

 private:
  delivery::SignalPanel panel_;
  delivery::HttpClient http_;  ///< Ends before what its callbacks use.
};

/// Null where none is configured. `metrics` outlives it.
[[nodiscard]] std::unique_ptr<Signals> make_signals(const Config& config, const Clock& clock, Random& random,
                                                    api::Metrics& metrics);

}  // namespace countersign::main
