#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "bench/server/server_process.h"

namespace countersign::bench {

/// A released binary, `countersign serve` in production mode on a database of its own: so that one of another version
/// can be measured beside this one. Codes leave through an HTTP hook.
class Program {
 public:
  /// `codes_url`: where its provider posts codes to.
  Program(const std::filesystem::path& binary, const std::filesystem::path& folder, std::string_view codes_url);
  ~Program();  ///< Stops it and waits.
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  [[nodiscard]] ServerAddress address() const { return {pid_, port_}; }
  [[nodiscard]] const std::string& api_key() const { return api_key_; }

  /// Adds a webhook endpoint for all events.
  void subscribe(std::string_view url) const;

  struct Written {
    std::uint64_t units = 0;
    std::uint64_t commits = 0;
  };
  /// By the store since the start, from the metrics.
  [[nodiscard]] Written written() const;

 private:
  pid_t pid_ = 0;
  std::uint16_t port_ = 0;
  std::uint16_t metrics_port_ = 0;
  std::string api_key_;
};

/// A TCP port of 127.0.0.1 that was free a moment ago.
[[nodiscard]] std::uint16_t free_port();

/// Body of the answer to one request on a connection of its own, or nothing if there is none or it is no 2xx.
[[nodiscard]] std::string ask(std::uint16_t port, const std::string& request);

}  // namespace countersign::bench
