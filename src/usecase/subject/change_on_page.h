#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "store/repository/transactions.h"
#include "usecase/subject/enrol_on_page.h"

namespace countersign::usecase {

// The person renames a factor, asks for its removal, or keeps one whose removal was asked for. Each takes an operation
// of its own, which names the factor and what happens, and is approved with sources that count on their own [STD-4]. It
// is a transaction of the type domain::Purpose::kChangeSource, begun on the page of the person's methods.

enum class MethodChange : std::uint8_t {
  kRename,  ///< At once; changes nothing about how it counts.
  kRemove,  ///< It counts until the removal takes place. [STD-8]
  kKeep     ///< The removal does not take place. [STD-11]
};

struct ChangeAsked {
  BindingId binding;  ///< Of an app, a passkey or a set of recovery codes.
  MethodChange change = MethodChange::kRename;
  std::string name = {};  ///< The new one.
};

/// Begins the operation from `from`, the page's transaction; it leads back to `page.back`. kNotFound if the person has
/// no such factor; kInvalidField for a name that is empty, too long, no plain text, or that of another factor, so that
/// none can be made to look like another; kSourceDoesNotCount if too few sources that count can be asked;
/// kMethodNotAllowed if it would leave too little, or the change is not open; kRateLimited.
[[nodiscard]] Answer<Addition> begin_change(const Work& work, const store::TransactionRow& from,
                                            const ChangeAsked& asked, const AdditionPage& page);

/// What an operation changes; nullopt for every other transaction.
[[nodiscard]] std::optional<ChangeAsked> change_of(const Context& context, const store::TransactionRow& operation);

/// Carries out an approved operation and ends it as released; as canceled if it is no longer open, or its proofs may
/// not change anything. Called only by prove().
void carry_out_change(const Work& work, store::TransactionRow& operation, domain::standing::History& history);

}  // namespace countersign::usecase
