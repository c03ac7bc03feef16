#pragma once

#include <optional>

#include "api/pages/site.h"
#include "usecase/subject/enrol_on_page.h"
#include "usecase/subject/methods_page.h"

namespace countersign::api::pages {

/// The data for a visit, from one read of the database.
struct Seen {
  usecase::PersonView view;
  WallTime now;                                 ///< Of this read, by the clock of the transaction's account.
  std::optional<usecase::Enrolment> enrolment;  ///< The enrolment named by the query, if this browser began it.
  std::optional<usecase::NewCodes> codes;       ///< The same of a new set of recovery codes.
  bool asked_here = false;                      ///< This browser asked the devices by the newest prompt.
  bool just_proved = false;                     ///< It sees for the first time that one answered.
  std::optional<usecase::PromptForDevice> approval = {};  ///< Only for the page that a notification opens.
  std::string known_devices = {};  ///< Ids of the person's, separated by blanks, where this browser may become one.
  std::optional<bool> same_network = {};                ///< Of that page: whether it was asked from the same network.
  bool proved_here = false;                             ///< This browser proved something recently.
  std::optional<usecase::MethodsView> methods = {};     ///< Only for the page with the person's methods.
  std::optional<usecase::PasskeySignals> signals = {};  ///< What the browser may be told of the person's passkeys.
};

/// Reads it; nothing if the link is not valid.
[[nodiscard]] std::optional<Seen> look(store::Tx& tx, const Site& site, const Visit& visit);

/// Whether this browser may add an authenticator app, or make recovery codes: the use case must allow it, and if a
/// proof is the reason, the proof must have been made in this browser. Otherwise somebody with only the link could wait
/// for the person's proof.
[[nodiscard]] bool may_enrol_from(const Site& site, const Visit& visit, const usecase::PersonView& view);

/// The page for the current state.
[[nodiscard]] http::Response show_page(const Site& site, const Visit& visit, const Seen& seen);

/// The new recovery codes as a file to save; a way back to the page if this browser may not see them. [BKP-1]
[[nodiscard]] http::Response codes_file(const Site& site, const Visit& visit, const Seen& seen);

/// A short form of the state and of everything else that changes the page: the script reloads the page when it changes.
[[nodiscard]] std::string state_word(const usecase::PersonView& view);
[[nodiscard]] std::string revision_of(const usecase::PersonView& view);

}  // namespace countersign::api::pages
