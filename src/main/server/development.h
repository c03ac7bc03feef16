#pragma once

#include <filesystem>
#include <string>

#include "crypto/digest.h"
#include "main/server/server.h"
#include "usecase/api_keys.h"
#include "usecase/settings.h"

namespace countersign::main {

/// `dev-credentials.json` (mode 0600) in the data directory: what tools and tests need to call a development server.
/// Its content survives restarts, so that nobody has to copy keys twice; only the address is new.
[[nodiscard]] Result<Server::Credentials, std::string> development_credentials(const Config& config,
                                                                               store::Store& store,
                                                                               const crypto::Digester& digester,
                                                                               const usecase::Settings& settings,
                                                                               Moment& moment);

[[nodiscard]] Result<Done, std::string> write_credentials(const std::filesystem::path& data_dir,
                                                          const Server::Credentials& credentials);

[[nodiscard]] std::filesystem::path credentials_file(const std::filesystem::path& data_dir);

/// The curl commands that `serve --dev` prints: the main flow, step by step.
[[nodiscard]] std::string first_steps(const Server::Credentials& credentials, const std::filesystem::path& data_dir);

}  // namespace countersign::main
