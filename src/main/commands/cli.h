#pragma once

#include <functional>
#include <iosfwd>
#include <optional>
#include <span>
#include <string>

#include "base/random.h"
#include "base/time.h"
#include "main/commands/allow.h"
#include "main/commands/backup.h"
#include "main/commands/inspect.h"
#include "main/commands/key_commands.h"
#include "main/commands/migrate.h"
#include "main/commands/providers.h"
#include "main/commands/risk.h"
#include "main/commands/risk_blocks.h"
#include "main/commands/send_test.h"
#include "main/commands/spending.h"
#include "main/config/config.h"

namespace countersign::main {

struct ApiKeyCommand {
  enum class Action { kCreate, kList, kRevoke, kAuthToken } action;
  std::string account;                 ///< create, auth-token; list: empty for all
  std::string name;                    ///< create
  std::optional<Duration> expires_in;  ///< create; absent: never
  std::string id;                      ///< revoke: `SK…`
  enum class Token { kShow, kAddSecondary, kPromote, kDropSecondary } token = Token::kShow;  ///< auth-token
  bool may_vouch = false;       ///< create: the scope `vouch`
  bool may_administer = false;  ///< create: the scope `admin`
  bool test = false;            ///< create: a test key
};

struct ServeCommand {
  /// Reads the keys from their sources again, for a reload.
  std::function<Result<SecretsConfig, ConfigError>()> read_secrets;
  std::string box_office;  ///< Development mode: `ADDRESS:PORT` of the box office, or `off`.
};

/// The box office as its own process, for any Countersign server.
struct BoxOfficeCommand {
  std::string listen = "127.0.0.1:8090";
  std::string data_dir = "data/box-office";
  std::string countersign;        ///< The API's URL.
  std::string countersign_pages;  ///< URL of its pages for browsers; empty: the same.
  std::string public_url;         ///< Empty: http://localhost and the port.
  std::string api_key;
  std::string api_key_file;
  std::optional<int> confirm_seconds;
};

/// The commands that need the whole server; the composition root provides them. Each answers the exit status.
struct Commands {
  std::function<int(const Config&, const ServeCommand&)> serve;
  std::function<int(const Config&, const ApiKeyCommand&)> api_key;
  std::function<int(const BoxOfficeCommand&)> box_office = {};
  std::function<int(const Config&, const BackupCommand&)> backup = {};
  std::function<int(const MigrateCommand&)> migrate = {};
  std::function<int(const Config&, const InspectCommand&)> inspect = {};
  std::function<int(const Config&)> vacuum = {};
  std::function<int(const ConfigSources&, const KeysCommand&)> keys = {};
  std::function<int(const Config&, const ProvidersCommand&)> providers = {};
  std::function<int(const Config&, const SendTestCommand&)> send_test = {};
  std::function<int(const Config&, const AllowCommand&)> allow = {};
  std::function<int(const Config&, const SpendingCommand&)> spending = {};
  std::function<int(const Config&, const RiskBlocksCommand&)> risk_blocks = {};
  std::function<int(const Config&, const RiskCommand&)> risk = {};
};

/// What a command line uses besides its arguments.
struct Surroundings {
  Environment environment;
  Random& random;
  std::ostream& out;
  std::ostream& err;
};

/// Parses `arguments` (without the program's name) and runs them. Returns the exit status: 0 for success, 1 for a
/// failure, 2 for an invalid command line; a command may have further ones. Errors are one line on `err`.
[[nodiscard]] int run_command_line(std::span<const std::string> arguments, const Commands& commands,
                                   const Surroundings& surroundings);

}  // namespace countersign::main
