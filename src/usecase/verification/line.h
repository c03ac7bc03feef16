#pragma once

#include <optional>
#include <string>
#include <vector>

#include "store/repository/contacts.h"
#include "store/repository/transactions.h"
#include "store/repository/verifications.h"
#include "usecase/outbox/carrier.h"
#include "usecase/problem.h"
#include "usecase/work.h"

namespace countersign::usecase {

// Starts for which the product chooses the channel: `auto`. Its verification is of the whole telephone line: whatever
// channel a later start names, it continues it, with the same attempts, sends and end. [ADR 46]

/// The contacts of the subject by which a code may go to the line of `of`, in the order in which the service prefers
/// their channels: those that the policy accepts, the service has, and the application has given. One that is known
/// not to be reached is left out where there is another. [ADR 48]
[[nodiscard]] std::vector<store::ContactRow> contacts_of_line(const std::vector<store::ContactRow>& contacts,
                                                              const store::ContactRow& of,
                                                              const ServiceSettings& service,
                                                              const domain::Policy& policy, WallTime now);

/// Whether a start to `contact` continues the pending verification `row` although that has another channel of the line.
[[nodiscard]] bool continues_line(const store::VerificationRow& row, const std::vector<store::ContactRow>& contacts,
                                  const store::ContactRow& contact);

/// What `auto` chooses for a line: `pending` is what goes on there, if anything does. `of_line`: not empty.
struct LineChoice {
  store::ContactRow contact;
  const ChannelProvider* provider = nullptr;
  std::vector<delivery::ChannelOfLine> channels;  ///< By which the message may go.
};
[[nodiscard]] Answer<LineChoice> choose_on_line(const Work& work, const ServiceSettings& service,
                                                const std::vector<store::ContactRow>& of_line,
                                                const std::optional<store::VerificationRow>& pending,
                                                bool display_required);

}  // namespace countersign::usecase
