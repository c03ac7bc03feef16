#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/random.h"
#include "base/result.h"
#include "base/secret.h"
#include "base/time.h"

namespace countersign::demo {

struct BoxOfficeOptions {
  std::filesystem::path data_dir;  ///< Its database is `box-office.db` in this folder.
  std::string address = "127.0.0.1";
  std::uint16_t port = 8090;
  std::string public_url;         ///< URL of this site for browsers and Countersign; empty: http://localhost:<port>.
  std::string countersign_url;    ///< URL of the API.
  std::string countersign_pages;  ///< URL of Countersign's pages for browsers; empty: the same.
  SecretString api_key;
  std::optional<int> confirm_seconds;  ///< How long a confirmation stays open; absent: Countersign's default.
  std::function<void(std::string_view)> on_problem = [](std::string_view) {};  ///< One line; from any thread.
};

/// Palco, a ticketing site: an example application that uses Countersign, only over HTTP and webhooks.
/// docs/integrate.md explains it.
class BoxOffice {
 public:
  BoxOffice(BoxOfficeOptions options, Clock& clock, Random& random);
  ~BoxOffice();  ///< stop()
  BoxOffice(const BoxOffice&) = delete;
  BoxOffice& operator=(const BoxOffice&) = delete;

  /// Opens its database and listens. The error is one sentence. Countersign need not be running yet.
  Result<Done, std::string> start();
  void stop();

  [[nodiscard]] const std::string& url() const;  ///< The public one.

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace countersign::demo
