#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "html/catalogue.h"
#include "html/template.h"
#include "http/reply.h"
#include "http/server.h"

namespace countersign::api {

/// Error pages for browsers, in the person's language, with the request's id. Immutable; thread-safe.
class FailurePages {
 public:
  /// `public_url` gives the host for the foot, and decides about headers for https. `development`: developer pages
  /// (`/`, `/docs`, `/dev/inbox`) count as pages too. An invalid template is a bug and ends the process.
  FailurePages(std::string_view public_url, bool development, const Clock& clock);

  /// Whether it is the path of a page, requested by a client that accepts HTML. Otherwise the answer is problem+json.
  [[nodiscard]] bool takes(std::string_view path, std::string_view accept) const;
  [[nodiscard]] bool takes(const http::Request& request) const;

  /// The page for `failure`: "went wrong" from 500 on, "not found" for 404 and 410, "not accepted" for all else. Does
  /// not throw: if its template fails, the same text is shown without styling.
  [[nodiscard]] http::Response page(const http::Failure& failure) const;
  [[nodiscard]] http::Response page(const http::Request& request, int status, std::string_view code) const;

  /// Wraps `handler`: turns a problem+json answer into a page for clients that accept HTML. `this` outlives it.
  [[nodiscard]] http::Handler for_browsers(http::Handler handler) const;

 private:
  std::string host_;
  bool https_;
  bool development_;
  const Clock& clock_;
  const html::Catalogue& catalogue_;
  html::Templates templates_;
};

}  // namespace countersign::api

namespace countersign::api::pages {

/// One error page.
struct Failed {
  int status = 500;
  std::string request_id;
  std::string back_url{};    ///< Empty: unknown.
  std::string back_label{};  ///< `Back to Palco`
};

/// What an error page needs.
struct FailureLook {
  const html::Templates& templates;
  const html::Language& language;
  const html::Object& frame;  ///< frame_values()
  bool https = true;
};

/// Does not throw.
[[nodiscard]] http::Response failure_page(const FailureLook& look, const Failed& failed);

}  // namespace countersign::api::pages
