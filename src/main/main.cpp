#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <ctime>
#include <iostream>
#include <optional>

#include "main/commands/api_keys.h"
#include "main/commands/box_office.h"
#include "main/commands/cli.h"
#include "main/config/units.h"
#include "main/log.h"
#include "main/open_store.h"
#include "main/server/development.h"
#include "main/server/server.h"
#include "main/service_manager.h"
#include "main/standard_descriptors.h"
#include "main/wipe_freed.h"

namespace {

using namespace countersign;  // NOLINT(google-build-using-namespace): the one file that is above every room.

/// A core dump would hold keys and codes. [CRY-6]
void forbid_core_dumps() {
  const rlimit none{0, 0};
  setrlimit(RLIMIT_CORE, &none);
  prctl(PR_SET_DUMPABLE, 0);
}

/// Blocked before any thread starts, so that all threads inherit the mask and sigwait gets the signals.
sigset_t block_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGHUP);
  sigaddset(&set, SIGUSR1);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  return set;
}

/// Whether the signal asks the process to end.
bool is_end(int signal) { return signal > 0 && signal != SIGHUP && signal != SIGUSR1; }

/// Returns when the process is asked to stop; calls `on_hangup` at each SIGHUP and `on_user` at each SIGUSR1 before
/// that.
void wait_for_the_end(
    const sigset_t& signals, const std::function<void()>& on_hangup = [] {},
    const std::function<void()>& on_user = [] {}) {
  while (true) {
    int signal = 0;
    sigwait(&signals, &signal);
    if (is_end(signal)) return;
    if (signal == SIGHUP) on_hangup();
    if (signal == SIGUSR1) on_user();
  }
}

/// Waits for that time; returns true at once if the process is asked to stop meanwhile.
bool end_is_asked_within(const sigset_t& signals, Duration length) {
  const MonotonicTime end = system_clock().monotonic() + length;
  while (true) {
    const std::int64_t left = std::max<std::int64_t>(0, (end - system_clock().monotonic()).count());
    const timespec pause{left / 1'000'000, left % 1'000'000 * 1000};
    const int signal = sigtimedwait(&signals, nullptr, &pause);
    if (is_end(signal)) return true;
    if (left == 0) return false;
  }
}

/// Reports an unavailable database to the log and the service manager, and pauses before the next attempt.
class WaitForDatabase {
 public:
  WaitForDatabase(const sigset_t& signals, const main::ServiceManager& manager)
      : signals_(signals), manager_(manager) {}

  /// False if the process is asked to stop instead.
  bool operator()(std::string_view why) {
    const MonotonicTime now = system_clock().monotonic();
    if (!said_ || now - *said_ >= std::chrono::seconds(10)) {
      said_ = now;
      main::log(main::Level::kWarning, "waiting_for_database", why);
    }
    manager_.starting("waits for its database: " + std::string(why), std::chrono::seconds(60));
    given_up_ = end_is_asked_within(signals_, std::chrono::seconds(1));
    return !given_up_;
  }
  [[nodiscard]] bool given_up() const { return given_up_; }

 private:
  const sigset_t& signals_;
  const main::ServiceManager& manager_;
  std::optional<MonotonicTime> said_;
  bool given_up_ = false;
};

void reload(main::Server& server, const main::ServiceManager& manager) {
  manager.reloading(system_clock().monotonic());
  if (const auto reloaded = server.reload(); reloaded) {
    main::log(main::Level::kInfo, "reloaded");
  } else {
    main::log(main::Level::kError, "reload_failed", reloaded.error());
  }
  manager.ready("serves");
}

void stop_spending(main::Server& server) {
  if (const auto stopped = server.stop_spending(); !stopped)
    main::log(main::Level::kError, "spending_not_stopped", stopped.error());
}

/// First tells clients to stop sending requests, and gives them time for it; then stops.
void stop(main::Server& server, const main::Config& config, const sigset_t& signals,
          const main::ServiceManager& manager) {
  manager.stopping("ends", config.lame_duck + config.drain + std::chrono::seconds(15));
  server.close_after_responses();
  if (config.lame_duck > Duration::zero()) {
    main::log(main::Level::kInfo, "lame_duck", main::to_text(config.lame_duck));
    end_is_asked_within(signals, config.lame_duck);
  }
  server.stop();
}

