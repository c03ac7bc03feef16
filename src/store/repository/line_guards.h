#pragma once

#include "store/repository/subjects.h"

namespace countersign::store {

/// Whose guesses at a line count together.
enum class Guessers {
  kOwn,        ///< Only those of the contact's subject.
  kStrangers,  ///< Those of all who never proved it.
};

/// kOwn once the subject has proved the line, and permanently once it has failed there, so that a contact that is
/// removed and given again keeps its count. A standalone code (`code_alone`) has no subject. [STD-21]
[[nodiscard]] Guessers guessers_of(const ContactRow& contact, bool code_alone);

[[nodiscard]] domain::LineGuard guard_of(const ContactRow& contact, Guessers guessers);

/// Writes the guard, and updates the contact's copy. An own guard is created by the first failure.
void save_guard(Tx& tx, const AccountId& account, ContactRow& contact, Guessers guessers,
                const domain::LineGuard& guard);

}  // namespace countersign::store
