#pragma once

#include <filesystem>
#include <string>

#include "api/keys.h"
#include "crypto/digest.h"
#include "main/server.h"
#include "usecase/context.h"

namespace countersign::app {

/// `dev-credentials.json` (mode 0600) in the data directory: what tools and tests need to call a development server.
/// What is in it is kept from start to start, so that nobody has to copy keys twice; only the address is new.
[[nodiscard]] Result<Server::Credentials, std::string> development_credentials(const Config& config,
                                                                               store::Store& store,
                                                                               const crypto::Digester& digester,
                                                                               const usecase::Settings& settings,
                                                                               Moment& moment);

[[nodiscard]] Result<Done, std::string> write_credentials(const std::filesystem::path& data_dir,
                                                          const Server::Credentials& credentials);

[[nodiscard]] std::filesystem::path credentials_file(const std::filesystem::path& data_dir);

/// The lines of curl that `serve --dev` prints: the main job, step by step.
[[nodiscard]] std::string first_steps(const Server::Credentials& credentials, const std::filesystem::path& data_dir);

}  // namespace countersign::app
