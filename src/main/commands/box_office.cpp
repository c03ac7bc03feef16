#include "main/commands/box_office.h"

#include "main/config/files.h"
#include "main/log.h"

namespace countersign::main {

namespace {

void report_problem(std::string_view what) { log(Level::kWarning, "box_office", what); }

std::string trimmed(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' ')) text.pop_back();
  return text;
}

/// From the file, the option or the environment, in this order: all users of the machine can read a command line.
Result<SecretString, std::string> api_key(const BoxOfficeCommand& command, const Environment& environment) {
  if (!command.api_key_file.empty()) {
    const auto text = read_private_file(command.api_key_file);
    if (!text) return fail(command.api_key_file + " " + text.error());
    return SecretString(trimmed(text->expose()));
  }
  const auto found = environment.find("COUNTERSIGN_API_KEY");
  const std::string key = !command.api_key.empty()     ? command.api_key
                          : found != environment.end() ? found->second
                                                       : std::string();
  if (key.empty()) return fail(std::string("give --api-key-file, --api-key or COUNTERSIGN_API_KEY"));
  return SecretString(key);
}

Result<demo::BoxOfficeOptions, std::string> listening_at(const std::string& listen) {
  const auto address = ListenAddress::parse(listen);
  if (!address) return fail(listen + " is no address such as 127.0.0.1:8090");
  demo::BoxOfficeOptions options;
  options.address = address->address.to_text();
  options.port = address->port;
  options.on_problem = report_problem;
  return options;
}

}  // namespace

Result<demo::BoxOfficeOptions, std::string> box_office_options(const BoxOfficeCommand& command,
                                                               const Environment& environment) {
  auto options = listening_at(command.listen);
  if (!options) return options;
  auto key = api_key(command, environment);
  if (!key) return fail(key.error());
  options->data_dir = command.data_dir;
  options->public_url = command.public_url;
  options->countersign_url = command.countersign;
  options->countersign_pages = command.countersign_pages;
  options->api_key = *std::move(key);
  options->confirm_seconds = command.confirm_seconds;
  return options;
}

std::unique_ptr<demo::BoxOffice> start_development_box_office(const std::string& listen, const Config& config,
                                                              const Server& server, Clock& clock, Random& random) {
  if (listen == "off") return nullptr;
  auto options = listening_at(listen);
  if (!options) {
    report_problem(options.error());
    return nullptr;
  }
  options->data_dir = config.data_dir / "box-office";
  options->countersign_url = server.credentials().url;
  options->countersign_pages =
      config.public_url.empty() || config.public_url.ends_with(":0") ? server.credentials().url : config.public_url;
  options->api_key = SecretString(server.credentials().api_key);
  auto box_office = std::make_unique<demo::BoxOffice>(*std::move(options), clock, random);
  if (const auto started = box_office->start(); !started) {
    report_problem(started.error());
    return nullptr;
  }
  return box_office;
}

}  // namespace countersign::main
