#pragma once

#include <string>

#include "api/twilio/auth_tokens.h"
#include "main/server/server.h"
#include "store/repository/vault.h"
#include "store/store.h"
#include "usecase/settings.h"

namespace countersign::main {

/// The auth token of every configured account, created if missing. In development mode the first account has the one of
/// `credentials`.
[[nodiscard]] Result<api::twilio::AuthTokens::Table, store::StoreError> make_auth_tokens(
    store::Store& store, const store::Vault& vault, const usecase::Settings& settings,
    const Server::Credentials& credentials, Moment moment);

/// Reads the current ones: another process may have replaced some.
[[nodiscard]] api::twilio::AuthTokens::Table read_auth_tokens(store::Tx& tx, const store::Vault& vault,
                                                              const usecase::Settings& settings);

}  // namespace countersign::main
