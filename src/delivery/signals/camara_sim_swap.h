#pragma once

#include <memory>
#include <string>

#include "delivery/signals/client_token.h"
#include "delivery/signals/signal.h"

namespace countersign::delivery {

enum class SimSwapOperation : std::uint8_t {
  kRetrieveDate,  ///< When the SIM changed.
  kCheck,         ///< Whether it changed within `max_age`: where a carrier gives no date.
};

struct CamaraSimSwapOptions {
  std::string base_url;  ///< With the API's name and version: `https://api.carrier.example/sim-swap/v2`.
  SimSwapOperation operation = SimSwapOperation::kRetrieveDate;
  std::chrono::hours max_age{72};  ///< Of kCheck: 1 to 2400 h.
  PlainHttp plain_http = PlainHttp::kRefused;
};

/// CAMARA SIM Swap 2.x (camaraproject/SimSwap, code/API_definitions/sim-swap.yaml), with a two-legged token: so the
/// phone number is always in the request. A new subscription counts as a swap there.
class CamaraSimSwap final : public SignalSource {
 public:
  /// Client and clock outlive it.
  CamaraSimSwap(HttpClient& http, const Clock& clock, ClientTokenOptions token, CamaraSimSwapOptions options);

  void ask(const SignalQuestion& question, std::chrono::milliseconds within, SignalDone done) override;
  [[nodiscard]] bool is_about_line() const override { return true; }

 private:
  HttpClient& http_;
  const Clock& clock_;
  std::shared_ptr<ClientToken> token_;
  CamaraSimSwapOptions options_;
};

/// Pure. `latestSimChange` null: none within the period that the carrier monitors, so no finding. `400 OUT_OF_RANGE`
/// (it keeps less than `max_age`) and 422 about the identifier are kMisconfigured; 404 and 422 about the line
/// kNotServed; 401 and 403 kMisconfigured.
[[nodiscard]] SignalResult read_sim_swap_answer(const HttpResult& result, const CamaraSimSwapOptions& options,
                                                WallTime now);

}  // namespace countersign::delivery
