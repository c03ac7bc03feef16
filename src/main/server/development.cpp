#include "main/server/development.h"

#include <fmt/format.h>

#include <algorithm>

#include "api/home/first_steps.h"
#include "base/encoding.h"
#include "base/json.h"
#include "base/test_account.h"
#include "main/config/files.h"

namespace countersign::main {

namespace {

/// The credentials of an earlier start, as far as still valid.
Server::Credentials read_credentials(const std::filesystem::path& data_dir) {
  Server::Credentials credentials;
  const auto text = read_private_file(credentials_file(data_dir));
  if (!text) return credentials;
  const auto value = parse_json(text->expose());
  if (!value || !value->is_object()) return credentials;
  const auto& object = value->get_object();
  credentials.api_key = json_text(object, "api_key").value_or("");
  credentials.test_api_key = json_text(object, "test_api_key").value_or("");
  credentials.auth_token = json_text(object, "auth_token").value_or("");
  return credentials;
}

bool key_works(store::Store& store, const crypto::Digester& digester, const std::string& key, WallTime now) {
  auto rows = store.read_now([](store::Tx& tx) { return store::all_api_keys(tx); });
  if (!rows) return false;
  usecase::KeyTable table(digester);
  table.replace(*rows);
  return table.find(key, now).has_value();
}

/// `key` if it is valid, else a new one.
Result<std::string, std::string> development_key(store::Store& store, const crypto::Digester& digester,
                                                 const AccountId& account, const std::string& key, Moment& moment) {
  if (key_works(store, digester, key, moment.now)) return key;
  const auto issued = usecase::issue_key(digester, account, "development", std::nullopt, moment);
  const auto saved = store.transact_now([&](store::Tx& tx) {
    store::insert_api_key(tx, issued.row);
    return Done{};
  });
  if (!saved) return fail("the development key cannot be stored: " + saved.error().detail);
  return issued.text.expose();
}

}  // namespace

Result<Server::Credentials, std::string> development_credentials(const Config& config, store::Store& store,
                                                                 const crypto::Digester& digester,
                                                                 const usecase::Settings& settings, Moment& moment) {
  Server::Credentials credentials = read_credentials(config.data_dir);
  const auto live = std::ranges::find_if(settings.accounts, [](const auto& entry) { return !is_test(entry.first); });
  if (live == settings.accounts.end()) return fail(std::string("the configuration has no account with a service"));
  const auto& account = live->second;
  credentials.account_sid = account.id.text();
  credentials.service_sid = account.services.front().id.text();
  if (credentials.auth_token.empty()) credentials.auth_token = to_hex(moment.random.bytes(16));
  auto key = development_key(store, digester, account.id, credentials.api_key, moment);
  if (!key) return fail(key.error());
  credentials.api_key = *std::move(key);
  if (!settings.test_mode) {
    credentials.test_api_key.clear();
    return credentials;
  }
  auto test_key = development_key(store, digester, test_twin_of(account.id), credentials.test_api_key, moment);
  if (!test_key) return fail(test_key.error());
  credentials.test_api_key = *std::move(test_key);
  return credentials;
}

Result<Done, std::string> write_credentials(const std::filesystem::path& data_dir, const Server::Credentials& c) {
  const std::string text = canonical_json(json::object{{"url", c.url},
                                                       {"api_key", c.api_key},
                                                       {"test_api_key", c.test_api_key},
                                                       {"account_sid", c.account_sid},
                                                       {"auth_token", c.auth_token},
                                                       {"service_sid", c.service_sid},
                                                       {"metrics_url", c.metrics_url}}) +
                           "\n";
  const auto file = credentials_file(data_dir);
  std::error_code ignored;
  return std::filesystem::exists(file, ignored) ? replace_private_file(file, text)
                                                : write_new_file(file, text, Visibility::kPrivate);
}

std::filesystem::path credentials_file(const std::filesystem::path& data_dir) {
  return data_dir / "dev-credentials.json";
}

namespace {

/// Each line behind two spaces: what is to be typed stands out from what explains it.
std::string indented(std::string_view lines) {
  std::string out = "  ";
  for (const char c : lines) {
    out += c;
    if (c == '\n') out += "  ";
  }
  return out;
}

}  // namespace

std::string first_steps(const Server::Credentials& c, const std::filesystem::path& data_dir) {
  const api::CurlSteps steps = api::curl_steps();
  return fmt::format(
      R"steps(
Countersign is up in development mode: {url}
Nothing leaves this machine; messages go to the inbox: {url}/dev/inbox
The API, call by call: {url}/docs
Credentials are in {data}/dev-credentials.json{test}

Hold a change of payout account:
  U={url}
  KEY={key}
{hold}

Send the code, read it in the inbox, prove it:
{prove}

Claim the sealed data, once, and acknowledge it:
{claim}
)steps",
      fmt::arg("url", c.url), fmt::arg("key", c.api_key),
      fmt::arg("test",
               c.test_api_key.empty() ? "" : "\nA test key, with a clock to move (docs/testing.md): " + c.test_api_key),
      fmt::arg("data", data_dir.string()), fmt::arg("hold", indented(steps.hold)),
      fmt::arg("prove", indented(steps.prove)), fmt::arg("claim", indented(steps.claim)));
}

}  // namespace countersign::main
