#pragma once

#include <string_view>

#include "store/repository/subjects.h"
#include "usecase/context.h"
#include "usecase/problem.h"

namespace countersign::usecase {

/// Counts one sending against every limit that guards it, or says which is used up; in that case nothing is counted.
/// In the store, in the transaction that queues the message, so that a thousand parallel requests count one by one.
/// Who has proved the contact may use all of what an account or a country may send, others a part. `code_alone`: nobody
/// says whose the address is, so nobody is exempt from what it may be sent.
[[nodiscard]] Answer<Done> count_send(store::Tx& tx, const Context& context, const Caller& caller, const Limits& limits,
                                      store::ContactRow& contact, std::string_view address, bool code_alone,
                                      WallTime now);

/// What a message costs that is no code of a verification: counted for the account and the country, in the windows in
/// which codes are counted, or answers which of them is used up and until when. `proved`: the recipient has proved the
/// contact. Notices have a ceiling of their own for each recipient (usecase/tell.h). [STD-7]
[[nodiscard]] Answer<Done> count_notice(store::Tx& tx, const Context& context, const AccountId& account,
                                        const Limits& limits, contact::Channel channel, std::string_view address,
                                        bool proved, WallTime now);
/// The same for a code that lets whoever was told object, and for its recipient as for any code: who has proved the
/// contact is exempt.
[[nodiscard]] Answer<Done> count_objection_code(store::Tx& tx, const Context& context, const AccountId& account,
                                                const Limits& limits, contact::Channel channel, const AddressId& to,
                                                std::string_view address, bool proved, WallTime now);

/// Who guesses, as far as a network address is concerned.
enum class Guesser {
  kKnown,     ///< Has proved the line, or confirmed the app: bounded by the failures of it, and by nobody else's.
  kStranger,  ///< Counts for the address, and is refused with it.
};

/// Whether one more code may be judged; counts it for the account, if that is limited. Of a person's network address
/// only strangers' wrong ones count (count_wrong_check): many people may share it, and who is right guesses nothing.
[[nodiscard]] Answer<Done> count_check(store::Tx& tx, const Context& context, const Caller& caller,
                                       const Limits& limits, Guesser guesser, WallTime now);
/// Whether the page of a transaction takes one more form; counts it. What a form led to is kept for a day, also where
/// it cost no attempt, and whoever has the link could fill the database with it.
[[nodiscard]] Answer<Done> count_form(store::Tx& tx, const Context& context, const Caller& caller,
                                      const TransactionId& transaction, WallTime now);

/// In the same transaction as count_check: the code was wrong, or it is judged elsewhere.
void count_wrong_check(store::Tx& tx, const store::Vault& vault, const Caller& caller, const Limits& limits,
                       Guesser guesser, WallTime now);

}  // namespace countersign::usecase
