#pragma once

#include "store/repository/erasures.h"
#include "store/set_aside.h"
#include "usecase/subject/show.h"

namespace countersign::usecase {

/// Requests the erasure of a subject at all services: notifies every contact and erases in 72 hours. Repeated, it
/// returns the due time; after an objection it starts again. kNotFound for a subject that is unknown or erased.
[[nodiscard]] Answer<domain::Erasure> ask_for_erasure(const Work& work, std::string_view identity);

/// [STD-14] Stops the erasure. `by`: `application` or `contact`. kNotFound if none was requested.
[[nodiscard]] Answer<Done> stop_erasure(const Work& work, const SubjectId& subject, std::string_view by);

/// Erases one subject if it is due. Cancels open transactions, deletes personal data, and leaves a tombstone that
/// prevents founding for the identity.
void erase_subject(store::Tx& tx, const Context& context, store::ErasureRow row, Moment& moment);

/// Erases at most `limit` due subjects and returns how many. Skips `aside`; a row that cannot be read fails the unit
/// with the row's name.
[[nodiscard]] int erase_due(store::Tx& tx, const Context& context, int limit, Moment& moment,
                            const store::SetAsideKeys& aside = {});

}  // namespace countersign::usecase
