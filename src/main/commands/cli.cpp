// Long because each command is described where it is parsed.
#include "main/commands/cli.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <ostream>

#include "main/commands/exit_status.h"
#include "main/config/init.h"
#include "main/config/sources.h"
#include "main/config/tls_files.h"
#include "main/config/units.h"
#include "main/open_store.h"

namespace countersign::main {

namespace {

constexpr const char* kVersion = "countersign " CS_VERSION;

int report(const Surroundings& surroundings, const ConfigError& error) {
  surroundings.err << "countersign: " << error.sentence << '\n';
  return kFailed;
}

/// The grammar of the command line. Subcommands write into its members and set the exit status.
class CommandLine {
 public:
  CommandLine(const Commands& commands, const Surroundings& surroundings);
  int run(std::span<const std::string> arguments);

 private:
  enum class DevelopmentKeys { kMustBeThere, kMadeIfMissing };

  void add_serve();
  void add_init();
  void add_check_config();
  void add_keys();
  void add_providers();
  void add_spending();
  void add_risk();
  void add_risk_blocks(CLI::App* parent);
  void add_allow();
  void add_api_key();
  void add_box_office();
  void add_backup();
  void add_migrate();
  void add_send_test();
  void add_inspect();
  void add_vacuum();
  CLI::App* add_api_key_command(CLI::App& parent, const char* name, const char* help, ApiKeyCommand::Action action);

  void add_config_options(CLI::App& command);
  void add_store_option(CLI::App& command);
  void add_flag_option(CLI::App& command, const std::string& name, const std::string& key, const std::string& type,
                       const std::string& help);

  void init();
  [[nodiscard]] ConfigSources complete_sources() const;
  /// Calls `use` with the loaded configuration, or reports why it cannot be loaded.
  void with_config(const std::function<int(const Config&)>& use, DevelopmentKeys keys = DevelopmentKeys::kMustBeThere);

  const Commands& commands_;
  const Surroundings& surroundings_;
  CLI::App app_{"Countersign: nothing sensitive goes through until the right person countersigns it.", "countersign"};
  int status_ = kDone;

