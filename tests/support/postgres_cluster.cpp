#include "support/postgres_cluster.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <libpq-fe.h>
#include <poll.h>
#include <pwd.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <vector>

extern char** environ;

namespace countersign::testing {

namespace {

constexpr const char* kShared = "CS_TEST_POSTGRES";
/// Names a data folder as initdb leaves it, which belongs to the user that the server runs as; tools/dev/test.sh makes
/// one for all suites, because each takes a second of a processor.
constexpr const char* kFresh = "CS_TEST_POSTGRES_FRESH";
constexpr int kReadyTriesMax = 30'000;
constexpr int kReadyPauseMs = 10;

std::filesystem::path programs() {
  for (const int version : {17, 16, 15, 14, 13}) {
    std::filesystem::path folder = fmt::format("/usr/lib/postgresql/{}/bin", version);
    if (std::filesystem::exists(folder / "initdb")) return folder;
  }
  throw std::runtime_error("these tests need PostgreSQL's server: install the package postgresql (packages.txt)");
}

/// Starts a program, as `postgres` if this process is root; its output goes to `log`. It ends with this process.
pid_t start_as_postgres(std::vector<std::string> command, const std::filesystem::path& log) {
  std::vector<std::string> all = {"/usr/bin/setpriv", "--pdeathsig", "QUIT"};
  if (::geteuid() == 0) all.insert(all.end(), {"--reuid=postgres", "--regid=postgres", "--clear-groups"});
  all.insert(all.end(), std::make_move_iterator(command.begin()), std::make_move_iterator(command.end()));
  std::vector<char*> arguments;
  arguments.reserve(all.size() + 1);
  for (auto& argument : all) arguments.push_back(argument.data());
  arguments.push_back(nullptr);

  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  ::posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
  pid_t process = 0;
  const int error = ::posix_spawn(&process, arguments.front(), &actions, nullptr, arguments.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  if (error != 0) throw std::runtime_error(fmt::format("{} cannot be started: {}", all.front(), std::strerror(error)));
  return process;
}

int wait_for(pid_t process) {
  int status = 0;
  while (::waitpid(process, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

void give_to_postgres(const std::filesystem::path& folder) {
  if (::geteuid() != 0) return;
  const passwd* const user = ::getpwnam("postgres");
  if (user == nullptr || ::chown(folder.c_str(), user->pw_uid, user->pw_gid) != 0) {
    throw std::runtime_error("there is no user postgres; install the package postgresql (packages.txt)");
  }
}

}  // namespace

PostgresCluster& PostgresCluster::shared() {
  static PostgresCluster cluster = [] {
    const char* const known = ::getenv(kShared);
    return known == nullptr ? PostgresCluster(Commits::kUnsynced) : PostgresCluster(std::filesystem::path(known));
  }();
  if (cluster.is_ours_) ::setenv(kShared, cluster.folder_.c_str(), 1);
  return cluster;
}

PostgresCluster::PostgresCluster(std::filesystem::path folder_of_another)
    : folder_(std::move(folder_of_another)), is_ours_(false) {}

PostgresCluster::PostgresCluster(Commits commits, std::vector<std::string> settings)
    : commits_(commits), settings_(std::move(settings)) {
  const auto bin = programs();
  std::string name = (std::filesystem::temp_directory_path() / "countersign-pg-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no folder for PostgreSQL could be made");
  folder_ = name;
  give_to_postgres(folder_);
  const std::string data = (folder_ / "data").string();
  const char* const fresh = ::getenv(kFresh);
  const pid_t made = fresh != nullptr
                         ? start_as_postgres({"/usr/bin/cp", "-a", "--reflink=auto", fresh, data}, folder_ / "log")
                         : start_as_postgres({(bin / "initdb").string(), "--pgdata", data, "--username=postgres",
                                              "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"},
                                             folder_ / "log");
  if (wait_for(made) != 0) throw std::runtime_error(fmt::format("no data folder; see {}/log", folder_.string()));
  start();
}

PostgresCluster::~PostgresCluster() {
  if (!is_ours_) return;
  if (server_ != 0) {
    ::kill(server_, SIGQUIT);
    wait_for(server_);
  }
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

void PostgresCluster::start() {
  std::vector<std::string> command{(programs() / "postgres").string(), "-D", (folder_ / "data").string(), "-k",
                                   folder_.string()};
  std::vector<std::string> settings{"listen_addresses=", "shared_buffers=64MB", "max_connections=100",
                                    "restart_after_crash=on"};
  // Hundreds of tests create a database each, and syncing would cost much and test nothing.
  if (commits_ == Commits::kUnsynced) settings.insert(settings.end(), {"fsync=off", "full_page_writes=off"});
  settings.insert(settings.end(), settings_.begin(), settings_.end());
  for (auto& setting : settings) command.insert(command.end(), {"-c", std::move(setting)});
  server_ = start_as_postgres(std::move(command), folder_ / "log");
  wait_until_ready();
}

void PostgresCluster::kill() {
  ::kill(server_, SIGQUIT);
  wait_for(server_);
  server_ = 0;
}

void PostgresCluster::wait_until_ready() const {
  const std::string where = fmt::format("host={} dbname=postgres user=postgres", folder_.string());
  for (int tries = 0; tries < kReadyTriesMax; ++tries) {
    if (PQping(where.c_str()) == PQPING_OK) return;
    ::poll(nullptr, 0, kReadyPauseMs);
  }
  throw std::runtime_error(fmt::format("PostgreSQL did not start; see {}/log", folder_.string()));
}

std::string PostgresCluster::new_database() {
  static std::atomic<int> count{0};
  const std::string name = fmt::format("t{}_{}", ::getpid(), ++count);
  const auto url = [&](std::string_view database) {
    return fmt::format("postgresql:///{}?host={}&user=postgres", database, folder_.string());
  };
  run(url("postgres"), fmt::format("CREATE DATABASE {} TEMPLATE template0", name));
  return url(name);
}

std::string PostgresCluster::run(const std::string& url, const std::string& statement) {
  const std::unique_ptr<PGconn, decltype(&PQfinish)> connection(PQconnectdb(url.c_str()), PQfinish);
  const std::unique_ptr<PGresult, decltype(&PQclear)> result(PQexec(connection.get(), statement.c_str()), PQclear);
  const auto status = PQresultStatus(result.get());
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
    throw std::runtime_error(fmt::format("{}: {}", statement, PQerrorMessage(connection.get())));
  }
  return PQntuples(result.get()) == 0 ? std::string() : std::string(PQgetvalue(result.get(), 0, 0));
}

}  // namespace countersign::testing
