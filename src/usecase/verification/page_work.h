#pragma once

#include <string>
#include <string_view>

#include "store/repository/vault.h"
#include "usecase/work.h"

namespace countersign::usecase {

// Where the fraud rules are uneasy about a message to somebody who has not proved the contact, a page may have it for a
// proof of work (crypto/proof_of_work.h): a second of the browser's time, or, without scripts, half a minute of hers.
// Never asked of people who have proved the contact: no rule refuses their messages. [ADR 51]

/// For the form of that transaction's page, good for ten minutes: the challenge, as its unsolved payload.
[[nodiscard]] std::string work_for_page(const store::Vault& vault, const TransactionId& transaction, Moment& moment);

/// Whether the form has done its work. Spends it: on all nodes together it is accepted once, for its page alone.
[[nodiscard]] bool accept_page_work(const Work& work, const TransactionId& transaction, std::string_view payload);

/// How long a browser without scripts waits.
inline constexpr Duration kWorkWait = std::chrono::seconds(30);

}  // namespace countersign::usecase
