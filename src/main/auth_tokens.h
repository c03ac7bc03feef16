#pragma once

#include <string>

#include "api/twilio/auth_tokens.h"
#include "main/server.h"
#include "store/repository/vault.h"
#include "store/store.h"
#include "usecase/context.h"

namespace countersign::app {

/// The auth token of every account that is configured, made where there is none yet. In development mode the first
/// account has the one of `credentials`.
[[nodiscard]] Result<api::twilio::AuthTokens::Table, store::StoreError> make_auth_tokens(
    store::Store& store, const store::Vault& vault, const usecase::Settings& settings,
    const Server::Credentials& credentials, Moment moment);

/// Those that there are now: another process may have replaced some.
[[nodiscard]] api::twilio::AuthTokens::Table read_auth_tokens(store::Tx& tx, const store::Vault& vault,
                                                              const usecase::Settings& settings);

}  // namespace countersign::app
