#pragma once

#include <functional>
#include <optional>
#include <string_view>

#include "store/repository/contacts.h"
#include "usecase/problem.h"
#include "usecase/risk/book.h"
#include "usecase/risk/decide.h"
#include "usecase/work.h"

namespace countersign::usecase {

// Before a message leaves that costs money. [ADR 51]

/// A code that is about to leave. Borrows; lives for the call.
struct CodeToSend {
  ServiceId service;
  std::optional<TransactionId> transaction;
  std::optional<SubjectId> subject;
  contact::Channel channel;
  std::string_view address;   ///< E.164, or an e-mail address.
  std::string_view asked_by;  ///< Blind index of the end user's address, as counters have it; empty: not known.
  bool proved = false;        ///< Whoever asks has proved the contact before: no rule refuses her code.
  std::function<bool()> is_safe_listed = {};  ///< Asked only where it matters; may be a statement.
  bool risk_check_disabled = false;
  /// A page's proof of work was accepted: it may have what takes another kind.
  bool worked = false;
  std::string_view type = {};             ///< Of the transaction.
  std::optional<WallTime> given_at = {};  ///< The contact, to the person.
};

/// A code that was decided about.
class DecidedSend {
 public:
  /// The limits allow it too: records the decision, and counts the code for `verification` until its unit is undone.
  void count(const Work& work, const VerificationId& verification);
  /// A limit refuses it: takes back what the decision counted.
  void drop(const Work& work);

 private:
  friend Answer<DecidedSend> decide_send(const Work& work, const CodeToSend& code);
  Deciding deciding_;
  RiskBook::Asked asked_;
  bool counts_ = false;
  bool ceiling_ = false;
};

/// What the rules say of one code; a refusal is recorded and answered with kNotAvailableNow, whose text tells nothing
/// of the rule. Nothing is counted of a code that is refused. In a country without a history one statement, of which
/// a commit has one for the country; else none.
[[nodiscard]] Answer<DecidedSend> decide_send(const Work& work, const CodeToSend& code);

/// The number's places. Empty for a mailbox.
[[nodiscard]] risk::Keys keys_of_number(std::string_view address);

/// The code for the contact was right: counts it once that is durable. `contact`: as it was before.
/// `verification`: its own.
void note_typed(const Context& context, const AccountId& account, const store::ContactRow& contact,
                std::string_view address, const VerificationId& verification, const std::optional<IpAddress>& end_user,
                WallTime now);

/// Key of the counter that is exact for all nodes: codes of a day to people unknown in a country without a history.
[[nodiscard]] std::string new_country_counter(std::string_view country);

}  // namespace countersign::usecase
