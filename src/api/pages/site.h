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
  /// For a page that knows of no service: the one whose brand they all have, so that a server of one brand never shows
  /// another's; null where there are several.
  [[nodiscard]] const ServiceId* only_service() const;
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
  std::string lang;   ///< The language that the person chose: the query's, or else the cookie's. Empty: none of ours.
  /// The page that a form led to, which had come without our cookie, and again there is none: the browser takes none.
  bool cookies_refused = false;
  bool lang_asked = false;        ///< The query has it, and the cookie has another.
  std::optional<Note> said = {};  ///< What the page says, where it answers a form without a redirect.
  SecretString typed_code = {};   ///< What was typed then. The page shows what kept_code() leaves of it.
  std::string typed_name = {};
};

/// Nothing when the path holds no link.
[[nodiscard]] std::optional<Visit> visit_of(const Site& site, http::Request request);

/// The language for a transaction's page: the person's choice, the transaction's own where the application chose one,
/// what the browser asks for, the transaction's.
[[nodiscard]] const html::Language& language_for(const Site& site, const Visit& visit, const usecase::PersonView& view);
[[nodiscard]] const html::Language& language_for(const Site& site, const http::Request& request);

/// `/verify/{link}` and what is asked of it, with the language kept. Names and values are plain text.
[[nodiscard]] std::string page_url(const Visit& visit, std::string_view action = "",
                                   std::initializer_list<std::pair<std::string_view, std::string_view>> query = {});

}  // namespace countersign::api::pages
