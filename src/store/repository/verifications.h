#pragma once

#include <optional>
#include <string>
#include <vector>

#include "domain/sendings.h"
#include "domain/verification.h"
#include "store/tx.h"

namespace countersign::store {

struct TransactionRow;

/// Stands in the row of its transaction, which is read and written with it.
struct VerificationRow {
  domain::Verification state;
  std::string provider;                     ///< Name of the provider that sends it.
  std::optional<std::string> provider_ref;  ///< The provider's reference, once it has answered; only from a Verifier.
  std::optional<std::string>
      send_fault;  ///< Why the last message failed for good (delivery::Fault); nullopt otherwise.
  /// Only of a standalone code, and where the product chose the channel: then all of its line continue it.
  domain::Sendings sendings{};

  /// The product has chosen its channel, or the application asks for a standalone code.
  [[nodiscard]] bool is_of_line() const { return !sendings.empty(); }
  /// By which its codes have gone, or may have.
  [[nodiscard]] std::vector<contact::Channel> channels() const {
    return is_of_line() ? domain::channels_used(sendings) : std::vector{state.channel};
  }
};

/// What stands in the row of a transaction that has none.
[[nodiscard]] std::string no_verifications();

/// More of one transaction are not kept: a new one then takes the place of the oldest, which has long ended, because
/// messages are limited.
inline constexpr int kVerificationsMax = 100;

/// Newest first. Those of a row from before schema step 14 are read from a table of their own.
[[nodiscard]] std::vector<VerificationRow> verifications_of(Tx& tx, const TransactionRow& row);
[[nodiscard]] std::optional<VerificationRow> find_verification(Tx& tx, const TransactionRow& row,
                                                               const VerificationId& id);

/// Puts it in the row, or in the place of the one with its id. The caller writes the row:
/// insert_transaction, save_transaction or save_verifications. Moves all of an older row there.
void put_verification(Tx& tx, TransactionRow& row, const VerificationRow& v);
/// Writes the row's verifications, and nothing else of it.
void save_verifications(Tx& tx, const TransactionRow& row);

/// For callers that need nothing of the transaction. The caller's unit has no row of it that it will write.
[[nodiscard]] std::optional<VerificationRow> find_verification(Tx& tx, const AccountId& account,
                                                               const TransactionId& transaction,
                                                               const VerificationId& id);
void set_provider_ref(Tx& tx, const AccountId& account, const TransactionId& transaction, const VerificationId& id,
                      std::string_view ref);
/// Another provider carries its code now.
void set_provider(Tx& tx, const AccountId& account, const TransactionId& transaction, const VerificationId& id,
                  std::string_view provider);
void set_send_fault(Tx& tx, const AccountId& account, const TransactionId& transaction, const VerificationId& id,
                    std::string_view fault);
/// Forgets the fault, if it is still that one: the message has arrived after all.
void clear_send_fault(Tx& tx, const AccountId& account, const TransactionId& transaction, const VerificationId& id,
                      std::string_view fault);

}  // namespace countersign::store
