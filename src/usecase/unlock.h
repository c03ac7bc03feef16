#pragma once

#include <string_view>

#include "usecase/context.h"
#include "usecase/problem.h"

namespace countersign::usecase {

/// Forgets the failures in a row at a contact's line or mailbox: the application knows that they were the person's own.
/// Those of the year are not forgotten. Of somebody who has never proved the line, it is the guard that all such people
/// share. Audited, whether there was something to forget or not. kNotFound for a contact of another subject. [STD-20]
[[nodiscard]] Answer<Done> unlock_contact(store::Tx& tx, const Context& context, const Caller& caller,
                                          std::string_view identity, const ContactId& id, Moment& moment);

}  // namespace countersign::usecase
