#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "main/config/config.h"
#include "usecase/settings.h"

namespace countersign::bench {

/// A server configuration as in production, with every limit on. The budgets for the whole account and for a country
/// are raised, because one account makes all the load. Messages go to the provider `capture`.
[[nodiscard]] main::Config make_config(const std::filesystem::path& folder);

/// The live account, not the twin for its test keys.
[[nodiscard]] const usecase::AccountSettings& account_of(const usecase::Settings& settings);

/// Creates the database in the configuration's folder, with an API key of its account, and returns the key.
[[nodiscard]] std::string make_database(const main::Config& config);

/// Fills the database with the rows that three weeks of verifications leave: for each a subject, its contact and
/// address, the released transaction, the approved verification, the sent message and six events. Writes directly
/// through the repositories, thousands of rows per commit.
void fill_database(const main::Config& config, std::uint32_t verifications);

}  // namespace countersign::bench