int serve(const main::Config& config, const main::ServeCommand& command) {
  const sigset_t signals = block_signals();
  main::start_log(config.log_level);
  if (const auto store = main::describe_store(config)) main::log(main::Level::kInfo, "database", *store);
  const main::ServiceManager manager(main::system_environment());
  main::Server server(config, {system_clock(), system_random(), {}, command.read_secrets});
  WaitForDatabase waiting(signals, manager);
  if (const auto started = server.start(std::ref(waiting)); !started) {
    if (waiting.given_up()) {
      main::log(main::Level::kInfo, "stopped");
    } else {
      std::cerr << "countersign: " << started.error() << '\n';
    }
    server.stop();
    main::stop_log();
    return waiting.given_up() ? 0 : 1;
  }
  std::unique_ptr<demo::BoxOffice> box_office;
  if (config.mode == main::Mode::kDevelopment) {
    box_office =
        main::start_development_box_office(command.box_office, config, server, system_clock(), system_random());
    if (box_office) {
      server.say_box_office(box_office->url());
      std::cout << "\nThe box office, a site that uses it: " << box_office->url() << '\n';
    }
    const auto& metrics = server.credentials().metrics_url;
    if (!metrics.empty()) std::cout << "\nFigures for Prometheus: " << metrics << "/metrics\n";
    std::cout << main::first_steps(server.credentials(), config.data_dir) << std::flush;
  }
  main::log(main::Level::kInfo, "started", server.url());
  manager.ready("serves");
  wait_for_the_end(signals, [&] { reload(server, manager); }, [&] { stop_spending(server); });
  main::log(main::Level::kInfo, "stopping");
  if (box_office) box_office->stop();
  stop(server, config, signals, manager);
  main::log(main::Level::kInfo, "stopped");
  main::stop_log();
  return 0;
}

int serve_box_office(const main::BoxOfficeCommand& command) {
  const sigset_t signals = block_signals();
  auto options = main::box_office_options(command, main::system_environment());
  if (!options) {
    std::cerr << "countersign: " << options.error() << '\n';
    return 1;
  }
  main::start_log("info");
  demo::BoxOffice box_office(*std::move(options), system_clock(), system_random());
  const auto started = box_office.start();
  if (started) {
    std::cout << "The box office is at " << box_office.url() << std::endl;
    wait_for_the_end(signals);
    box_office.stop();
  } else {
    std::cerr << "countersign: " << started.error() << '\n';
  }
  main::stop_log();
  return started ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (!main::take_standard_descriptors()) return 1;  // The reason cannot be reported: standard error is closed.
  main::wipe_freed_memory();
  forbid_core_dumps();
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  const main::Commands commands{
      serve,
      [](const main::Config& config, const main::ApiKeyCommand& command) {
        return main::run_api_key_command(config, command, system_clock(), system_random(), std::cout, std::cerr);
      },
      serve_box_office,
      [](const main::Config& config, const main::BackupCommand& command) {
        return main::run_backup_command(config, command, std::cout, std::cerr);
      },
      [](const main::MigrateCommand& command) {
        return main::run_migrate_command(
            command, {system_clock(), system_random(), std::cout, std::cerr, ::isatty(STDERR_FILENO) == 1});
      },
      [](const main::Config& config, const main::InspectCommand& command) {
        return main::run_inspect_command(config, command, system_clock(), system_random(), std::cout, std::cerr);
      },
      [](const main::Config& config) { return main::run_vacuum_command(config, std::cout, std::cerr); },
      [](const main::ConfigSources& sources, const main::KeysCommand& command) {
        return main::run_keys_command(sources, command, system_clock(), system_random(), std::cout, std::cerr);
      },
      [](const main::Config& config, const main::ProvidersCommand& command) {
        return main::run_providers_command(config, command, system_clock(), system_random(), std::cout, std::cerr);
      },
      [](const main::Config& config, const main::SendTestCommand& command) {
        return main::run_send_test_command(config, command, system_clock(), system_random(), std::cout, std::cerr);
      },
      [](const main::Config& config, const main::AllowCommand& command) {
        return main::run_allow_command(config, command, system_clock(), system_random(), std::cout, std::cerr);
      },
      [](const main::Config& config, const main::SpendingCommand& command) {
        return main::run_spending_command(config, command, system_clock(), system_random(), std::cout, std::cerr);
      },
      [](const main::Config& config, const main::RiskBlocksCommand& command) {
        return main::run_risk_blocks_command(config, command, system_clock(), system_random(), std::cout, std::cerr);
      },
      [](const main::Config& config, const main::RiskCommand& command) {
        return main::run_risk_command(config, command, system_clock(), system_random(), std::cout, std::cerr);
      }};
  return main::run_command_line(arguments, commands,
                                {main::system_environment(), system_random(), std::cout, std::cerr});
}
