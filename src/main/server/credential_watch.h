#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "api/twilio/auth_tokens.h"
#include "base/worker.h"
#include "store/repository/conversion.h"
#include "store/repository/vault.h"
#include "store/store.h"
#include "usecase/api_keys.h"
#include "usecase/settings.h"

namespace countersign::usecase {
class ProviderBoard;
class RuleBook;
}  // namespace countersign::usecase

namespace countersign::main {

/// Keeps API keys, auth tokens and which providers are drained in memory up to date with the database, whichever node
/// or command changes them: it polls their version four times a second, and reloads them when it differs. So a revoked
/// key works for less than a second, and no request needs a query. Every five seconds it reloads regardless of the
/// version, for changes by programs that do not maintain it, and for the learned weights of lists, which change on
/// their own. Also records, once an hour, that a key is used.
class CredentialWatch {
 public:
  struct Parts {
    store::Store& store;
    store::Vault vault;
    const usecase::Settings& settings;
    usecase::KeyTable& keys;
    api::twilio::AuthTokens& auth_tokens;
    Clock& clock;
    usecase::ProviderBoard* board = nullptr;  ///< Learns what is drained, and learned weights.
    usecase::RuleBook* rules = nullptr;       ///< Learns the fraud rules that accounts have set.
  };
  /// All parts outlive it. Stop it, then the store, and only then destroy it: a read may be in progress.
  explicit CredentialWatch(Parts parts);
  ~CredentialWatch() { stop(); }
  CredentialWatch(const CredentialWatch&) = delete;
  CredentialWatch& operator=(const CredentialWatch&) = delete;

  /// Reloads now. `then` runs on a thread of this object once everything committed before this call is in force on this
  /// node: delayed while the database cannot be read; never, if it is stopped first.
  void refresh(Task then = {});

  void stop() { worker_.stop(); }

  static constexpr Duration kLook = std::chrono::milliseconds(250);

 private:
  struct Found {
    std::int64_t version = 0;
    std::vector<store::ApiKeyRow> keys;
    api::twilio::AuthTokens::Table tokens;
    std::set<std::string, std::less<>> drained;
    std::map<AccountId, std::string> rules;
    std::map<store::LearnedKey, int> shares;
  };

  void look();
  void take(Result<std::optional<Found>, store::StoreError> found);
  void write_uses();

  const Parts parts_;
  // Only on the worker's thread:
  std::optional<std::int64_t> seen_;
  MonotonicTime read_at_;
  MonotonicTime uses_written_at_;
  bool reading_ = false;
  std::vector<Task> waiting_;  ///< For the next read.
  std::vector<Task> served_;   ///< For the read in progress.
  Worker worker_;
};

}  // namespace countersign::main
