#pragma once

#include <optional>

#include "api/pages/site.h"
#include "usecase/enrol_here.h"

namespace countersign::api::pages {

/// What one look into the database gave for a visit.
struct Seen {
  usecase::PersonView view;
  WallTime now;                                 ///< Of this look, by the clock of the transaction's account.
  std::optional<usecase::Enrolment> enrolment;  ///< The one that the query names, when this browser began it.
  bool proved_here = false;                     ///< This browser proved something, a short time ago.
};

/// Reads it; nothing when the link opens nothing.
[[nodiscard]] std::optional<Seen> look(store::Tx& tx, const Site& site, const Visit& visit);

/// Whether this browser may add an authenticator app: what the use case says, and where a proof is what allows it, that
/// the proof was made here. Else somebody who has the link alone could wait for the person's own proof.
[[nodiscard]] bool may_enrol_from(const Site& site, const Visit& visit, const usecase::PersonView& view);

/// The page for the state as it is.
[[nodiscard]] http::Response show_page(const Site& site, const Visit& visit, const Seen& seen);

/// The state and what else changes the page, in short: the script fetches the page again when this changes.
[[nodiscard]] std::string state_word(const usecase::PersonView& view);
[[nodiscard]] std::string revision_of(const usecase::PersonView& view);

}  // namespace countersign::api::pages
