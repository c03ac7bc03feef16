#pragma once

#include <optional>
#include <string>
#include <vector>

#include "api/pages/show_page.h"
#include "http/form.h"
#include "usecase/cancel.h"
#include "usecase/check.h"
#include "usecase/outgoing.h"

namespace countersign::api::pages {

/// What a form led to, and what the page says next. Kept under the form's token, so that posting the form again answers
/// the same and does nothing.
struct Outcome {
  std::string note;               ///< See Note; empty: the state speaks for itself.
  std::optional<WallTime> until;  ///< A time that goes with it.
  std::string way;                ///< To be shown next.
  std::string enrol;              ///< The factor whose key is to be shown next.
  bool proved = false;            ///< This browser proved something.
  std::string go = {};            ///< The link of another page that is to be shown instead: `TX….secret`.
  bool keeps = false;             ///< Something of what was typed stays in the fields.

  [[nodiscard]] std::string text() const;
  [[nodiscard]] static Outcome parse(std::string_view text);
};

/// What is to be done once the commit is durable. Nothing of it where the form was posted before.
struct Afterwards {
  std::optional<usecase::QueuedMessage> message;
  std::optional<usecase::AskProvider> ask;
  bool announced = false;
};

struct Done {
  Outcome outcome;
  Afterwards after;
  AccountId account{};  ///< Whose transaction it is.
};

/// What a form does, inside of one database transaction. The link was looked at, and so was the form's token.
using Action = Done (*)(store::Tx& tx, const Site& site, const Visit& visit, const store::TransactionRow& row,
                        const http::Form& form, const usecase::Caller& caller, Moment& moment);

Done send_code(store::Tx& tx, const Site& site, const Visit& visit, const store::TransactionRow& row,
               const http::Form& form, const usecase::Caller& caller, Moment& moment);
Done check_code(store::Tx& tx, const Site& site, const Visit& visit, const store::TransactionRow& row,
                const http::Form& form, const usecase::Caller& caller, Moment& moment);
Done deny(store::Tx& tx, const Site& site, const Visit& visit, const store::TransactionRow& row, const http::Form& form,
          const usecase::Caller& caller, Moment& moment);
Done decide(store::Tx& tx, const Site& site, const Visit& visit, const store::TransactionRow& row,
            const http::Form& form, const usecase::Caller& caller, Moment& moment);
Done enrol(store::Tx& tx, const Site& site, const Visit& visit, const store::TransactionRow& row,
           const http::Form& form, const usecase::Caller& caller, Moment& moment);
Done confirm(store::Tx& tx, const Site& site, const Visit& visit, const store::TransactionRow& row,
             const http::Form& form, const usecase::Caller& caller, Moment& moment);

/// The outcome of a check, whoever judged it. `app`: the code was an authenticator's.
[[nodiscard]] Outcome outcome_of(const usecase::Answer<usecase::Approved>& answer, std::string way, bool app,
                                 bool empty, WallTime now);

}  // namespace countersign::api::pages
