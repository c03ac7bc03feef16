#pragma once

#include "store/repository/erasures.h"
#include "store/set_aside.h"
#include "usecase/show_subject.h"

namespace countersign::usecase {

/// [STD-14] How long everybody who was told can object.
inline constexpr auto kErasureWait = std::chrono::hours(72);

/// Asks for the erasure of a subject, at all services: tells every contact, and acts in 72 hours. Asked again it
/// answers when; after an objection it begins anew. kNotFound for an unknown subject, and for one that is erased.
[[nodiscard]] Answer<ErasureView> ask_for_erasure(store::Tx& tx, const Context& context, const Caller& caller,
                                                  std::string_view identity, Moment& moment);

/// [STD-14] Stops it. `by`: `application` or `contact`. kNotFound where none is asked for.
[[nodiscard]] Answer<Done> stop_erasure(store::Tx& tx, const Context& context, const Caller& caller,
                                        const SubjectId& subject, std::string_view by, Moment& moment);

/// Erases one subject, whose time has come. What is open is canceled, personal data deleted, and a tombstone left that
/// closes founding for the identity.
void erase_subject(store::Tx& tx, const Context& context, store::ErasureRow row, Moment& moment);

/// Erases what is due, at most `limit` subjects; answers how many. Passes over `aside`; what cannot be read fails the
/// unit by the row's name.
[[nodiscard]] int erase_due(store::Tx& tx, const Context& context, int limit, Moment& moment,
                            const store::SetAsideKeys& aside = {});

}  // namespace countersign::usecase
