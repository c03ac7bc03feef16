#pragma once

#include <string>
#include <string_view>

#include "api/pages/pages.h"
#include "api/pages/session.h"
#include "html/catalogue.h"
#include "html/template.h"
#include "usecase/person_page.h"

namespace countersign::api::pages {

/// All that the pages share: texts, templates, brands. Made once; immutable.
struct Site {
  const Api& api;
  PageSettings settings;
  const html::Catalogue& catalogue;
  html::Templates templates;
  Sessions sessions;
  std::string host;  ///< Of the public URL, as the pages say it.
  bool https = true;

  [[nodiscard]] const Brand& brand(const usecase::ServiceSettings* service) const;
};

/// One request for a page, taken apart.
struct Visit {
  http::Request request;
  std::string link;  ///< `TX….secret`, as it stands in the path.
  TransactionId id;
  SecretString secret;
  Browser browser;
  std::string way;  ///< What the query asks to be shown: a contact, a factor, `choose`, `enrol`, `deny`; may be empty.
  std::string enrol;  ///< The query's enrolment token.
  std::string lang;   ///< The query's language; empty unless it is one of ours.
  /// The page that a form led to, which had come without our cookie, and again there is none: the browser takes none.
  bool cookies_refused = false;
};

/// Nothing when the path holds no link.
[[nodiscard]] std::optional<Visit> visit_of(const Site& site, http::Request request);

/// The language for a transaction's page: the query's, the transaction's own where the application chose one, what the
/// browser asks for, the transaction's.
[[nodiscard]] const html::Language& language_for(const Site& site, const Visit& visit, const usecase::PersonView& view);
[[nodiscard]] const html::Language& language_for(const Site& site, const http::Request& request);

/// `/verify/{link}` and what is asked of it, with the language kept. Names and values are plain text.
[[nodiscard]] std::string page_url(const Visit& visit, std::string_view action = "",
                                   std::initializer_list<std::pair<std::string_view, std::string_view>> query = {});

}  // namespace countersign::api::pages
