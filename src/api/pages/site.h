#pragma once

#include <string>
#include <string_view>

#include "api/pages/pages.h"
#include "api/pages/session.h"
#include "html/catalogue.h"
#include "html/template.h"
#include "usecase/subject/person_page.h"

namespace countersign::api::pages {

/// Shared by all pages: texts, templates, brands. Immutable.
struct Site {
  const Api& api;
  PageSettings settings;
  const html::Catalogue& catalogue;
  html::Templates templates;
  Sessions sessions;
  std::string host;  ///< Host of the public URL, as shown.
  bool https = true;

  [[nodiscard]] const Brand& brand(const usecase::ServiceSettings* service) const;
  /// For a page without a known service: the only service, so that a server with one brand never shows another; null if
  /// there are several.
  [[nodiscard]] const ServiceId* only_service() const;
};

/// A parsed request for a page.
struct Visit {
  http::Request request;
  std::string link;  ///< `TX….secret`, as in the path.
  TransactionId id;
  SecretString secret;
  Browser browser;
  std::string way;    ///< What the query selects: a contact, a factor, `choose`, `enrol`, `deny`; may be empty.
  std::string enrol;  ///< The query's enrolment token.
  std::string lang;   ///< The person's language: from the query, else the cookie. Empty: none of ours.
  /// A form came without our cookie, and the page after it again: the browser refuses cookies.
  bool cookies_refused = false;
  bool lang_asked = false;        ///< The query sets it to another than the cookie's.
  std::optional<Note> said = {};  ///< The note, if a form is answered without a redirect.
  SecretString typed_code = {};   ///< The code typed then. The page shows the part that kept_code() keeps.
  std::string typed_name = {};
  std::optional<WallTime> shown_at = {};  ///< Of a form: when this browser was first shown the page.
  bool methods = false;                   ///< Of the page with the person's methods: `/methods/…`.
  bool approval = false;  ///< Of the page that a notification opens, `/approve/…`: the secret is the prompt's id.
  bool any = false;       ///< A link of either of the other pages, on its way to or from a home screen.
};

/// Nothing if the path holds no link.
[[nodiscard]] std::optional<Visit> visit_of(const Site& site, http::Request request);

/// The language of a transaction's page: the person's choice, else the transaction's if the application chose one, else
/// the browser's, else the transaction's.
[[nodiscard]] const html::Language& language_for(const Site& site, const Visit& visit, const usecase::PersonView& view);
[[nodiscard]] const html::Language& language_for(const Site& site, const http::Request& request);

/// `/verify/{link}` or `/methods/{link}` with parameters, keeping the language. Names and values are plain text.
[[nodiscard]] std::string page_url(const Visit& visit, std::string_view action = "",
                                   std::initializer_list<std::pair<std::string_view, std::string_view>> query = {});

}  // namespace countersign::api::pages
