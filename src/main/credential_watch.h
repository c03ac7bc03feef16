#pragma once

#include <optional>
#include <vector>

#include "api/keys.h"
#include "api/twilio/auth_tokens.h"
#include "base/worker.h"
#include "store/repository/vault.h"
#include "store/store.h"
#include "usecase/context.h"

namespace countersign::app {

/// Keeps the API keys and auth tokens in memory as they are in the database, where this node, another one or a command
/// changes them: it looks at their version four times a second, and reads them when that is another one. So a revoked
/// key works for less than a second, and no request costs a query. Every five seconds it reads them whatever the
/// version is, for changes of programs from before the version. Also writes down, once an hour, that a key is used.
class CredentialWatch {
 public:
  struct Parts {
    store::Store& store;
    store::Vault vault;
    const usecase::Settings& settings;
    api::KeyTable& keys;
    api::twilio::AuthTokens& auth_tokens;
    Clock& clock;
  };
  /// All parts outlive it. Stop it, then the store, and only then destroy it: a reading may be under way.
  explicit CredentialWatch(Parts parts);
  ~CredentialWatch() { stop(); }
  CredentialWatch(const CredentialWatch&) = delete;
  CredentialWatch& operator=(const CredentialWatch&) = delete;

  /// Reads them now. `then` runs on a thread of this object as soon as what was committed before this call is in force
  /// on this node: later, while the database cannot be read; never, if it is stopped before.
  void refresh(Task then = {});

  void stop() { worker_.stop(); }

 private:
  struct Found {
    std::int64_t version = 0;
    std::vector<store::ApiKeyRow> keys;
    api::twilio::AuthTokens::Table tokens;
  };

  void look();
  void take(Result<std::optional<Found>, store::StoreError> found);
  void write_uses();

  const Parts parts_;
  // What follows is used by the worker's thread alone.
  std::optional<std::int64_t> seen_;
  MonotonicTime read_at_;
  MonotonicTime uses_written_at_;
  bool reading_ = false;
  std::vector<Task> waiting_;  ///< For a reading that begins from now on.
  std::vector<Task> served_;   ///< By the one that is under way.
  Worker worker_;
};

}  // namespace countersign::app
