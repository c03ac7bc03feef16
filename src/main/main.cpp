#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <ctime>
#include <iostream>
#include <optional>

#include "main/api_keys.h"
#include "main/box_office.h"
#include "main/cli.h"
#include "main/development.h"
#include "main/log.h"
#include "main/open_store.h"
#include "main/server.h"
#include "main/service_manager.h"
#include "main/standard_descriptors.h"
#include "main/units.h"
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

/// Returns when somebody asks for the end; `on_hangup` runs at each SIGHUP before that.
void wait_for_the_end(const sigset_t& signals, const std::function<void()>& on_hangup = [] {}) {
  while (true) {
    int signal = 0;
    sigwait(&signals, &signal);
    if (signal != SIGHUP) return;
    on_hangup();
  }
}

/// Waits so long, and less if somebody asks for the end meanwhile: then true.
bool end_is_asked_within(const sigset_t& signals, Duration length) {
  const MonotonicTime end = system_clock().monotonic() + length;
  while (true) {
    const std::int64_t left = std::max<std::int64_t>(0, (end - system_clock().monotonic()).count());
    const timespec pause{left / 1'000'000, left % 1'000'000 * 1000};
    const int signal = sigtimedwait(&signals, nullptr, &pause);
    if (signal > 0 && signal != SIGHUP) return true;
    if (left == 0) return false;
  }
}

/// Says that the database is away, to the log and the service manager, and pauses before the next attempt.
class WaitForDatabase {
 public:
  WaitForDatabase(const sigset_t& signals, const app::ServiceManager& manager) : signals_(signals), manager_(manager) {}

  /// False when the end is asked for instead.
  bool operator()(std::string_view why) {
    const MonotonicTime now = system_clock().monotonic();
    if (!said_ || now - *said_ >= std::chrono::seconds(10)) {
      said_ = now;
      app::log(app::Level::kWarning, "waiting_for_database", why);
    }
    manager_.starting("waits for its database: " + std::string(why), std::chrono::seconds(60));
    given_up_ = end_is_asked_within(signals_, std::chrono::seconds(1));
    return !given_up_;
  }
  [[nodiscard]] bool given_up() const { return given_up_; }

 private:
  const sigset_t& signals_;
  const app::ServiceManager& manager_;
  std::optional<MonotonicTime> said_;
  bool given_up_ = false;
};

void reload(app::Server& server, const app::ServiceManager& manager) {
  manager.reloading(system_clock().monotonic());
  if (const auto reloaded = server.reload(); reloaded) {
    app::log(app::Level::kInfo, "reloaded");
  } else {
    app::log(app::Level::kError, "reload_failed", reloaded.error());
  }
  manager.ready("serves");
}

/// First whoever sends requests is told, and has time to send them elsewhere; then everything ends.
void stop(app::Server& server, const app::Config& config, const sigset_t& signals, const app::ServiceManager& manager) {
  manager.stopping("ends", config.lame_duck + config.drain + std::chrono::seconds(15));
  server.announce_end();
  if (config.lame_duck > Duration::zero()) {
    app::log(app::Level::kInfo, "lame_duck", app::to_text(config.lame_duck));
    end_is_asked_within(signals, config.lame_duck);
  }
  server.stop();
}

int serve(const app::Config& config, const app::ServeCommand& command) {
  const sigset_t signals = block_signals();
  app::start_log(config.log_level);
  if (const auto store = app::describe_store(config)) app::log(app::Level::kInfo, "database", *store);
  const app::ServiceManager manager(app::system_environment());
  app::Server server(config, {system_clock(), system_random(), {}, command.read_secrets});
  WaitForDatabase waiting(signals, manager);
  if (const auto started = server.start(std::ref(waiting)); !started) {
    if (waiting.given_up()) {
      app::log(app::Level::kInfo, "stopped");
    } else {
      std::cerr << "countersign: " << started.error() << '\n';
    }
    server.stop();
    app::stop_log();
    return waiting.given_up() ? 0 : 1;
  }
  std::unique_ptr<demo::BoxOffice> box_office;
  if (config.mode == app::Mode::kDevelopment) {
    box_office = app::start_development_box_office(command.box_office, config, server, system_clock(), system_random());
    if (box_office) {
      server.say_box_office(box_office->url());
      std::cout << "\nThe box office, a site that uses it: " << box_office->url() << '\n';
    }
    const auto& metrics = server.credentials().metrics_url;
    if (!metrics.empty()) std::cout << "\nFigures for Prometheus: " << metrics << "/metrics\n";
    std::cout << app::first_steps(server.credentials(), config.data_dir) << std::flush;
  }
  app::log(app::Level::kInfo, "started", server.url());
  manager.ready("serves");
  wait_for_the_end(signals, [&] { reload(server, manager); });
  app::log(app::Level::kInfo, "stopping");
  if (box_office) box_office->stop();
  stop(server, config, signals, manager);
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
  if (!app::take_standard_descriptors()) return 1;  // There is nowhere to say why.
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
      },
      [](const app::Config& config, const app::InspectCommand& command) {
        return app::run_inspect_command(config, command, system_clock(), system_random(), std::cout, std::cerr);
      },
      [](const app::Config& config) { return app::run_vacuum_command(config, std::cout, std::cerr); },
      [](const app::ConfigSources& sources, const app::KeysCommand& command) {
        return app::run_keys_command(sources, command, system_clock(), system_random(), std::cout, std::cerr);
      }};
  return app::run_command_line(arguments, commands, {app::system_environment(), system_random(), std::cout, std::cerr});
}
