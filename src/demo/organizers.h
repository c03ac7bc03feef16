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
  std::string identity;  ///< The person's identity at Countersign.
  std::string mobile;    ///< Empty until the first confirmation.
  std::string payouts;   ///< `none`, `on`, `paused`

  /// An account was confirmed before: name, document and mobile are then fixed, so that a hijacked session cannot send
  /// the next confirmation to another phone.
  [[nodiscard]] bool is_established() const { return payouts != "none"; }
};

/// The steps as typed. A step that was never sent is absent.
struct Draft {
  std::optional<Fields> account;
  std::optional<Fields> event;
  std::optional<Fields> payout;
  std::string review;  ///< Generated anew with every change.
};

[[nodiscard]] std::optional<Organizer> find_organizer(Database& database, const Visitor& visitor);
/// Creates the organiser with an empty draft if there is none.
[[nodiscard]] Organizer find_or_make_organizer(Database& database, const Visitor& visitor, Moment& moment);

/// The payout step can only be decrypted with the visitor's cookie; otherwise it is absent.
[[nodiscard]] Draft load_draft(Database& database, const Organizer& organizer, const Visitor& visitor);

enum class Step { kAccount, kEvent, kPayout };
/// Stores the input. A change also begins a new review, and withdraws a pending confirmation, which was about the old
/// input.
void save_step(Database& database, const Organizer& organizer, const Visitor& visitor, Step step, const Fields& fields,
               Moment& moment);

/// A random id of 128 bits.
[[nodiscard]] std::string make_id(std::string_view prefix, Random& random);

}  // namespace countersign::demo
