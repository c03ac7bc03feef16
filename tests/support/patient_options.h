#pragma once

#include <chrono>
#include <string>

#include "store/postgres/postgres_store.h"

namespace countersign::testing {

/// For a store in the database of that URL that gives nothing up because the machine is slow.
[[nodiscard]] inline store::PostgresOptions patient_options(const std::string& url, bool turns = true) {
  return {.url = SecretString(url),
          .clock = system_clock(),
          .random = system_random(),
          .connect_timeout = std::chrono::minutes(5),
          .statement_timeout = std::chrono::minutes(10),
          .idle_timeout = std::chrono::minutes(10),
          .retry_for = std::chrono::minutes(10),
          .turns = turns};
}

}  // namespace countersign::testing
