#include "main/auth_tokens.h"

#include "store/repository/accounts.h"

namespace countersign::app {

Result<api::twilio::AuthTokens, store::StoreError> make_auth_tokens(store::Store& store, const store::Vault& vault,
                                                                    const usecase::Settings& settings,
                                                                    const Server::Credentials& credentials,
                                                                    Moment moment) {
  return store.transact_now([&](store::Tx& tx) {
    Moment now = moment;
    api::twilio::AuthTokens tokens;
    for (const auto& [id, account] : settings.accounts) {
      const bool given = id.text() == credentials.account_sid;
      const SecretString wanted(given ? credentials.auth_token : std::string());
      tokens.emplace(id, store::ensure_auth_token(tx, vault, id, wanted, now));
    }
    return tokens;
  });
}

}  // namespace countersign::app
