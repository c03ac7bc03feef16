#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/secret.h"
#include "usecase/work.h"

namespace countersign::usecase {

/// Processes what is due in a test account by its own clock, in this transaction: messages and notices, which go to the
/// account's inbox and never to a provider, lapsed holds and claims, waits of sources, erasures. Not webhooks, which go
/// to an outside endpoint (TestWorker). At most some hundred items; the worker does the rest.
void work_off_tests(store::Tx& tx, const Context& context, const AccountId& account, Moment& moment);

/// A message that a person of a test account would have received.
struct TestMessage {
  MessageId id;
  std::string channel;
  std::string to;
  std::string subject;  ///< E-mail only.
  std::string body;
  SecretString code;                           ///< Empty in a notice.
  std::optional<TransactionId> transaction;    ///< Absent for a notice.
  std::optional<VerificationId> verification;  ///< Absent for a notice.
  WallTime arrived_at;
};

/// The account's messages that have arrived by `now`, newest first. The newest 1,000 are kept, for as long as test data
/// is.
struct TestMessageFilter {
  std::optional<std::string> to{};
  std::optional<TransactionId> transaction{};
  int limit = 50;
};
[[nodiscard]] std::vector<TestMessage> list_test_messages(store::Tx& tx, const Context& context,
                                                          const AccountId& account, const TestMessageFilter& filter,
                                                          WallTime now);

}  // namespace countersign::usecase
