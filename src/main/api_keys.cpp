#include "main/api_keys.h"

#include <fmt/format.h>

#include <ostream>

#include "api/keys.h"
#include "main/keys.h"
#include "main/open_store.h"
#include "main/server.h"
#include "main/settings.h"
#include "store/repository/events.h"
#include "usecase/verify/auth_token.h"

namespace countersign::app {

namespace {

/// What an operator does to keys and tokens is in the account's audit trail, like everything else. [LOG-5]
void record(store::Tx& tx, const AccountId& account, std::string_view type, std::string data, Moment& moment) {
  store::EventRow event;
  event.account = account;
  event.id = {Id::make(moment)};
  event.type = type;
  event.actor = "operator";
  event.data = std::move(data);
  event.created_at = moment.now;
  store::insert_event(tx, event);
}

std::string naming(const ApiKeyId& key) { return fmt::format(R"({{"api_key":"{}"}})", key.text()); }

struct Work {
  store::Store& store;
  const Config& config;
  Clock& clock;
  Random& random;
  std::ostream& out;
  std::ostream& err;

  int fail_with(std::string_view sentence) const {
    err << "countersign: " << sentence << '\n';
    return 1;
  }

  int create(const ApiKeyCommand& command) const {
    auto settings = make_settings(config, store, clock, random);
    if (!settings) return fail_with(settings.error().detail);
    const auto account = store.read_now([&](store::Tx& tx) { return store::find_account(tx, command.account); });
    if (!account) return fail_with(account.error().detail);
    if (!*account || !settings->accounts.contains(**account)) {
      return fail_with(fmt::format("the configuration has no account \"{}\" with a service", command.account));
    }
    const auto keyring = keyring_of(config.secrets);
    Moment moment{clock.now(), random};
    const auto expires = command.expires_in ? std::optional(moment.now + *command.expires_in) : std::nullopt;
    const auto issued =
        api::issue_key(crypto::Digester(keyring), **account, command.name, expires, moment, command.may_vouch);
    const auto saved = store.transact_now([&](store::Tx& tx) {
      store::insert_api_key(tx, issued.row);
      record(tx, **account, "api_key.created", naming(issued.row.id), moment);
      return Done{};
    });
    if (!saved) return fail_with(saved.error().detail);
    out << issued.text.expose() << '\n';
    err << "Keep it now: it is not shown again.\n";
    return 0;
  }

  int list() const {
    const auto keys = store.read_now([](store::Tx& tx) { return store::all_api_keys(tx); });
    if (!keys) return fail_with(keys.error().detail);
    for (const auto& key : *keys) {
      const auto state = key.revoked_at                                     ? "revoked"
                         : key.expires_at && clock.now() >= *key.expires_at ? "expired"
                                                                            : "valid";
      out << fmt::format("{}  {:7}  created {}  {}{}\n", key.id.text(), state, to_rfc3339(key.created_at), key.name,
                         key.may_vouch ? "  (may vouch)" : "");
    }
    return 0;
  }

  /// Does what was asked with the second token; false where there is none that it could be done with.
  bool change_token(store::Tx& tx, const store::Vault& vault, const AccountId& account, ApiKeyCommand::Token what,
                    Moment& moment) const {
    using enum ApiKeyCommand::Token;
    switch (what) {
      case kShow:
        return true;
      case kAddSecondary:
        static_cast<void>(usecase::verify::make_secondary_token(tx, vault, account, moment));
        record(tx, account, "auth_token.created", "{}", moment);
        return true;
      case kPromote:
        record(tx, account, "auth_token.promoted", "{}", moment);
        return usecase::verify::promote_secondary_token(tx, vault, account, moment);
      case kDropSecondary:
        record(tx, account, "auth_token.dropped", "{}", moment);
        return usecase::verify::remove_secondary_token(tx, vault, account);
    }
    return false;
  }

  /// Made when it is asked for the first time, here or by a server that starts.
  int auth_token(const ApiKeyCommand& command) const {
    const auto keyring = keyring_of(config.secrets);
    const crypto::Sealer sealer(keyring);
    const crypto::Digester digester(keyring);
    const store::Vault vault(sealer, digester);
    const auto lines = store.transact_now([&](store::Tx& tx) -> Result<std::string, std::string> {
      Moment moment{clock.now(), random};
      const auto account = store::find_account(tx, command.account);
      if (!account) return countersign::fail(fmt::format("there is no account \"{}\"", command.account));
      static_cast<void>(store::ensure_auth_token(tx, vault, *account, {}, moment));
      if (!change_token(tx, vault, *account, command.token, moment)) {
        tx.abandon();
        return countersign::fail(std::string("there is no second auth token; --add-secondary makes one"));
      }
      const auto pair = usecase::verify::find_auth_tokens(tx, vault, *account);
      std::string text = fmt::format("{} {}\n", account->text(), pair->primary.expose());
      if (pair->secondary) text += fmt::format("{} {} secondary\n", account->text(), pair->secondary->expose());
      const auto test = usecase::verify::test_token(pair->primary);
      return text + fmt::format("{} {} test\n", account->text(), test.expose());
    });
    if (!lines) return fail_with(lines.error().detail);
    if (!*lines) return fail_with(lines->error());
    out << **lines;
    return 0;
  }

  int revoke(const ApiKeyCommand& command) const {
    const auto id = ApiKeyId::parse(command.id);
    if (!id) return fail_with("an API key's id is SK and 32 hex digits");
    const auto revoked = store.transact_now([&](store::Tx& tx) {
      Moment moment{clock.now(), random};
      const auto account = store::revoke_api_key(tx, *id, moment.now);
      if (account) record(tx, *account, "api_key.revoked", naming(*id), moment);
      return account.has_value();
    });
    if (!revoked) return fail_with(revoked.error().detail);
    if (!*revoked) return fail_with("there is no such key, or it was revoked before");
    out << "revoked " << id->text() << '\n';
    return 0;
  }
};

}  // namespace

int run_api_key_command(const Config& config, const ApiKeyCommand& command, Clock& clock, Random& random,
                        std::ostream& out, std::ostream& err) {
  // An account's first key is made before there is a server; everything else is about what is there.
  const bool creates = command.action == ApiKeyCommand::Action::kCreate;
  const bool was_missing = missing_file(config).has_value();
  auto store = open_store(config, clock, random, creates ? MissingDatabase::kIsMade : MissingDatabase::kIsRefused);
  if (!store) {
    err << "countersign: " << store.error().sentence << '\n';
    return 1;
  }
  if (was_missing) err << "Made the database " << config.store.sqlite_path.string() << ", which was not there.\n";
  const Work work{**store, config, clock, random, out, err};
  switch (command.action) {
    case ApiKeyCommand::Action::kCreate:
      return work.create(command);
    case ApiKeyCommand::Action::kList:
      return work.list();
    case ApiKeyCommand::Action::kAuthToken:
      return work.auth_token(command);
    case ApiKeyCommand::Action::kRevoke:
      return work.revoke(command);
  }
  return 2;
}

}  // namespace countersign::app
