#pragma once

#include <string>
#include <string_view>

#include "api/pages/answer.h"
#include "api/pages/show_page.h"

namespace countersign::api::pages {

/// A page being built: its values and their sources.
class Page {
 public:
  Page(const Site& site, const Visit& visit, const Seen& seen);

  [[nodiscard]] const usecase::PersonView& view() const { return seen_.view; }
  [[nodiscard]] const Seen& seen() const { return seen_; }
  [[nodiscard]] const Visit& visit() const { return visit_; }
  [[nodiscard]] const Note& note() const { return note_; }
  [[nodiscard]] bool may_enrol() const;
  /// After an approval, and only to the browser that proved it: the link alone does not say who has a passkey.
  [[nodiscard]] bool may_offer_passkey() const;
  /// The same of this browser as a device.
  [[nodiscard]] bool may_offer_device() const;
  /// Of the page as it goes to the home screen; hands over what this browser has proved.
  [[nodiscard]] std::string manifest_url() const;
  /// See allow_worker().
  void allow_worker() { with_worker_ = true; }
  /// Whether the person has another way to confirm than `shown`; with null: any way.
  [[nodiscard]] bool has_other(const usecase::Way* shown) const;
  /// "New phone (+55 •••4321)". Only if a change is stopped.
  [[nodiscard]] std::string what_was_stopped() const;

  template <class T>
  void set(std::string_view name, T value) {
    values_.insert_or_assign(std::string(name), html::Value(std::move(value)));
  }
  [[nodiscard]] std::string text(std::string_view key, const std::map<std::string, std::string>& parameters = {}) const;
  [[nodiscard]] std::string amount_text(const domain::Amount& amount) const;
  /// A text with the recipient as its `{target}`, protected from line breaks.
  [[nodiscard]] html::Html text_to(std::string_view key, std::string_view target,
                                   std::map<std::string, std::string> parameters = {}) const;
  [[nodiscard]] std::string date_time(WallTime time) const;
  [[nodiscard]] std::string date(WallTime time) const;
  [[nodiscard]] std::string time(WallTime time) const;
  /// When something becomes possible: rounded up to the minute, so that nobody who waits for it is early.
  [[nodiscard]] std::string time_from(WallTime time) const {
    return this->time(std::chrono::ceil<std::chrono::minutes>(time));
  }
  [[nodiscard]] std::string url(std::string_view action = "",
                                std::initializer_list<std::pair<std::string_view, std::string_view>> query = {}) const;
  /// The page's whole address, to be opened in another browser.
  [[nodiscard]] std::string address() const;
  [[nodiscard]] const Brand& brand() const { return brand_; }
  [[nodiscard]] WallTime now() const { return seen_.now; }

  /// Shows a note; an alert is an error and takes the focus. `more` is appended to the text. `field`: `code` or `name`,
  /// where it is shown too.
  void say(std::string_view word, bool alert, std::string_view more = "", std::string_view field = "");
  /// Of the code that the page asks for; default 6.
  void set_code_length(int digits);
  /// It asks for a recovery code.
  void set_recovery_code();
  /// How many recovery codes are left, if one was used in this transaction; else empty.
  [[nodiscard]] std::string codes_left_text() const;
  /// Sets the list of ways as `ways`.
  void list_ways(const std::vector<usecase::Way>& ways);

  /// A proof of work for its form (usecase/verification/page_work.h).
  [[nodiscard]] std::string work() const;

  [[nodiscard]] http::Response render(std::string_view name);
  /// Whether the person has just said "Not now" to a passkey; this browser remembers it.
  [[nodiscard]] bool declines_passkey() const;
  /// Then to the application, whose return_url must not be empty.
  [[nodiscard]] http::Response go_back_without_passkey() const;

 private:
  void set_cookies(http::Response& response) const;
  void set_frame();
  void set_way_back();
  void set_facts();
  void set_stopped();
  void set_approval();
  [[nodiscard]] std::string compare_text(const usecase::Way& way) const;

  const Site& site_;
  const Visit& visit_;
  const Seen& seen_;
  const html::Language& language_;
  const Brand& brand_;
  Note note_;
  int digits_ = 6;
  bool with_worker_ = false;
  std::string said_;  ///< The heading of the note.
  html::Object values_;
};

/// A way as text: `Authenticator app: my phone`.
[[nodiscard]] std::string label_of(const Page& page, const usecase::Way& way);

/// Shows the note that the last form left.
void say_note(Page& page, const usecase::Way* way);
/// Shows the text for `word`, whatever the last form was.
void say_note(Page& page, const usecase::Way* way, std::string_view word);

}  // namespace countersign::api::pages
