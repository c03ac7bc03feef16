#pragma once

#include <optional>
#include <string>

#include "base/id.h"
#include "base/ip.h"
#include "base/moment.h"
#include "store/repository/events.h"
#include "store/repository/vault.h"
#include "store/tx.h"
#include "usecase/settings.h"

namespace countersign::usecase {

class AskedLately;
class ConversionBook;
class DecisionLog;
class ParsedKeys;
class ProviderBoard;
class PushOutbox;
class RiskBook;
class RuleBook;
class Tally;
class TrustBook;

/// What use cases need besides the database. One per process; everything in it is thread-safe.
struct Context {
  const Settings& settings;
  store::Vault vault;
  store::EventIds& event_ids;
  Tally* tally = nullptr;                 ///< Receives counts for metrics; may be null (usecase/tally.h).
  ParsedKeys* passkey_keys = nullptr;     ///< May be null: then each key is parsed for each answer.
  AskedLately* passkeys_asked = nullptr;  ///< May be null: then what an answer is judged by is read for each.
  ProviderBoard* board = nullptr;         ///< May be null: then no provider is known to fail.
  ConversionBook* conversion = nullptr;   ///< May be null: then nobody counts what becomes of codes.
  PushOutbox* push_outbox = nullptr;      ///< May be null: then prompts are not sent, as for test accounts.
  RiskBook* risk = nullptr;               ///< May be null: then no code is counted or refused by the fraud rules.
  DecisionLog* decisions = nullptr;       ///< May be null: then decisions of the fraud rules are not recorded.
  RuleBook* rules = nullptr;              ///< May be null: then there are no fraud rules about trust.
  TrustBook* trust = nullptr;             ///< May be null: then nothing is remembered of people for them.
};

/// On whose behalf a use case runs.
struct Caller {
  AccountId account;
  std::string actor;  ///< For the audit log: `api:SK…`, `person`, `system`.
  std::string request_id;
  std::optional<IpAddress> end_user;  ///< The person's address, as seen by the application or the page.
  bool test_only = false;       ///< With test credentials: sees only test services (usecase/verify_api/service.h).
  bool may_vouch = false;       ///< The key has the scope `vouch`. [STD-5]
  bool may_administer = false;  ///< The key has the scope `admin`.
  std::string locale = {};      ///< The person's, if the call gives it.
  /// For how long her browser has shown the page that the call comes from, or an earlier one of the same transaction.
  std::optional<Duration> shown_for = {};

  /// The caller is the person, on a page.
  [[nodiscard]] bool is_person() const { return actor == "person"; }
};

/// The parameters of one use case call. Owns nothing: created where a store unit begins, and lives as long as the unit.
/// A callback that outlives the unit (Tx::when_durable) copies what it needs.
struct Work {
  store::Tx& tx;  ///< The database transaction of the call.
  const Context& context;
  const Caller& caller;
  Moment& moment;
};

}  // namespace countersign::usecase
