#pragma once

#include <filesystem>
#include <string>

namespace countersign::http::testing {

/// Writes a new self-signed P-256 certificate for localhost with that common name, and its key, over the files there.
void write_certificate(const std::filesystem::path& certificate, const std::filesystem::path& key,
                       const std::string& common_name);

/// Writes a new P-256 key that only a passphrase opens.
void write_encrypted_key(const std::filesystem::path& key);

}  // namespace countersign::http::testing
