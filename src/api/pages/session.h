#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/id.h"
#include "base/moment.h"
#include "crypto/digest.h"
#include "http/request.h"
#include "http/response.h"

namespace countersign::api::pages {

// Tokens held by the browser, which show that a form comes from a page that we served to this browser. Nothing is
// stored here: every token carries its own HMAC, bound to the transaction and to the browser's cookie.

/// A browser, identified by a random cookie. It grants no access: only the link opens the page.
struct Browser {
  std::string id;       ///< 22 characters of base64url.
  bool is_new = false;  ///< The request had no such cookie; the response sets one.
};

/// A note shown once after a form was posted: a keyword for the text, and a time for it.
struct Note {
  std::string word;  ///< `wrong`, `sent`; empty: nothing to say.
  std::optional<WallTime> until;
};

class Sessions {
 public:
  /// `secure`: cookies carry the `__Host-` prefix and are sent only over https. [WEB-3] `digester` outlives this.
  Sessions(const crypto::Digester& digester, bool secure) : digester_(&digester), secure_(secure) {}

  [[nodiscard]] Browser browser_of(const http::Request& request, Random& random) const;
  void remember(const Browser& browser, http::Response& response) const;

  /// The hidden field `t` of every form: 12 random bytes, the time, and the HMAC. The random part also identifies the
  /// submission, so that a double click counts once.
  [[nodiscard]] std::string form_token(const TransactionId& id, const Browser& browser, Moment& moment) const;
  struct FormToken {
    std::string nonce;  ///< Its random part.
    WallTime made_at;   ///< When its page was shown, to the second.
  };
  /// The token, if it is valid for this transaction and browser, and at most two hours old. [WEB-5]
  [[nodiscard]] std::optional<FormToken> check_form_token(std::string_view token, const TransactionId& id,
                                                          const Browser& browser, WallTime now) const;

  /// Remembers for two hours when this browser was first shown the transaction's page, as far as its forms say; of the
  /// transaction whose form came last.
  void set_shown(const TransactionId& id, const Browser& browser, WallTime at, http::Response& response) const;
  [[nodiscard]] std::optional<WallTime> shown_at(const http::Request& request, const TransactionId& id,
                                                 const Browser& browser) const;

  /// Identifies an enrolment in a URL, so that only the browser that began it can see its key.
  [[nodiscard]] std::string enrolment_token(const FactorId& factor, const TransactionId& id,
                                            const Browser& browser) const;
  [[nodiscard]] std::optional<FactorId> check_enrolment_token(std::string_view token, const TransactionId& id,
                                                              const Browser& browser) const;

  /// Remembers for 15 minutes that the transaction was proved in this browser.
  void set_proved(const TransactionId& id, const Browser& browser, WallTime now, http::Response& response) const;
  [[nodiscard]] bool has_proved(const http::Request& request, const TransactionId& id, const Browser& browser,
                                WallTime now) const;

  /// Remembers for 15 minutes that this browser asked the devices, and so is the one to see the number; of the last
  /// four prompts.
  void set_asked(const http::Request& request, const TransactionId& id, const Browser& browser, std::string_view prompt,
                 http::Response& response) const;
  [[nodiscard]] bool has_asked(const http::Request& request, const TransactionId& id, const Browser& browser,
                               std::string_view prompt) const;

  /// A browser that has proved hands that over to the app which it puts on the home screen, whose cookies are its own:
  /// for as long as the cookie would last.
  [[nodiscard]] std::string handover_token(const TransactionId& id, WallTime now) const;
  [[nodiscard]] bool check_handover(std::string_view token, const TransactionId& id, WallTime now) const;

  /// Stores the person's choice of language for half a year, for all our pages. The caller checks that the language
  /// exists.
  void set_language(std::string_view tag, http::Response& response) const;
  [[nodiscard]] std::string language_of(const http::Request& request) const;  ///< Empty if none was chosen.

  /// Remembers for 90 days that this person, of this browser, does not want a passkey now; of the last four.
  void set_declined(const http::Request& request, const AccountId& account, std::string_view identity,
                    http::Response& response) const;
  [[nodiscard]] bool has_declined(const http::Request& request, const AccountId& account,
                                  std::string_view identity) const;

  void set_note(const TransactionId& id, const Note& note, http::Response& response) const;
  /// The note for this transaction's page; `spend` makes the response remove it.
  [[nodiscard]] Note note_of(const http::Request& request, const TransactionId& id) const;
  void spend_note(http::Response& response) const;

 private:
  [[nodiscard]] std::string mac(std::string_view purpose, const TransactionId& id, const Browser& browser,
                                std::string_view what) const;
  [[nodiscard]] std::string mark_of(const AccountId& account, std::string_view identity) const;
  [[nodiscard]] std::string cookie_name(std::string_view name) const;
  void set_cookie(std::string_view name, std::string_view value, std::string_view life, http::Response& response) const;
  [[nodiscard]] std::optional<std::string> cookie(const http::Request& request, std::string_view name) const;

  const crypto::Digester* digester_;
  bool secure_;
};

}  // namespace countersign::api::pages
