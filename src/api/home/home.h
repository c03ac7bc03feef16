#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "api/pages/failure_page.h"
#include "http/own_hosts.h"
#include "http/router.h"

namespace countersign::api {

/// Addresses in development mode. Contains no secrets: those are in the file.
struct HomeFacts {
  std::string url;               ///< `http://localhost:8080`, for curl.
  std::string public_url;        ///< As used in the pages' links.
  std::string credentials_file;  ///< Absolute path.
  std::string metrics_url;       ///< Empty if there are no metrics.
  std::string box_office_url;    ///< Empty until it runs.
  bool test_mode = false;        ///< The file has a test key.
};

/// Content of the home page, filled in while the server starts. Thread-safe.
class HomeBoard {
 public:
  [[nodiscard]] HomeFacts facts() const;
  void set(HomeFacts facts);
  void set_box_office(std::string url);

 private:
  mutable std::mutex mutex_;
  HomeFacts facts_;
};

/// The complete page.
[[nodiscard]] std::string render_home(const HomeFacts& facts);

/// `GET /`: the addresses and first steps. Only in development mode; otherwise there is no such route. 421 if the
/// request's Host is not in `hosts`. `board` and `failures` outlive the router.
void add_home_route(http::Router& router, const HomeBoard& board, const http::OwnHosts& hosts,
                    const FailurePages& failures);

/// The answer to a browser in development mode where no route matches: a redirect for a developer page with a trailing
/// slash, else a "not found" page with links to the existing ones. Nothing for other programs, and below the paths of
/// APIs and hosted pages, which answer themselves.
[[nodiscard]] std::optional<http::Response> nothing_here(const http::Request& request);

}  // namespace countersign::api
