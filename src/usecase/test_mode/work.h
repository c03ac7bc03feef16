#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/secret.h"
#include "usecase/context.h"

namespace countersign::usecase {

/// Works off what is due in a test account by its own clock, in this transaction: messages and notices, which reach the
/// account's inbox and never a provider, holds and claims that lapse, waits of sources, erasures. Not webhooks, which
/// somebody outside must take (TestWorker). Some hundreds at most: the worker does the rest.
void work_off_tests(store::Tx& tx, const Context& context, const AccountId& account, Moment& moment);

/// What a test account's person would have been sent.
struct TestMessage {
  MessageId id;
  std::string channel;
  std::string to;
  std::string subject;  ///< Of an e-mail.
  std::string body;
  SecretString code;                           ///< Empty in a notice.
  std::optional<TransactionId> transaction;    ///< Nothing of a notice.
  std::optional<VerificationId> verification;  ///< Likewise.
  WallTime arrived_at;
};

/// What the account was sent and has arrived by `now`, newest first. The newest 1,000 are kept, for as long as test
/// data is.
struct TestMessageFilter {
  std::optional<std::string> to{};
  std::optional<TransactionId> transaction{};
  int limit = 50;
};
[[nodiscard]] std::vector<TestMessage> list_test_messages(store::Tx& tx, const Context& context,
                                                          const AccountId& account, const TestMessageFilter& filter,
                                                          WallTime now);

}  // namespace countersign::usecase
