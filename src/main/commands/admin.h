#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "base/json.h"
#include "base/result.h"
#include "crypto/digest.h"
#include "main/config/config.h"
#include "main/open_store.h"
#include "store/repository/events.h"
#include "store/repository/vault.h"
#include "store/store.h"

namespace countersign::usecase {
class ProviderBoard;
}

namespace countersign::main {

// Operator commands on a database that a server may be using. An operation runs in the process that has the database
// open: the command's own, or, with SQLite, the server that holds the file, called over a socket beside the file. To
// add one: a function, and a line in the table of admin.cpp.

/// What an operation needs.
struct AdminContext {
  store::Store& store;
  const Config& config;  ///< Of the process that runs the operation.
  store::Vault vault;
  const crypto::Digester& digester;
  store::EventIds& event_ids;
  Clock& clock;
  Random& random;
  usecase::ProviderBoard* board = nullptr;  ///< The running server's; null: a command alone.
};

/// The output of the command, or an error sentence for the operator.
using AdminAnswer = Result<json::object, std::string>;

struct AdminOperation {
  std::string_view name;  ///< `api_key.create`; used in the path and in the log.
  /// May block, as Store::transact_now does. `arguments` come from another process and are not validated.
  AdminAnswer (*run)(const AdminContext& context, const json::object& arguments);
};
[[nodiscard]] std::span<const AdminOperation> admin_operations();

struct AdminCall {
  std::string_view operation;  ///< A name of the table.
  json::object arguments;
  MissingDatabase missing = MissingDatabase::kIsRefused;
};
/// Runs it in the process that has the database open; waits a little while a server is starting or another command has
/// the file.
[[nodiscard]] AdminAnswer administer(const Config& config, const AdminCall& call, Clock& clock, Random& random);

/// The socket of a server on the configured SQLite database: beside the file.
[[nodiscard]] std::filesystem::path admin_socket_of(const Config& config);

/// The path of an operation, and the maximum size of an answer.
[[nodiscard]] std::string admin_path(std::string_view operation);
inline constexpr std::size_t kAdminAnswerMax = 16U << 20U;

}  // namespace countersign::main
