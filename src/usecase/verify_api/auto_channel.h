#pragma once

#include <optional>
#include <string>
#include <vector>

#include "store/repository/contacts.h"
#include "store/repository/verifications.h"
#include "usecase/outbox/carrier.h"
#include "usecase/verify_api/service.h"

namespace countersign::usecase::verify_api {

// `auto`: a number is a telephone line, and the product chooses by which of its channels a code goes (docs/adr/0046).

/// The channels by which a code may go to the number, the preferred one first: those of the service that can carry it.
/// `payment`: a code confirms a payment, which no call may (60214).
[[nodiscard]] std::vector<contact::Channel> channels_of_number(const Service& service, const std::string& to,
                                                               bool payment);

struct WayTerms {
  bool display_required = false;  ///< Only by a channel that shows what is approved.
  bool codes_of_theirs = false;   ///< The application has made the code.
};
/// Which of `channels` is chosen, and its provider. `pending`: what is sent again; null if nothing is. nullopt: none.
[[nodiscard]] std::optional<ChosenWay> way_of_number(const Work& work, const Service& service,
                                                     std::vector<contact::Channel> channels, const std::string& to,
                                                     const store::VerificationRow* pending, const WayTerms& terms);

/// Leaves out the channels that are known not to reach the number of `contact`, unless all are. True: some were. [ADR
/// 48]
[[nodiscard]] bool leave_out_hindered(std::vector<contact::Channel>& channels, const store::ContactRow& contact,
                                      WallTime now);

}  // namespace countersign::usecase::verify_api
