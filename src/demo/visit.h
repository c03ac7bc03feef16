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

/// What the pages work with. They run on one thread, one at a time.
struct Desk {
  Database& database;
  CountersignClient& countersign;
  Clerk& clerk;
  const html::Catalogue& catalogue;
  const html::Templates& templates;
  Clock& clock;
  Random& random;
  std::function<void(std::string_view)> on_problem;
  std::string public_url;              ///< This site, as browsers reach it.
  std::string countersign_origin;      ///< Countersign's pages, as browsers reach them.
  std::optional<int> confirm_seconds;  ///< How long a confirmation stays open; Countersign's own default unless given.

  [[nodiscard]] Moment moment() const { return {clock.now(), random}; }
};

/// `?lang`, else what was chosen before, else the browser's wish, else Portuguese.
[[nodiscard]] const html::Language& language_of(const html::Catalogue& catalogue, const http::Request& request);
/// The browser's wish, else Portuguese.
[[nodiscard]] const html::Language& language_for(const html::Catalogue& catalogue, std::string_view accept_language);

/// One request of one browser.
class Visit {
 public:
  Visit(const Desk& the_desk, const http::Request& the_request);

  const Desk& desk;
  const http::Request& request;
  bool has_cookie;  ///< The browser keeps cookies for this site, or does so far.
  Visitor visitor;
  const html::Language& language;
  http::Form form;               ///< Of a POST; empty otherwise.
  bool form_is_genuine = false;  ///< The form was made by this site for this browser. Otherwise nothing may change.
  std::optional<Organizer> organizer;

  [[nodiscard]] std::string text(std::string_view key, const std::map<std::string, std::string>& with = {}) const {
    return language.text(key, with);
  }

  /// A form came without the cookie, and this is the page that says so.
  [[nodiscard]] bool was_sent_without_cookies() const;
  /// By hand, on an earlier page; not just by what the browser asks for.
  [[nodiscard]] bool has_chosen_language() const;

  /// `Step 3 of 4`; empty for an organiser who is past the four and only changes her account.
  [[nodiscard]] std::string step_text(int number) const;

  /// A page, with what every page has besides `values`.
  [[nodiscard]] http::Response page(std::string_view name, html::Object values, int status = 200) const;
  /// To another page by GET, as after every accepted form.
  [[nodiscard]] http::Response go(std::string_view where) const;
  /// The same where a form cannot be believed. A browser that keeps no cookies is led to the first step, which says so:
  /// `otherwise` would lead it there without a word.
  [[nodiscard]] http::Response go_back(std::string_view otherwise) const;

 private:
  [[nodiscard]] html::Object common() const;
};

}  // namespace countersign::demo
