#pragma once

#include "store/repository/subjects.h"

namespace countersign::store {

/// Whose guesses count together at a line.
enum class Guessers {
  kOwn,        ///< Those of the contact's subject alone.
  kStrangers,  ///< Those of all who have never proved it.
};

/// The subject's own once it has proved the line, and for good once it has failed there, so that a contact that is
/// removed and given again has the count that it had. A code for its own sake (`code_alone`) is nobody's. [STD-21]
[[nodiscard]] Guessers guessers_of(const ContactRow& contact, bool code_alone);

[[nodiscard]] domain::LineGuard guard_of(const ContactRow& contact, Guessers guessers);

/// Writes it, and changes the contact's copy. A guard of its own starts with the first failure.
void save_guard(Tx& tx, const AccountId& account, ContactRow& contact, Guessers guessers,
                const domain::LineGuard& guard);

}  // namespace countersign::store
