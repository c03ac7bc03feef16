#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "domain/display.h"
#include "domain/transaction.h"
#include "risk/features.h"
#include "risk/profile.h"
#include "store/repository/time_range.h"
#include "store/repository/vault.h"
#include "store/repository/verifications.h"
#include "store/set_aside.h"
#include "store/tx.h"

namespace countersign::store {

/// What the fraud rules noted of a transaction. [ADR 51]
struct NotedRisk {
  /// What was known at the hold, of which rules at later points ask. Without its words.
  risk::Features features = {};
  std::vector<std::string> rules = {};  ///< Which stopped it, or asked for another kind.
  risk::Profile::Asked learn = {};      ///< Device, network and payout that are hers once she approves it.
  std::int64_t payout_others = 0;       ///< People who had that payout before.
  bool allowed = false;                 ///< By an operator: no rule stops it any more.
};

/// One row of `transactions`. Sealed columns stay sealed until opened (open_display, open_return_url, open_metadata).
struct TransactionRow {
  domain::Transaction state;
  std::string type;    ///< The application's name for it; empty if the purpose is not kRelease.
  std::string locale;  ///< Chosen by the application; empty: the service's.
  std::string display_sealed;
  std::string display_hash;  ///< SHA-256 of the display's RFC 8785 form.
  std::string payload_hash;  ///< SHA-256 of the RFC 8785 form of the payload.
  std::string binding_hash;  ///< Over account, id and the two hashes; every proof is bound to it. [TXN-2]
  std::string token_digest;  ///< Digest of the secret in verify_url.
  std::optional<std::string> return_url_sealed;
  std::string readable_return_url{};  ///< Written in clear by a release before schema step 3; else empty.
  std::optional<std::string> metadata_sealed;
  std::optional<std::string> claimer_digest;
  /// Where it was read together: the subject's history at its service, as in `standings` (standings.h).
  std::optional<std::string> history_content{};
  /// Its verifications (verifications.h); nullopt in a row from before schema step 14, whose have a table of their own.
  std::optional<std::string> verifications_content{no_verifications()};
  NotedRisk risk{};
  std::optional<std::string> ceremonies_sealed{};  ///< Challenges for passkeys and what they signed (ceremonies.h).
};

/// The column `type`, which is also shown in lists of transactions of every purpose: the application's name, or for a
/// purpose other than kRelease a text that begins with `$`, which no hold may use.
[[nodiscard]] std::string_view type_text(const TransactionRow& row);
/// For every purpose but kRelease.
[[nodiscard]] std::string_view type_text(domain::Purpose purpose);

/// With the verifications that were put in the row.
void insert_transaction(Tx& tx, const TransactionRow& row);
[[nodiscard]] std::optional<TransactionRow> find_transaction(Tx& tx, const AccountId& account, const TransactionId& id);

/// What is released, as it is stored. [TXN-1]
struct SealedPayload {
  std::string data_key_wrapped;
  std::string payload_sealed;
};
/// What a claim reads together.
struct ToRelease {
  TransactionRow row;                    ///< With `history_content`, if any.
  std::optional<SealedPayload> payload;  ///< nullopt after destroy_payload.
  std::string identity_sealed;           ///< The subject's; empty where there is no such subject.
};
[[nodiscard]] std::optional<ToRelease> find_transaction_to_release(Tx& tx, const AccountId& account,
                                                                   const TransactionId& id);

/// Writes what changes during its life: status, proofs, times, claimer, verifications, ceremonies.
void save_transaction(Tx& tx, const TransactionRow& row);
/// Writes what the fraud rules and an operator's word change besides: policy, end of the hold, review, noted risk.
void save_risk(Tx& tx, const TransactionRow& row);

/// In review or refused by the rules, as long as an operator may decide; those that lapse first come first.
[[nodiscard]] std::vector<TransactionRow> transactions_to_review(Tx& tx, const AccountId& account, WallTime now,
                                                                 const std::optional<WallTime>& after, int limit);

struct TransactionFilter {
  std::optional<domain::TransactionStatus> status{};  ///< As stored: the sweeper updates lapsed ones within a minute.
  std::optional<SubjectId> subject{};
  std::string type{};             ///< Empty: any.
  std::optional<bool> claimed{};  ///< Whether it is claimed.
  TimeRange held{};
  std::optional<TransactionId> before{};  ///< Older than this id.
  int limit = 50;
};
struct TransactionPage {
  std::vector<TransactionRow> rows;
  std::optional<TransactionId> next;  ///< Where the next page begins, if there may be one.
};
/// Newest first. There is no index by status, type or claim, because every change would have to maintain it: one page
/// reads a bounded number of transactions, and may be short although `next` is set. The exception is claimed but
/// unacknowledged ones (kVerified and claimed), which have an index: pages are full.
[[nodiscard]] TransactionPage list_transactions(Tx& tx, const AccountId& account, const TransactionFilter& filter);

/// The time at which a source of the subject is added or removed: now, but after each of the subject's latest hundred
/// transactions, even if the clock has been set back. So a source added after a hold never appears older.
[[nodiscard]] WallTime time_after_holds(Tx& tx, const AccountId& account, const SubjectId& subject, WallTime now);

/// Held and verified-but-unclaimed ones of that subject at that service, newest first.
[[nodiscard]] std::vector<TransactionRow> unclaimed_transactions(Tx& tx, const AccountId& account,
                                                                 const SubjectId& subject, const ServiceId& service,
                                                                 int limit);
/// What the rules refused of that subject and an operator may still allow.
[[nodiscard]] std::vector<TransactionRow> refused_transactions(Tx& tx, const AccountId& account,
                                                               const SubjectId& subject);
/// The language of the subject's newest transaction.
[[nodiscard]] std::optional<std::string> last_locale(Tx& tx, const AccountId& account, const SubjectId& subject);
/// Whether the subject ever had one at that service, within their retention.
[[nodiscard]] bool has_transaction(Tx& tx, const AccountId& account, const SubjectId& subject,
                                   const ServiceId& service);

/// Held or verified-but-unclaimed ones that lapsed before `now`, across accounts, at most `limit`. Skips `aside`; an
/// unreadable one fails the unit with its key.
[[nodiscard]] std::vector<TransactionRow> lapsed_transactions(Tx& tx, WallTime now, int limit,
                                                              const SetAsideKeys& aside = {});

/// Claimed before `before` and not acknowledged, the oldest claim first.
[[nodiscard]] std::vector<TransactionRow> unacknowledged_transactions(Tx& tx, const AccountId& account, WallTime before,
                                                                      int limit);
struct Unacknowledged {
  std::int64_t count = 0;
  std::optional<WallTime> oldest;  ///< When the first of them was claimed.
};
[[nodiscard]] Unacknowledged count_unacknowledged(Tx& tx, const AccountId& account);

[[nodiscard]] std::string seal_display(const Vault& vault, const TransactionId& id, std::string_view canonical,
                                       Random& random);
[[nodiscard]] domain::Display open_display(const Vault& vault, const TransactionRow& row);
[[nodiscard]] domain::Display open_display(const Vault& vault, const TransactionId& id, std::string_view sealed);
[[nodiscard]] std::string seal_return_url(const Vault& vault, const TransactionId& id, std::string_view url,
                                          Random& random);
[[nodiscard]] std::string open_return_url(const Vault& vault, const TransactionRow& row);  ///< Empty if there is none.
[[nodiscard]] std::string seal_metadata(const Vault& vault, const TransactionId& id, std::string_view canonical,
                                        Random& random);
[[nodiscard]] std::optional<SecretString> open_metadata(const Vault& vault, const TransactionRow& row);

/// What a webhook about a transaction contains about the person. Nothing that has been erased or purged.
struct Announced {
  std::optional<std::string> identity;
  std::optional<std::string> metadata;  ///< RFC 8785 form.
};
[[nodiscard]] Announced announced(Tx& tx, const Vault& vault, const AccountId& account, const TransactionId& id);

/// Seals the payload under its own data key, which the keyring wraps. [TXN-1]
void insert_payload(Tx& tx, const Vault& vault, const AccountId& account, const TransactionId& id,
                    std::string_view payload, Random& random);
[[nodiscard]] SecretString open_payload(const Vault& vault, const TransactionId& id, const SealedPayload& payload);
/// Destroys the data key and the ciphertext.
void destroy_payload(Tx& tx, const AccountId& account, const TransactionId& id);

}  // namespace countersign::store