  ConfigSources sources_;
  std::string config_;
  std::string secrets_;
  InitRequest init_;
  ApiKeyCommand api_key_{ApiKeyCommand::Action::kList, "default", {}, {}, {}};
  std::string expires_in_;
  std::string listed_account_;
  ServeCommand serve_{{}, "127.0.0.1:8090"};
  KeysCommand keys_;
  BoxOfficeCommand box_office_;
  BackupCommand backup_;
  MigrateCommand migrate_;
  InspectCommand inspect_;
  SendTestCommand send_test_;
  ProvidersCommand providers_;
  SpendingCommand spending_;
  RiskBlocksCommand risk_blocks_;
  RiskCommand risk_;
  AllowCommand allow_;
};

CommandLine::CommandLine(const Commands& commands, const Surroundings& surroundings)
    : commands_(commands), surroundings_(surroundings) {
  app_.set_version_flag("--version", kVersion);
  app_.require_subcommand(1);
  app_.failure_message(CLI::FailureMessage::simple);
  add_serve();
  add_init();
  add_check_config();
  add_keys();
  add_providers();
  add_spending();
  add_risk();
  add_allow();
  add_api_key();
  add_send_test();
  add_inspect();
  add_backup();
  add_vacuum();
  add_migrate();
  add_box_office();
}

int CommandLine::run(std::span<const std::string> arguments) {
  try {
    app_.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::ParseError& error) {
    return app_.exit(error, surroundings_.out, surroundings_.err) == 0 ? kDone : kBadUsage;
  }
  return status_;
}

void CommandLine::add_serve() {
  auto* command = app_.add_subcommand("serve", "Run the server");
  add_config_options(*command);
  add_store_option(*command);
  command
      ->add_option("--box-office", serve_.box_office,
                   "Where the development mode's box office listens, a site that uses this server; off for none")
      ->capture_default_str()
      ->type_name("ADDRESS:PORT|off");
  command->callback([this] {
    serve_.read_secrets = [sources = complete_sources()] { return load_secrets(sources); };
    with_config([this](const Config& config) { return commands_.serve(config, serve_); },
                DevelopmentKeys::kMadeIfMissing);
  });
}

void CommandLine::add_init() {
  auto* command = app_.add_subcommand("init", "Write a production configuration with fresh keys");
  command->add_option("--dir", init_.dir, "Where to write; made if need be")->required()->type_name("DIR");
  command->add_option("--public-url", init_.public_url, "What people's browsers use to reach the server")
      ->required()
      ->type_name("URL");
  command->callback([this] { init(); });
}

void CommandLine::add_check_config() {
  auto* command = app_.add_subcommand("check-config", "Read the whole configuration and say what it means");
  add_config_options(*command);
  add_store_option(*command);
  command->callback([this] {
    with_config([this](const Config& config) {
      const auto store = describe_store(config);
      if (!store) return report(surroundings_, store.error());
      if (const auto tls = check_tls_files(config); !tls) return report(surroundings_, tls.error());
      const auto fault = fault_of_database(config, system_clock(), surroundings_.random);
      if (fault && fault->code == store::StoreError::Code::kSchema)
        return report(surroundings_, ConfigError{fault->detail + "."});
      surroundings_.out << summary(config, *store);
      // It may be made, or come back, before a server needs it.
      if (fault) surroundings_.out << "note      the database does not answer: " << fault->detail << '\n';
      if (missing_file(config))
        surroundings_.out << "note      the database is not there yet: `serve` and `api-key create` make it\n";
      return kDone;
    });
  });
}

void CommandLine::add_keys() {
  using Action = KeysCommand::Action;
  auto* keys = app_.add_subcommand("keys", "The keys that everything is sealed under and receipts are signed with");
  keys->require_subcommand(1);
  const auto add_command = [&](const char* name, const char* help, Action action) {
    auto* command = keys->add_subcommand(name, help);
    add_config_options(*command);
    add_store_option(*command);
    command->callback([this, action] {
      keys_.action = action;
      status_ = commands_.keys(complete_sources(), keys_);
    });
    return command;
  };
  const auto add_change = [&](const char* name, const char* help, Action action) {
    auto* command = add_command(name, help, action);
    command->add_flag("--dry-run", keys_.dry_run, "Only say what would be done, and whether it is safe");
    return command;
  };
  const auto add_unasked = [this](CLI::App* command) {
    command->add_flag("--no-database", keys_.no_database, "Go by the file alone; nobody sees then whether it is safe");
  };
  const auto add_id = [this](CLI::App* command) {
    return command->add_option("id", keys_.id, "Of the sealing key")->check(CLI::PositiveNumber);
  };
  add_command("list", "Name every key of the secrets file with its state, without showing one", Action::kList);
  add_command("status", "Ask the database which keys the servers work with, and how much is sealed under each",
              Action::kStatus);
  auto* add =
      add_change("add", "First step: add a key to the secrets file, which seals or signs nothing yet", Action::kAdd);
  auto* added_signing = add->add_flag("--signing", keys_.signing, "One that signs receipts, not one that seals");
  add->add_flag("--push", keys_.push, "One that browsers subscribe to pushes with; the one of before stays beside it")
      ->excludes(added_signing);
  auto* promote = add_change("promote", "Second step, once every node knows it: let it seal, or sign, what is new",
                             Action::kPromote);
  auto* id = add_id(promote);
  auto* signing = promote->add_flag("--signing", keys_.signing, "The next signing key");
  id->excludes(signing);
  add_unasked(promote);
  auto* retire = add_change("retire", "Take a sealing key out of the secrets file, once nothing is sealed under it",
                            Action::kRetire);
  add_id(retire)->excludes(
      retire->add_flag("--push", keys_.push, "The previous push key: what is subscribed with it gets nothing more"));
  add_unasked(retire);
  // Removed: it rotated in one step, which made other nodes fail. Scripts that still use it get an explanation.
  keys->add_subcommand("rotate")->group("")->callback([this] {
    surroundings_.err
        << "countersign: `keys rotate` is two steps now: `keys add`, and once every node knows the new key "
           "`keys promote ID`; see docs/operations.md, Keys\n";
    status_ = kBadUsage;
  });
}

void CommandLine::add_api_key() {
  auto* parent = app_.add_subcommand("api-key", "The keys that applications call the API with");
  parent->require_subcommand(1);
  const auto add_account_option = [this](CLI::App* command) {
    command->add_option("--account", api_key_.account, "Of which account")->capture_default_str()->type_name("NAME");
  };
  auto* create =
      add_api_key_command(*parent, "create", "Make a key and show it, this once", ApiKeyCommand::Action::kCreate);
  add_account_option(create);
  create->add_option("--name", api_key_.name, "What it is for")->required()->type_name("TEXT");
  create->add_option("--expires-in", expires_in_, "Its life, such as 90d; for ever by default")
      ->type_name("DURATION")
      ->check([](const std::string& text) {
        return parse_duration(text) ? std::string() : "\"" + text + "\" is no duration such as 90d";
      });
  create
      ->add_option_function<std::vector<std::string>>(
          "--scope",
          [this](const std::vector<std::string>& scopes) {
            api_key_.may_vouch = std::ranges::find(scopes, "vouch") != scopes.end();
            api_key_.may_administer = std::ranges::find(scopes, "admin") != scopes.end();
          },
          "What it may beyond the ordinary: vouch for a person's new source, as customer support does; or admin: "
          "change what holds for the whole account, such as stop its spending")
      ->type_name("SCOPE")
      ->check(CLI::IsMember({"vouch", "admin"}));
  create->add_flag("--test", api_key_.test, "A test key: no message leaves the server, and nothing live is reached");
  add_api_key_command(*parent, "list", "List the keys, without their secrets", ApiKeyCommand::Action::kList)
      ->add_option("--account", listed_account_, "Of which account; of all by default")
      ->type_name("NAME");
  auto* token = add_api_key_command(*parent, "auth-token",
                                    "Show account SID and auth token, for SDKs of Twilio Verify and its webhooks",
                                    ApiKeyCommand::Action::kAuthToken);
  add_account_option(token);
  const auto add_token_flag = [this, token](const char* name, const char* help, ApiKeyCommand::Token what) {
    return token->add_flag_callback(name, [this, what] { api_key_.token = what; }, help);
  };
  auto* add = add_token_flag("--add-secondary", "Make a second one, which is good beside it",
                             ApiKeyCommand::Token::kAddSecondary);
  auto* promote = add_token_flag("--promote", "Let the second one take the place of the first, which is void then",
                                 ApiKeyCommand::Token::kPromote);
  add_token_flag("--drop-secondary", "Void the second one", ApiKeyCommand::Token::kDropSecondary)
      ->excludes(add)
      ->excludes(promote);
  promote->excludes(add);
  add_api_key_command(*parent, "revoke", "End a key at once", ApiKeyCommand::Action::kRevoke)
      ->add_option("id", api_key_.id, "SK…")
      ->required();
}

void CommandLine::add_risk() {
  using Action = RiskCommand::Action;
  auto* parent = app_.add_subcommand("risk", "The fraud rules: what waits for a word, and what rules would have done");
  parent->require_subcommand(1);
  const auto add = [&](CLI::App& under, const char* name, const char* help, Action action) {
    auto* command = under.add_subcommand(name, help);
    add_config_options(*command);
    add_store_option(*command);
    command->add_option("--account", risk_.account, "Its name; default: the first");
    command->callback([this, action] {
      risk_.action = action;
      with_config([this](const Config& config) { return commands_.risk(config, risk_); });
    });
    return command;
  };
  add(*parent, "reviews", "List the transactions that the rules have stopped", Action::kReviews);
  auto* review = parent->add_subcommand("review", "Say a word about one of them");
  review->require_subcommand(1);
  for (auto* command : {add(*review, "allow", "Let it go on", Action::kAllow),
                        add(*review, "refuse", "Refuse it for good", Action::kRefuse)}) {
    command->add_option("transaction", risk_.transaction, "TX…")->required();
    command->add_option("--as", risk_.as, "Your name, for the audit log")->required();
  }
  auto* replay = add(*parent, "replay", "Say what rules would have done to the recorded decisions", Action::kReplay);
  replay->add_option("--since", risk_.since, "How far back");
  replay->add_option("--rules", risk_.rules, "A file with [[risk.rules]]")->required();
  add_risk_blocks(parent);
}

void CommandLine::add_providers() {
  using Action = ProvidersCommand::Action;
  auto* parent = app_.add_subcommand("providers", "Those that carry messages: their state, and which take none");
  parent->require_subcommand(1);
  const auto add = [&](const char* name, const char* help, Action action) {
    auto* command = parent->add_subcommand(name, help);
    add_config_options(*command);
    add_store_option(*command);
    if (action != Action::kList)
      command->add_option("name", providers_.name, "Its name in the configuration")->required();
    command->callback([this, action] {
      providers_.action = action;
      with_config([this](const Config& config) { return commands_.providers(config, providers_); });
    });
  };
  add("list", "List them, with circuits that are open and those that are drained", Action::kList);
  add("drain", "Give it no new message where a list has another, until it is put to use again", Action::kDrain);
  add("undrain", "Put it to use again", Action::kUndrain);
  add("freeze", "Keep its learned weights as they are", Action::kFreeze);
  add("unfreeze", "Let its weights be learned again", Action::kUnfreeze);
}

void CommandLine::add_risk_blocks(CLI::App* parent) {
  const auto run = [this] {
    with_config([this](const Config& config) { return commands_.risk_blocks(config, risk_blocks_); });
  };
  auto* list = parent->add_subcommand("blocks", "List them");
  add_config_options(*list);
  add_store_option(*list);
  list->add_option("--account", risk_blocks_.account, "Only of that one; of all by default")->type_name("NAME");
  list->callback(run);
  auto* lift = parent->add_subcommand("lift", "Open one; what was counted there counts no longer");
  add_config_options(*lift);
  add_store_option(*lift);
  lift->add_option("block", risk_blocks_.lift, "Its id, RB…")->required();
  lift->callback(run);
}

void CommandLine::add_spending() {
  using Action = SpendingCommand::Action;
  auto* parent = app_.add_subcommand("spending", "Messages that cost money: stop them all, at once and on all nodes");
  parent->require_subcommand(1);
  const auto add = [&](const char* name, const char* help, Action action) {
    auto* command = parent->add_subcommand(name, help);
    add_config_options(*command);
    add_store_option(*command);
    if (action != Action::kShow)
      command->add_option("--account", spending_.account, "Only of that one; of all by default")->type_name("NAME");
    command->callback([this, action] {
      spending_.action = action;
      with_config([this](const Config& config) { return commands_.spending(config, spending_); });
    });
  };
  add("show", "Say whether they are stopped, and since when", Action::kShow);
  add("stop", "Stop them, with those that wait", Action::kStop);
  add("start", "Let them go out again", Action::kStart);
}

void CommandLine::add_allow() {
  auto* command = app_.add_subcommand("allow", "Send messages again to an address that opted out or was not reached");
  add_config_options(*command);
  add_store_option(*command);
  command->add_option("address", allow_.address, "+5511987654321, or a mailbox")->required();
  command->add_option("--channel", allow_.channel, "sms, call, whatsapp or email; without it all");
  command->add_option("--account", allow_.account, "Without it all");
  command->callback([this] { with_config([this](const Config& config) { return commands_.allow(config, allow_); }); });
}

void CommandLine::add_backup() {
  auto* command = app_.add_subcommand("backup", "Copy the SQLite database, also while a server uses it");
  add_config_options(*command);
  add_store_option(*command);
  command->add_option("--to", backup_.to, "The file to write; it must not exist")->required()->type_name("FILE");
  command->callback(
      [this] { with_config([this](const Config& config) { return commands_.backup(config, backup_); }); });
}

void CommandLine::add_send_test() {
  auto* command = app_.add_subcommand("send-test", "Send one real message by a provider, and say what it answered");
  add_config_options(*command);
  command->add_option("--provider", send_test_.provider, "Its name in the configuration")
      ->required()
      ->type_name("NAME");
  command->add_option("--to", send_test_.to, "Your own number, such as +5511987654321, or mailbox")
      ->required()
      ->type_name("ADDRESS");
  command
      ->add_option("--channel", send_test_.channel,
                   "sms, call, whatsapp or email; email for a mailbox and sms for a number by default")
      ->type_name("CHANNEL");
  command->add_option("--locale", send_test_.locale, "Its language")->capture_default_str()->type_name("LOCALE");
  command->callback(
      [this] { with_config([this](const Config& config) { return commands_.send_test(config, send_test_); }); });
}

void CommandLine::add_inspect() {
  auto* command = app_.add_subcommand("inspect", "Say all that happened to a transaction, also while a server runs");
  add_config_options(*command);
  add_store_option(*command);
  command->add_option("id", inspect_.id, "TX…, or a verification's, a message's or a delivery's")->required();
  command->add_flag("--json", inspect_.json, "As one line of JSON, as the API answers it");
  command->callback(
      [this] { with_config([this](const Config& config) { return commands_.inspect(config, inspect_); }); });
}

void CommandLine::add_vacuum() {
  auto* command = app_.add_subcommand("vacuum", "Give back what a stopped server's SQLite database does not use");
  add_config_options(*command);
  add_store_option(*command);
  command->callback([this] { with_config([this](const Config& config) { return commands_.vacuum(config); }); });
}

void CommandLine::add_migrate() {
  auto* command = app_.add_subcommand("migrate", "Move a stopped installation to another database, whole and compared");
  command->add_option("--from", migrate_.from, "The database in force")->required()->type_name("sqlite:FILE|URL");
  command->add_option("--to", migrate_.to, "An empty one, or the unfinished copy of this one")
      ->type_name("sqlite:FILE|URL");
  command->add_flag("--give-up", migrate_.give_up, "Forget an unfinished move, and stay");
  command->add_flag("--dry-run", migrate_.dry_run, "Only say for whom the rules of standing change something");
  command->callback([this] { status_ = commands_.migrate(migrate_); });
}

void CommandLine::add_box_office() {
  auto* command = app_.add_subcommand("box-office", "Run the box office, a ticketing site that uses a Countersign");
  const auto add = [&](const char* name, std::string& value, const char* help, const char* type) {
    return command->add_option(name, value, help)->type_name(type);
  };
  add("--listen", box_office_.listen, "Where to listen", "ADDRESS:PORT")->capture_default_str();
  add("--data-dir", box_office_.data_dir, "Where its database is", "DIR")->capture_default_str();
  add("--public-url", box_office_.public_url, "What browsers and Countersign's webhooks use to reach it", "URL");
  add("--countersign", box_office_.countersign, "Where Countersign's API is", "URL")->required();
  add("--countersign-pages", box_office_.countersign_pages, "What browsers use to reach Countersign, if another",
      "URL");
  add("--api-key-file", box_office_.api_key_file, "A private file with the API key", "FILE");
  add("--api-key", box_office_.api_key, "The API key (or COUNTERSIGN_API_KEY)", "KEY");
  command->add_option("--confirm-seconds", box_office_.confirm_seconds, "How long a confirmation stays open")
      ->type_name("SECONDS");
  command->callback([this] { status_ = commands_.box_office(box_office_); });
}

CLI::App* CommandLine::add_api_key_command(CLI::App& parent, const char* name, const char* help,
                                           ApiKeyCommand::Action action) {
  auto* command = parent.add_subcommand(name, help);
  add_config_options(*command);
  add_store_option(*command);
  command->callback([this, action] {
    api_key_.action = action;
    api_key_.expires_in = parse_duration(expires_in_);
    if (action == ApiKeyCommand::Action::kList) api_key_.account = listed_account_;
    with_config([this](const Config& config) { return commands_.api_key(config, api_key_); });
  });
  return command;
}

void CommandLine::add_config_options(CLI::App& command) {
  command.add_option("--config", config_, "The configuration file (or COUNTERSIGN_CONFIG)")->type_name("FILE");
  command
      .add_option("--secrets", secrets_,
                  "The file with the keys (or COUNTERSIGN_SECRETS); countersign.secrets.toml beside the "
                  "configuration file by default")
      ->type_name("FILE");
  command.add_flag("--dev", sources_.development,
                   "Development mode: everything has a default, and messages go to an inbox page");
  add_flag_option(command, "--data-dir", "data_dir", "DIR",
                  "Where the database and development keys are; data beside the configuration file by default");
  add_flag_option(command, "--listen", "listen", "ADDRESS:PORT", "Where to listen; several with commas between");
  add_flag_option(command, "--public-url", "public_url", "URL", "What people's browsers use to reach the server");
}

void CommandLine::add_store_option(CLI::App& command) {
  const auto take = [this](const std::string& value) {
    const bool is_url = value.find("://") != std::string::npos;
    sources_.flags[is_url ? "store.url" : "store.path"] = value;
  };
  command.add_option_function<std::string>("--store", take, "The database: a file for SQLite, or postgresql://…")
      ->type_name("FILE|URL");
}

void CommandLine::add_flag_option(CLI::App& command, const std::string& name, const std::string& key,
                                  const std::string& type, const std::string& help) {
  const auto take = [this, key](const std::string& value) { sources_.flags[key] = value; };
  command.add_option_function<std::string>(name, take, help)->type_name(type);
}

void CommandLine::init() {
  if (auto made = init_production(init_, surroundings_.random); !made) {
    status_ = report(surroundings_, made.error());
    return;
  }
  const auto config = (init_.dir / "countersign.toml").string();
  surroundings_.out << "Wrote " << config << " and, with fresh keys, "
                    << (init_.dir / "countersign.secrets.toml").string() << ".\n"
                    << "Keep a copy of the keys apart from the database. Then look the first file through and run\n"
                    << "  countersign check-config --config " << config << '\n';
}

ConfigSources CommandLine::complete_sources() const {
  const auto variable = [this](const char* name) {
    const auto found = surroundings_.environment.find(name);
    return found == surroundings_.environment.end() ? std::string() : found->second;
  };
  auto sources = sources_;
  sources.environment = surroundings_.environment;
  const auto config = config_.empty() ? variable("COUNTERSIGN_CONFIG") : config_;
  const auto secrets = secrets_.empty() ? variable("COUNTERSIGN_SECRETS") : secrets_;
  if (!config.empty()) sources.config_file = config;
  if (!secrets.empty()) sources.secrets_file = secrets;
  return sources;
}

void CommandLine::with_config(const std::function<int(const Config&)>& use, DevelopmentKeys keys) {
  const auto sources = complete_sources();
  if (sources.development && keys == DevelopmentKeys::kMadeIfMissing) {
    if (auto prepared = prepare_development(sources, surroundings_.random); !prepared) {
      status_ = report(surroundings_, prepared.error());
      return;
    }
  }
  const auto config = load_config(sources);
  status_ = config ? use(*config) : report(surroundings_, config.error());
}

}  // namespace

int run_command_line(std::span<const std::string> arguments, const Commands& commands,
                     const Surroundings& surroundings) {
  return CommandLine(commands, surroundings).run(arguments);
}

}  // namespace countersign::main
