#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "base/json.h"
#include "base/result.h"
#include "crypto/digest.h"
#include "main/config.h"
#include "main/open_store.h"
#include "store/repository/events.h"
#include "store/repository/vault.h"
#include "store/store.h"

namespace countersign::app {

// What an operator's commands do in a database that a server may be using. An operation runs where the database is
// open: in the command's own process, or, with SQLite, in that of the server that has the file open, which is asked
// over a socket beside the file. To add one: a function, and a line in the table of admin.cpp.

/// What an operation works with.
struct AdminHouse {
  store::Store& store;
  const Config& config;  ///< Of the process that the operation runs in.
  store::Vault vault;
  const crypto::Digester& digester;
  store::EventIds& event_ids;
  Clock& clock;
  Random& random;
};

/// What the command prints, or one sentence for the operator.
using AdminAnswer = Result<json::object, std::string>;

struct AdminOperation {
  std::string_view name;  ///< `api_key.create`; part of a path and of the log.
  /// May block, as Store::transact_now does. `arguments` come from another process: nothing about them is known.
  AdminAnswer (*run)(const AdminHouse& house, const json::object& arguments);
};
[[nodiscard]] std::span<const AdminOperation> admin_operations();

struct AdminCall {
  std::string_view operation;  ///< A name of the table.
  json::object arguments;
  MissingDatabase missing = MissingDatabase::kIsRefused;
};
/// Does it, wherever the database is open; waits a little where a server is about to start, or another command has it.
[[nodiscard]] AdminAnswer administer(const Config& config, const AdminCall& call, Clock& clock, Random& random);

/// Where a server on the SQLite database of the configuration listens for these: beside the file.
[[nodiscard]] std::filesystem::path admin_socket_of(const Config& config);

/// The path of an operation, and what an answer to it may have at most.
[[nodiscard]] std::string admin_path(std::string_view operation);
inline constexpr std::size_t kAdminAnswerMax = 16U << 20U;

}  // namespace countersign::app
