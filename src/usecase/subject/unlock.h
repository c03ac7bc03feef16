#pragma once

#include <string_view>

#include "usecase/problem.h"
#include "usecase/work.h"

namespace countersign::usecase {

/// Resets the failures in a row at a contact's line or mailbox: the application knows that they were the person's own.
/// Failures counted over the year stay. If the person has never proved the line, this resets the guard that all such
/// people share. Always audited. kNotFound for a contact of another subject. [STD-20]
[[nodiscard]] Answer<Done> unlock_contact(const Work& work, std::string_view identity, const ContactId& id);

}  // namespace countersign::usecase
