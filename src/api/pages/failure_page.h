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

/// What browsers are answered where a page cannot be: in the person's language, with the request's id. Made once;
/// immutable; thread-safe.
class FailurePages {
 public:
  /// `public_url` says the host in the foot, and whether headers for https are due. `development`: what only developers
  /// see (`/`, `/docs`, `/dev/inbox`) are pages too. A fault in the templates is a bug and ends the process.
  FailurePages(std::string_view public_url, bool development, const Clock& clock);

  /// Whether that is a page's path, asked for by somebody who wants HTML. What is none is answered problem+json.
  [[nodiscard]] bool takes(std::string_view path, std::string_view accept) const;
  [[nodiscard]] bool takes(const http::Request& request) const;

  /// The page for `failure`: broken from 500 on, not there for 404 and 410, not taken for all else. Does not throw:
  /// where even this page's template breaks, the same words come without its look.
  [[nodiscard]] http::Response page(const http::Failure& failure) const;
  [[nodiscard]] http::Response page(const http::Request& request, int status, std::string_view code) const;

  /// `handler`, where what it answers as problem+json becomes a page for those who want one. `this` outlives it.
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

/// One such page.
struct Failed {
  int status = 500;
  std::string request_id;
  std::string back_url{};    ///< Empty: nowhere that is known.
  std::string back_label{};  ///< `Back to Palco`
};

/// What a failure page is made with.
struct FailureLook {
  const html::Templates& templates;
  const html::Language& language;
  const html::Object& frame;  ///< frame_values()
  bool https = true;
};

/// Does not throw.
[[nodiscard]] http::Response failure_page(const FailureLook& look, const Failed& failed);

}  // namespace countersign::api::pages
