#pragma once

#include <optional>
#include <string>
#include <vector>

#include "api/pages/show_page.h"
#include "http/form.h"
#include "usecase/queued_message.h"
#include "usecase/transaction/cancel.h"
#include "usecase/verification/check.h"

namespace countersign::api::pages {

/// The result of a form, for the next page. Stored under the form's token: posting the form again gives the same answer
/// and does nothing.
struct Outcome {
  std::string note;               ///< See Note; empty: the state is enough.
  std::optional<WallTime> until;  ///< A time for the note.
  std::string way;                ///< The way to show next.
  std::string enrol;              ///< The factor whose key to show next.
  bool proved = false;            ///< This browser has proved something.
  std::string go = {};            ///< Link of another page to go to: `TX….secret`.
  bool keeps = false;             ///< Some of the input stays in the fields.
  std::string asked = {};         ///< The prompt that this browser has just made.

  [[nodiscard]] std::string text() const;
  [[nodiscard]] static Outcome parse(std::string_view text);
};

/// To do after the commit. Not repeated if the form was posted before.
struct Afterwards {
  std::optional<usecase::QueuedMessage> message;
  std::optional<usecase::AskProvider> ask;
  bool announced = false;
};

struct FormResult {
  Outcome outcome;
  Afterwards after;
  AccountId account{};  ///< The transaction's account.
};

/// What a form does, in one database transaction. The link and the form's token are already checked.
using Action = FormResult (*)(const usecase::Work& work, const Site& site, const Visit& visit,
                              const store::TransactionRow& row, const http::Form& form);

FormResult send_code(const usecase::Work& work, const Site& site, const Visit& visit, const store::TransactionRow& row,
                     const http::Form& form);
FormResult check_code(const usecase::Work& work, const Site& site, const Visit& visit, const store::TransactionRow& row,
                      const http::Form& form);
FormResult deny(const usecase::Work& work, const Site& site, const Visit& visit, const store::TransactionRow& row,
                const http::Form& form);
FormResult decide(const usecase::Work& work, const Site& site, const Visit& visit, const store::TransactionRow& row,
                  const http::Form& form);
FormResult enrol(const usecase::Work& work, const Site& site, const Visit& visit, const store::TransactionRow& row,
                 const http::Form& form);
FormResult confirm(const usecase::Work& work, const Site& site, const Visit& visit, const store::TransactionRow& row,
                   const http::Form& form);

/// What the next page says about a refusal.
[[nodiscard]] Outcome refused(const usecase::Problem& problem, std::string way, WallTime now);

/// The outcome of a check, whoever judged it. `method`: of a factor whose code it was; absent: it was sent.
[[nodiscard]] Outcome outcome_of(const usecase::Answer<usecase::Approved>& answer, std::string way,
                                 std::optional<domain::Method> method, bool empty, WallTime now);

}  // namespace countersign::api::pages
