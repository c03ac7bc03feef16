#pragma once

#include <filesystem>
#include <string>

namespace countersign::http::testing {

/// Writes a new self-signed P-256 certificate for localhost with that common name, and its key, over the files there.
void write_certificate(const std::filesystem::path& certificate, const std::filesystem::path& key,
                       const std::string& common_name);

}  // namespace countersign::http::testing
