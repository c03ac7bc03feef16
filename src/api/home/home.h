#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "api/pages/failure_page.h"
#include "http/own_hosts.h"
#include "http/router.h"

namespace countersign::api {

/// Where everything is in the development mode. No secret: those are in the file.
struct HomeFacts {
  std::string url;               ///< `http://localhost:8080`, as curl reaches this server.
  std::string public_url;        ///< As the pages' links have it.
  std::string credentials_file;  ///< From the root.
  std::string metrics_url;       ///< Empty where there are none.
  std::string box_office_url;    ///< Empty while there is none.
  bool test_mode = false;        ///< There is a test key in the file.
};

/// What the home page shows, which is known bit by bit as the server starts. Thread-safe.
class HomeBoard {
 public:
  [[nodiscard]] HomeFacts facts() const;
  void set(HomeFacts facts);
  void set_box_office(std::string url);

 private:
  mutable std::mutex mutex_;
  HomeFacts facts_;
};

/// The whole page.
[[nodiscard]] std::string render_home(const HomeFacts& facts);

/// `GET /`: the addresses, and what to do first. Development mode alone: elsewhere nothing is there. 421 where the
/// request's Host is none of `hosts`. `board` and `failures` outlive the router.
void add_home_route(http::Router& router, const HomeBoard& board, const http::OwnHosts& hosts,
                    const FailurePages& failures);

/// What a browser is answered in development where no route is: to a developer's page with a slash too many, the way
/// there; else a page that says so, with links to those that are there. Nothing for programs, and below the paths of
/// APIs and of people's pages: those have answers of their own.
[[nodiscard]] std::optional<http::Response> nothing_here(const http::Request& request);

}  // namespace countersign::api
