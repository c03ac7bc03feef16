#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "main/config.h"
#include "usecase/context.h"

namespace countersign::bench {

/// A server's configuration, as production has it: every limit is on. The budgets for the whole account and for a
/// country are raised, because one account makes all the load here. Messages go to the provider `capture`.
[[nodiscard]] app::Config make_config(const std::filesystem::path& folder);

/// The one account, and not the twin that its test keys act for.
[[nodiscard]] const usecase::AccountSettings& account_of(const usecase::Settings& settings);

/// Makes the database in the configuration's folder, with an API key of its account, and answers the key.
[[nodiscard]] std::string make_database(const app::Config& config);

/// Fills the database with that many verifications as three weeks leave them behind: for each a subject, its contact
/// and address, the released transaction, the approved verification, the sent message and six events. Straight through
/// the repositories, thousands to a commit.
void fill_database(const app::Config& config, std::uint32_t verifications);

}  // namespace countersign::bench
