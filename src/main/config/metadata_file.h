#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <string>

#include "base/result.h"
#include "base/time.h"
#include "webauthn/metadata.h"

namespace countersign::main {

/// A file with the BLOB of the FIDO Metadata Service, which the operator downloads: the server asks no network for it.
/// It can be read again while it is in use. Thread-safe.
class MetadataFile {
 public:
  MetadataFile(std::filesystem::path path, webauthn::MetadataTrust trust);

  /// Reads and verifies the file. On an error, the end of a sentence ("is older than …"), what was read before stays.
  [[nodiscard]] Result<Done, std::string> read(WallTime now);

  /// What was read last; null before.
  [[nodiscard]] std::shared_ptr<const webauthn::Metadata> current() const;
  /// When that was.
  [[nodiscard]] WallTime read_at() const;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] bool is(const std::filesystem::path& path, const webauthn::MetadataTrust& trust) const;

  /// Whether the metadata says that authenticators of this model can be forged or bypassed, or were withdrawn.
  [[nodiscard]] bool speaks_against(std::string_view aaguid, const webauthn::Certificate& leaf, WallTime now) const;
  /// The same, for a credential that was stored: by its AAGUID alone.
  [[nodiscard]] bool speaks_against(std::string_view aaguid, WallTime now) const;
  /// The roots of this model; none if it is not there.
  [[nodiscard]] std::vector<webauthn::Certificate> roots_of(std::string_view aaguid,
                                                            const webauthn::Certificate& leaf) const;

 private:
  const std::filesystem::path path_;
  const webauthn::MetadataTrust trust_;
  mutable std::mutex mutex_;
  std::shared_ptr<const webauthn::Metadata> current_;  ///< Guarded by mutex_, like the next.
  WallTime read_at_;
};

}  // namespace countersign::main
