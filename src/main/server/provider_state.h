#pragma once

#include <vector>

#include "api/operations/operations.h"
#include "main/config/config.h"
#include "usecase/outbox/conversion.h"
#include "usecase/outbox/provider_board.h"

namespace countersign::main {

/// Of every configured provider, for /metrics.
[[nodiscard]] std::vector<api::ProviderFigures> provider_figures(const Config& config,
                                                                 const usecase::ProviderBoard& board);

/// Names of accounts whose spending is stopped; `all` for the whole server.
[[nodiscard]] std::vector<std::string> stopped_accounts(const usecase::Settings& settings,
                                                        const usecase::ProviderBoard& board);

/// For the operator: a learned share has changed.
void log_share(const usecase::ShareChange& change);

}  // namespace countersign::main
