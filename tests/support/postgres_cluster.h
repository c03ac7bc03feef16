#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

namespace countersign::testing {

/// A real PostgreSQL for the tests: a cluster in a folder under the temporary directory, reached by a socket there,
/// with durability on, except for the shared one, which no test ends. The server refuses to run as root, so root starts
/// it as the user `postgres`.
///
/// Throws std::runtime_error, with a sentence, if PostgreSQL is not installed or does not start.
class PostgresCluster {
 public:
  /// Created at the first use and ended with the process. Child processes find it too (death tests).
  static PostgresCluster& shared();

  enum class Commits { kSynced, kUnsynced };
  /// `settings`: `name=value`, which override what tests have otherwise.
  explicit PostgresCluster(Commits commits = Commits::kSynced, std::vector<std::string> settings = {});
  ~PostgresCluster();
  PostgresCluster(const PostgresCluster&) = delete;
  PostgresCluster& operator=(const PostgresCluster&) = delete;

  /// Creates an empty database; returns its URL.
  [[nodiscard]] std::string new_database();
  /// The folder with the socket `.s.PGSQL.5432`.
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }
  /// Of the process that is the parent of all others of this server.
  [[nodiscard]] pid_t pid() const { return server_; }

  /// Runs one statement in the database of that URL; returns the first value, empty if there is none.
  static std::string run(const std::string& url, const std::string& statement);

  /// Ends the server and all connections like a crash, and restarts it on the same data.
  void kill();
  void start();

 private:
  explicit PostgresCluster(std::filesystem::path folder_of_another);
  void wait_until_ready() const;

  std::filesystem::path folder_;
  Commits commits_ = Commits::kSynced;
  std::vector<std::string> settings_;
  bool is_ours_ = true;
  pid_t server_ = 0;
};

}  // namespace countersign::testing
