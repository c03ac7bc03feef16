#include "main/server/auth_tokens.h"

#include "base/test_account.h"
#include "store/repository/accounts.h"

namespace countersign::main {

Result<api::twilio::AuthTokens::Table, store::StoreError> make_auth_tokens(store::Store& store,
                                                                           const store::Vault& vault,
                                                                           const usecase::Settings& settings,
                                                                           const Server::Credentials& credentials,
                                                                           Moment moment) {
  return store.transact_now([&](store::Tx& tx) {
    Moment now = moment;
    for (const auto& [id, account] : settings.accounts) {
      if (is_test(id)) continue;  // Keys of test accounts are only for the native API.
      const bool given = id.text() == credentials.account_sid;
      const SecretString wanted(given ? credentials.auth_token : std::string());
      static_cast<void>(store::ensure_auth_token(tx, vault, id, wanted, now));
    }
    return read_auth_tokens(tx, vault, settings);
  });
}

api::twilio::AuthTokens::Table read_auth_tokens(store::Tx& tx, const store::Vault& vault,
                                                const usecase::Settings& settings) {
  api::twilio::AuthTokens::Table tokens;
  for (const auto& [id, account] : settings.accounts) {
    if (auto pair = usecase::verify_api::find_auth_tokens(tx, vault, id)) tokens.emplace(id, *std::move(pair));
  }
  return tokens;
}

}  // namespace countersign::main
