#include "main/commands/api_keys.h"

#include <fmt/format.h>

#include <ostream>

#include "main/commands/admin.h"
#include "main/commands/exit_status.h"

namespace countersign::main {

namespace {

std::string_view change_of(ApiKeyCommand::Token token) {
  switch (token) {
    case ApiKeyCommand::Token::kShow:
      return "none";
    case ApiKeyCommand::Token::kAddSecondary:
      return "add_secondary";
    case ApiKeyCommand::Token::kPromote:
      return "promote";
    case ApiKeyCommand::Token::kDropSecondary:
      return "drop_secondary";
  }
  return {};
}

AdminCall call_of(const ApiKeyCommand& command) {
  switch (command.action) {
    case ApiKeyCommand::Action::kCreate: {
      json::object arguments{{"account", command.account},
                             {"name", command.name},
                             {"may_vouch", command.may_vouch},
                             {"may_administer", command.may_administer},
                             {"test", command.test}};
      if (command.expires_in) {
        arguments["expires_in_seconds"] = std::chrono::ceil<std::chrono::seconds>(*command.expires_in).count();
      }
      // An account's first key is created before there is a server; every other operation needs an existing database.
      return {"api_key.create", std::move(arguments), MissingDatabase::kIsMade};
    }
    case ApiKeyCommand::Action::kList: {
      json::object arguments;
      if (!command.account.empty()) arguments["account"] = command.account;
      return {"api_key.list", std::move(arguments)};
    }
    case ApiKeyCommand::Action::kRevoke:
      return {"api_key.revoke", {{"id", command.id}}};
    case ApiKeyCommand::Action::kAuthToken:
      return {"auth_token", {{"account", command.account}, {"change", change_of(command.token)}}};
  }
  return {};
}

std::string lines_of_keys(const json::object& answer) {
  std::string text;
  const auto* keys = answer.if_contains("keys");
  if (keys == nullptr || !keys->is_array()) return text;
  for (const auto& value : keys->get_array()) {
    if (!value.is_object()) continue;
    const auto& key = value.get_object();
    const auto word = [&](const char* name) { return json_text_or_empty(key, name); };
    text += fmt::format("{}  {:7}  {}  created {}", word("id"), word("state"), word("account"), word("created_at"));
    for (const auto& [label, name] : {std::pair("expires", "expires_at"), {"revoked", "revoked_at"}}) {
      if (const auto time = json_text(key, name)) text += fmt::format("  {} {}", label, *time);
    }
    const auto used = json_text(key, "last_used_at");
    text += used ? fmt::format("  used {}", *used) : "  not used yet";
    const auto says = [&](const char* name) {
      const auto* said = key.if_contains(name);
      return said != nullptr && said->is_bool() && said->get_bool();
    };
    text += fmt::format("  {}{}{}{}\n", word("name"), says("may_vouch") ? "  (may vouch)" : "",
                        says("may_administer") ? "  (may administer)" : "", says("test") ? "  (test)" : "");
  }
  return text;
}

std::string lines_of_tokens(const json::object& answer) {
  const auto account = json_text_or_empty(answer, "account_sid");
  std::string text = fmt::format("{} {}\n", account, json_text_or_empty(answer, "primary"));
  if (const auto second = json_text(answer, "secondary")) text += fmt::format("{} {} secondary\n", account, *second);
  return text + fmt::format("{} {} test\n", account, json_text_or_empty(answer, "test"));
}

void print(const ApiKeyCommand& command, const json::object& answer, std::ostream& out, std::ostream& err) {
  switch (command.action) {
    case ApiKeyCommand::Action::kCreate:
      out << json_text_or_empty(answer, "key") << '\n';
      err << "Keep it now: it is not shown again.\n";
      return;
    case ApiKeyCommand::Action::kList:
      out << lines_of_keys(answer);
      return;
    case ApiKeyCommand::Action::kRevoke:
      out << "revoked " << json_text_or_empty(answer, "id") << '\n';
      return;
    case ApiKeyCommand::Action::kAuthToken:
      out << lines_of_tokens(answer);
      return;
  }
}

}  // namespace

int run_api_key_command(const Config& config, const ApiKeyCommand& command, Clock& clock, Random& random,
                        std::ostream& out, std::ostream& err) {
  const bool was_missing = missing_file(config).has_value();
  const auto answer = administer(config, call_of(command), clock, random);
  if (was_missing && !missing_file(config)) {
    err << "Made the database " << config.store.sqlite_path.string() << ", which was not there.\n";
  }
  if (!answer) {
    err << "countersign: " << answer.error() << '\n';
    return kFailed;
  }
  print(command, *answer, out, err);
  return kDone;
}

}  // namespace countersign::main
