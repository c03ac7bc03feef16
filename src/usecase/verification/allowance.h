#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "store/repository/subjects.h"
#include "usecase/problem.h"
#include "usecase/spending/outlay.h"
#include "usecase/work.h"

namespace countersign::usecase {

/// Counts one send against every limit that guards it, or returns the limit that is used up; then nothing is counted.
/// Runs in the transaction that queues the message, so that a thousand parallel requests are counted one by one. People
/// who have proved the contact may use the full limits of account and country, others a share. `standalone`: the
/// address's owner is unknown, so nobody is exempt from the address's limit. `outlay`: by whom it is sent, and what it
/// costs; absent if it is not.
struct SendAsked {
  std::string_view by = {};  ///< Blind index "ip" of the end user's address; empty: not known.
  bool standalone = false;
};
[[nodiscard]] Answer<Done> count_send(const Work& work, const domain::Limits& limits, store::ContactRow& contact,
                                      std::string_view address, const SendAsked& asked,
                                      const std::optional<Outlay>& outlay);

/// Whom a notice goes to.
struct NoticeRecipient {
  contact::Channel channel;
  std::string_view address;
  bool proved;  ///< The recipient has proved the contact.
  ServiceId service;
  std::string provider;
};
/// What a message costs that is no code of a verification: counted for the account and the country, in the windows in
/// which codes are counted, or answers which of them is used up and until when. Notices have a ceiling of their own for
/// each recipient (usecase/subject/notices.h). [STD-7]
[[nodiscard]] Answer<Done> count_notice(store::Tx& tx, const Context& context, const AccountId& account,
                                        const NoticeRecipient& to, WallTime now);
/// The same for a code that confirms an objection; for its recipient it counts like any code: a recipient who has
/// proved the contact is exempt.
[[nodiscard]] Answer<Done> count_objection_code(const Work& work, const domain::Limits& limits, const AddressId& to,
                                                const NoticeRecipient& recipient);

/// Who guesses, for the limit of a network address.
enum class Guesser {
  kKnown,     ///< Has proved the line, or confirmed the app: limited only by the failures of that line or app.
  kStranger,  ///< Counts against the address, and is refused with it.
};

/// Whether one more code may be judged; counts it for the account, if that is limited. For the person's network address
/// only wrong codes of strangers count (count_wrong_check): many people may share an address, and a right code is not a
/// guess.
[[nodiscard]] Answer<Done> count_check(const Work& work, const domain::Limits& limits, Guesser guesser);
/// Whether the transaction's page accepts one more form; counts it. The result of a form is stored for a day even if it
/// cost no attempt, so anybody with the link could fill the database.
[[nodiscard]] Answer<Done> count_form(const Work& work, const TransactionId& transaction);

/// In the same transaction as count_check: the code was wrong, or a provider judges it.
void count_wrong_check(const Work& work, const store::Vault& vault, const domain::Limits& limits, Guesser guesser);

}  // namespace countersign::usecase
