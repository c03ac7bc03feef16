#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/moment.h"
#include "demo/database.h"
#include "demo/steps/step.h"
#include "demo/visitor.h"

namespace countersign::demo {

struct Organizer {
  std::string id;
  std::string identity;  ///< What Countersign knows the person by.
  std::string mobile;    ///< Empty until the first confirmation.
  std::string payouts;   ///< `none`, `on`, `paused`

  /// An account was confirmed before: name, document and mobile stay as they are, or whoever takes over a session could
  /// send the next confirmation to a phone of his own.
  [[nodiscard]] bool is_established() const { return payouts != "none"; }
};

/// The steps as they were typed. A step that was never sent is absent.
struct Draft {
  std::optional<Fields> account;
  std::optional<Fields> event;
  std::optional<Fields> payout;
  std::string review;  ///< Drawn anew with every change.
};

[[nodiscard]] std::optional<Organizer> find_organizer(Database& database, const Visitor& visitor);
/// Makes one, with an empty draft, unless there is one.
[[nodiscard]] Organizer find_or_make_organizer(Database& database, const Visitor& visitor, Moment& moment);

/// The payout step opens with the visitor's cookie; with another it is absent.
[[nodiscard]] Draft load_draft(Database& database, const Organizer& organizer, const Visitor& visitor);

enum class Step { kAccount, kEvent, kPayout };
/// Keeps what was typed. What differs from before also begins a new review, and withdraws a confirmation that is under
/// way: it was of something else.
void save_step(Database& database, const Organizer& organizer, const Visitor& visitor, Step step, const Fields& fields,
               Moment& moment);

/// A random name of 128 bits.
[[nodiscard]] std::string make_id(std::string_view prefix, Random& random);

}  // namespace countersign::demo
