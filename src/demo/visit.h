#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/moment.h"
#include "demo/clerk.h"
#include "demo/countersign_client.h"
#include "demo/database.h"
#include "demo/organizers.h"
#include "demo/visitor.h"
#include "html/template.h"
#include "http/form.h"
#include "http/request.h"
#include "http/response.h"

namespace countersign::demo {

/// What the pages need. They run on one thread, one at a time.
struct Desk {
  Database& database;
  CountersignClient& countersign;
  Clerk& clerk;
  const html::Catalogue& catalogue;
  const html::Templates& templates;
  Clock& clock;
  Random& random;
  std::function<void(std::string_view)> on_problem;
  std::string public_url;              ///< URL of this site for browsers.
  std::string countersign_origin;      ///< Origin of Countersign's pages for browsers.
  std::optional<int> confirm_seconds;  ///< How long a confirmation stays open; absent: Countersign's default.

  [[nodiscard]] Moment moment() const { return {clock.now(), random}; }
};

/// `?lang`, else the earlier choice, else the browser's preference, else Portuguese.
[[nodiscard]] const html::Language& language_of(const html::Catalogue& catalogue, const http::Request& request);
/// The browser's preference, else Portuguese.
[[nodiscard]] const html::Language& language_for(const html::Catalogue& catalogue, std::string_view accept_language);

/// One request of one browser.
class Visit {
 public:
  Visit(const Desk& the_desk, const http::Request& the_request);

  const Desk& desk;
  const http::Request& request;
  bool has_cookie;  ///< The browser keeps this site's cookies, as far as known.
  Visitor visitor;
  const html::Language& language;
  http::Form form;               ///< Of a POST; empty otherwise.
  bool form_is_genuine = false;  ///< This site made the form for this browser. Otherwise nothing may change.
  std::optional<Organizer> organizer;

  [[nodiscard]] std::string text(std::string_view key, const std::map<std::string, std::string>& with = {}) const {
    return language.text(key, with);
  }

  /// This is the page shown after a form came without the cookie.
  [[nodiscard]] bool was_sent_without_cookies() const;
  /// The person chose it on an earlier page; not just the browser's preference.
  [[nodiscard]] bool has_chosen_language() const;

  /// `Step 3 of 4`; empty for an organiser who has finished them and only changes the account.
  [[nodiscard]] std::string step_text(int number) const;

  /// Renders a page with `values` and the values of every page.
  [[nodiscard]] http::Response page(std::string_view name, html::Object values, int status = 200) const;
  /// Redirects by GET, as after every accepted form.
  [[nodiscard]] http::Response go(std::string_view where) const;
  /// Redirects after a form that is not genuine. A browser without cookies is sent to the first step, which says so:
  /// `otherwise` would send it there without an explanation.
  [[nodiscard]] http::Response go_back(std::string_view otherwise) const;

 private:
  [[nodiscard]] html::Object common() const;
};

}  // namespace countersign::demo
