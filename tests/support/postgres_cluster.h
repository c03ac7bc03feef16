#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>

namespace countersign::testing {

/// A real PostgreSQL of the tests' own: a cluster in a folder under the temporary directory, reached by a socket there,
/// with durability on, but for the shared one, which no test ends. The server refuses to run as root, so root starts it
/// as the user `postgres`.
///
/// Throws std::runtime_error, with a sentence, where PostgreSQL is not installed or does not start.
class PostgresCluster {
 public:
  /// Made at the first use and ended with the process. A process that this one starts finds it too (death tests).
  static PostgresCluster& shared();

  enum class Commits { kSynced, kUnsynced };
  explicit PostgresCluster(Commits commits = Commits::kSynced);
  ~PostgresCluster();
  PostgresCluster(const PostgresCluster&) = delete;
  PostgresCluster& operator=(const PostgresCluster&) = delete;

  /// An empty database; answers its URL.
  [[nodiscard]] std::string new_database();
  /// The folder with the socket `.s.PGSQL.5432`.
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }

  /// Runs one statement in the database of that URL; answers the first value, empty if there is none.
  static std::string run(const std::string& url, const std::string& statement);

  /// Ends the server as a crash would, every connection with it; and starts it again on what it left.
  void kill();
  void start();

 private:
  explicit PostgresCluster(std::filesystem::path folder_of_another);
  void wait_until_ready() const;

  std::filesystem::path folder_;
  Commits commits_ = Commits::kSynced;
  bool is_ours_ = true;
  pid_t server_ = 0;
};

}  // namespace countersign::testing
