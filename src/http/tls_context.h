#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "base/result.h"

struct ssl_ctx_st;

namespace countersign::http {

/// The server's certificate and TLS settings: TLS 1.2 and later, only forward secrecy and AEAD, ALPN `http/1.1`.
/// [CRY-5] Thread-safe: a connection keeps its settings while load() replaces them.
class TlsContext {
 public:
  TlsContext(std::string certificate_file, std::string key_file);
  ~TlsContext();

  /// Reads both files, without a passphrase prompt. On failure the current settings stay; the error names the file and
  /// the reason.
  Result<Done, std::string> load();

  /// Calls load() if one of the files has changed since the last attempt.
  Result<Done, std::string> load_if_changed();

  /// The settings for a new connection; null before the first load().
  [[nodiscard]] std::shared_ptr<ssl_ctx_st> current() const;

 private:
  /// Detects a replaced file: its time, size and inode.
  struct Stamp;
  [[nodiscard]] Stamp stamp() const;

  const std::string certificate_file_;
  const std::string key_file_;
  mutable std::mutex mutex_;
  std::shared_ptr<ssl_ctx_st> current_;  // guarded by mutex_
  std::unique_ptr<Stamp> loaded_;        // guarded by mutex_
};

}  // namespace countersign::http
