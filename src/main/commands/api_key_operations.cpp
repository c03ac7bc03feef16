#include "main/commands/api_key_operations.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/test_account.h"
#include "main/commands/operator_event.h"
#include "usecase/api_keys.h"
#include "usecase/verify_api/auth_token.h"

namespace countersign::main {

namespace {

constexpr std::size_t kNameMax = 100;  // Bytes.
constexpr std::int64_t kLifeMax = std::int64_t{100} * 365 * 24 * 3600;

std::string naming(const ApiKeyId& key) { return fmt::format(R"({{"api_key":"{}"}})", key.text()); }

bool has_service(const Config& config, std::string_view account) {
  const auto is_account = [&](const AccountConfig& one) { return one.name == account; };
  const auto is_its = [&](const ServiceConfig& one) { return one.account == account; };
  return std::ranges::any_of(config.accounts, is_account) && std::ranges::any_of(config.services, is_its);
}

/// Shown in terminals, so without control characters.
bool is_label(std::string_view name) {
  const auto steers = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
  return !name.empty() && name.size() <= kNameMax && std::ranges::none_of(name, steers);
}

bool says(const json::object& arguments, std::string_view name) {
  const auto* value = arguments.if_contains(name);
  return value != nullptr && value->is_bool() && value->get_bool();
}

/// The names of accounts; a test account has its live account's name.
std::map<AccountId, std::string> names_of_accounts(store::Tx& tx) {
  auto names = store::account_names(tx);
  std::map<AccountId, std::string> twins;
  for (const auto& [id, name] : names) twins.emplace(test_twin_of(id), name);
  names.merge(twins);
  return names;
}

/// The result of a unit that may refuse, as an answer.
AdminAnswer answer_of(Result<AdminAnswer, store::StoreError> outcome) {
  if (!outcome) return fail(outcome.error().detail);
  return *std::move(outcome);
}

/// Applies the change to the secondary token; false if it is not possible in the current state.
bool change_tokens(store::Tx& tx, const AdminContext& context, const AccountId& account, std::string_view change,
                   Moment& moment) {
  if (change == "add_secondary") {
    static_cast<void>(usecase::verify_api::make_secondary_token(tx, context.vault, account, moment));
    record(tx, context, account, "auth_token.created", "{}", moment);
    return true;
  }
  if (change == "promote") {
    record(tx, context, account, "auth_token.promoted", "{}", moment);
    return usecase::verify_api::promote_secondary_token(tx, context.vault, account, moment);
  }
  if (change == "drop_secondary") {
    record(tx, context, account, "auth_token.dropped", "{}", moment);
    return usecase::verify_api::remove_secondary_token(tx, context.vault, account);
  }
  return true;
}

void add_time(json::object& object, std::string_view name, std::optional<WallTime> time) {
  if (time) object[name] = to_rfc3339(*time);
}

}  // namespace

AdminAnswer create_api_key(const AdminContext& context, const json::object& arguments) {
  const auto account_name = json_text_or_empty(arguments, "account");
  const auto name = json_text_or_empty(arguments, "name");
  const auto seconds = json_integer(arguments, "expires_in_seconds");
  if (!has_service(context.config, account_name)) {
    return fail(fmt::format("the configuration has no account \"{}\" with a service", account_name));
  }
  if (!is_label(name)) {
    return fail(fmt::format("the name of a key has 1 to {} bytes, and no control characters", kNameMax));
  }
  if (seconds && (*seconds <= 0 || *seconds > kLifeMax)) return fail(std::string("a key's life is up to 100 years"));

  const bool test = says(arguments, "test");
  if (test && !context.config.test_mode.enabled) {
    return fail(std::string("test_mode.enabled is false, so no test key would work"));
  }
  const auto issued = context.store.transact_now([&](store::Tx& tx) {
    Moment moment{context.clock.now(), context.random};
    const auto expires = seconds ? std::optional(moment.now + std::chrono::seconds(*seconds)) : std::nullopt;
    const AccountId live = store::ensure_account(tx, account_name, moment);
    auto key = usecase::issue_key(context.digester, test ? test_twin_of(live) : live, name, expires, moment,
                                  says(arguments, "may_vouch"), says(arguments, "may_administer"));
    store::insert_api_key(tx, key.row);
    record(tx, context, key.row.account, "api_key.created", naming(key.row.id), moment);
    return key;
  });
  if (!issued) return fail(issued.error().detail);
  return json::object{{"id", issued->row.id.text()}, {"key", issued->text.expose()}};
}

AdminAnswer list_api_keys(const AdminContext& context, const json::object& arguments) {
  const auto only = json_text(arguments, "account");
  const WallTime now = context.clock.now();
  return answer_of(context.store.read_now([&](store::Tx& tx) -> AdminAnswer {
    if (only && !store::find_account(tx, *only)) return fail(fmt::format("there is no account \"{}\"", *only));
    const auto names = names_of_accounts(tx);
    json::array keys;
    for (const auto& key : store::all_api_keys(tx)) {
      const auto account = names.find(key.account);
      const std::string name = account == names.end() ? key.account.text() : account->second;
      if (only && name != *only) continue;
      const bool expired = key.expires_at && now >= *key.expires_at;
      json::object one{{"id", key.id.text()},
                       {"account", name},
                       {"name", key.name},
                       {"state", key.revoked_at ? "revoked"
                                 : expired      ? "expired"
                                                : "valid"},
                       {"may_vouch", key.may_vouch},
                       {"may_administer", key.may_administer},
                       {"test", is_test(key.account)},
                       {"created_at", to_rfc3339(key.created_at)}};
      add_time(one, "expires_at", key.expires_at);
      add_time(one, "revoked_at", key.revoked_at);
      add_time(one, "last_used_at", key.last_used_at);
      keys.push_back(std::move(one));
    }
    return json::object{{"keys", std::move(keys)}};
  }));
}

AdminAnswer revoke_api_key(const AdminContext& context, const json::object& arguments) {
  const auto id = ApiKeyId::parse(json_text_or_empty(arguments, "id"));
  if (!id) return fail(std::string("an API key's id is SK and 32 hex digits"));
  return answer_of(context.store.transact_now([&](store::Tx& tx) -> AdminAnswer {
    Moment moment{context.clock.now(), context.random};
    const auto account = store::revoke_api_key(tx, *id, moment.now);
    if (!account) return fail(std::string("there is no such key, or it was revoked before"));
    record(tx, context, *account, "api_key.revoked", naming(*id), moment);
    return json::object{{"id", id->text()}};
  }));
}

AdminAnswer change_auth_token(const AdminContext& context, const json::object& arguments) {
  const auto name = json_text_or_empty(arguments, "account");
  const auto change = json_text_or_empty(arguments, "change");
  return answer_of(context.store.transact_now([&](store::Tx& tx) -> AdminAnswer {
    Moment moment{context.clock.now(), context.random};
    const auto account = store::find_account(tx, name);
    if (!account) return fail(fmt::format("there is no account \"{}\"", name));
    static_cast<void>(store::ensure_auth_token(tx, context.vault, *account, {}, moment));
    if (!change_tokens(tx, context, *account, change, moment)) {
      tx.abandon();
      return fail(std::string("there is no second auth token; --add-secondary makes one"));
    }
    const auto pair = usecase::verify_api::find_auth_tokens(tx, context.vault, *account);
    json::object answer{{"account_sid", account->text()},
                        {"primary", pair->primary.expose()},
                        {"test", usecase::verify_api::test_token(pair->primary).expose()}};
    if (pair->secondary) answer["secondary"] = pair->secondary->expose();
    return answer;
  }));
}

}  // namespace countersign::main
