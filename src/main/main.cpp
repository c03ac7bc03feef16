#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <iostream>

#include "main/api_keys.h"
#include "main/box_office.h"
#include "main/cli.h"
#include "main/development.h"
#include "main/log.h"
#include "main/server.h"
#include "main/wipe_freed.h"

namespace {

using namespace countersign;  // NOLINT(google-build-using-namespace): the one file that is above every room.

/// A core dump would hold keys and codes. [CRY-6]
void forbid_core_dumps() {
  const rlimit none{0, 0};
  setrlimit(RLIMIT_CORE, &none);
  prctl(PR_SET_DUMPABLE, 0);
}

/// Blocked before any thread starts, so that all inherit it and the one that waits gets them.
sigset_t block_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  return set;
}

void wait_for_the_end(const sigset_t& signals) {
  int signal = 0;
  do sigwait(&signals, &signal);
  while (signal == SIGHUP);  // Certificates are looked at by themselves; nothing else is read again.
}

int serve(const app::Config& config, const app::ServeCommand& command) {
  const sigset_t signals = block_signals();
  app::start_log(config.log_level);
  app::Server server(config, {system_clock(), system_random()});
  if (const auto started = server.start(); !started) {
    std::cerr << "countersign: " << started.error() << '\n';
    app::stop_log();
    return 1;
  }
  std::unique_ptr<demo::BoxOffice> box_office;
  if (config.mode == app::Mode::kDevelopment) {
    box_office = app::start_development_box_office(command.box_office, config, server, system_clock(), system_random());
    if (box_office) std::cout << "\nThe box office, a site that uses it: " << box_office->url() << '\n';
    const auto& metrics = server.credentials().metrics_url;
    if (!metrics.empty()) std::cout << "\nFigures for Prometheus: " << metrics << "/metrics\n";
    std::cout << app::first_steps(server.credentials(), config.data_dir) << std::flush;
  }
  app::log(app::Level::kInfo, "started", server.url());
  wait_for_the_end(signals);
  app::log(app::Level::kInfo, "stopping");
  if (box_office) box_office->stop();
  server.stop();
  app::log(app::Level::kInfo, "stopped");
  app::stop_log();
  return 0;
}

int serve_box_office(const app::BoxOfficeCommand& command) {
  const sigset_t signals = block_signals();
  auto options = app::box_office_options(command, app::system_environment());
  if (!options) {
    std::cerr << "countersign: " << options.error() << '\n';
    return 1;
  }
  app::start_log("info");
  demo::BoxOffice box_office(*std::move(options), system_clock(), system_random());
  const auto started = box_office.start();
  if (started) {
    std::cout << "The box office is at " << box_office.url() << std::endl;
    wait_for_the_end(signals);
    box_office.stop();
  } else {
    std::cerr << "countersign: " << started.error() << '\n';
  }
  app::stop_log();
  return started ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  app::wipe_freed_memory();
  forbid_core_dumps();
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  const app::Commands commands{
      serve,
      [](const app::Config& config, const app::ApiKeyCommand& command) {
        return app::run_api_key_command(config, command, system_clock(), system_random(), std::cout, std::cerr);
      },
      serve_box_office,
      [](const app::Config& config, const app::BackupCommand& command) {
        return app::run_backup_command(config, command, std::cout, std::cerr);
      },
      [](const app::MigrateCommand& command) {
        return app::run_migrate_command(
            command, {system_clock(), system_random(), std::cout, std::cerr, ::isatty(STDERR_FILENO) == 1});
      }};
  return app::run_command_line(arguments, commands, {app::system_environment(), system_random(), std::cout, std::cerr});
}
