#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "domain/display.h"
#include "domain/transaction.h"
#include "store/repository/time_range.h"
#include "store/repository/vault.h"
#include "store/set_aside.h"
#include "store/tx.h"

namespace countersign::store {

/// The type of a transaction that holds nothing: a code for its own sake, as the Verify-compatible API sends them. No
/// hold can name it. It has no payload, announces nothing, and is over as soon as it is proved. Its verification has
/// the same 128 bits as id.
inline constexpr std::string_view kCodeAlone = "$code";

/// The type of the operation by which a person adds a source on a page [STD-4]. It is approved like any other, releases
/// nothing, and no application sees it.
inline constexpr std::string_view kAddSource = "$add_source";

/// The type of the operation by which a person decides about a change that was stopped [STD-11]. Its metadata says
/// which and how.
inline constexpr std::string_view kDecideChange = "$decide_change";

/// Of ours, and not held by an application.
[[nodiscard]] inline bool is_internal(std::string_view type) { return type.starts_with('$'); }

/// One row of `transactions`. What is sealed stays so until somebody asks (open_display, open_return_url,
/// open_metadata).
struct TransactionRow {
  domain::Transaction state;
  std::string type;
  std::string locale;  ///< As the application chose it; empty: the service's.
  std::string display_sealed;
  std::string display_hash;  ///< SHA-256 of the RFC 8785 form of what the person is shown.
  std::string payload_hash;  ///< SHA-256 of the RFC 8785 form of the payload.
  std::string binding_hash;  ///< Over account, id and the two hashes; every proof is for this. [TXN-2]
  std::string token_digest;  ///< Of the secret in verify_url.
  std::optional<std::string> return_url_sealed;
  std::string readable_return_url{};  ///< As a release before step 3 of the schema wrote it; else empty.
  std::optional<std::string> metadata_sealed;
  std::optional<std::string> claimer_digest;
  /// Of find_transaction_with_history: what its subject is known by at its service, as `standings` has it
  /// (standings.h).
  std::optional<std::string> history_content{};
};

void insert_transaction(Tx& tx, const TransactionRow& row);
[[nodiscard]] std::optional<TransactionRow> find_transaction(Tx& tx, const AccountId& account, const TransactionId& id);
/// With `history_content`, where there is any, in the same read: for those who nearly always judge its sources.
[[nodiscard]] std::optional<TransactionRow> find_transaction_with_history(Tx& tx, const AccountId& account,
                                                                          const TransactionId& id);

/// Writes what changes in a life: status, proofs, times, claimer.
void save_transaction(Tx& tx, const TransactionRow& row);

struct TransactionFilter {
  std::optional<domain::TransactionStatus> status{};  ///< As stored: the sweeper turns lapsed ones within a minute.
  std::optional<SubjectId> subject{};
  std::string type{};             ///< Empty: any.
  std::optional<bool> claimed{};  ///< Whether somebody has claimed it.
  TimeRange held{};
  std::optional<TransactionId> before{};  ///< Older than this one.
  int limit = 50;
};
struct TransactionPage {
  std::vector<TransactionRow> rows;
  std::optional<TransactionId> next;  ///< Where the next page begins, if there may be more.
};
/// Newest first. By status, type or claim there is no index, which every change would have to keep up: one page looks
/// at a bounded number of transactions, and may hold fewer rows than asked for although `next` says that there are
/// more. The exception is what is claimed and not acknowledged (kVerified and claimed), which has one: pages are full.
[[nodiscard]] TransactionPage list_transactions(Tx& tx, const AccountId& account, const TransactionFilter& filter);

/// The time at which something is added to the subject, or taken away: now, but after each of her latest hundred
/// transactions, also where the clock has been set back meanwhile. What was added after a hold never looks older.
[[nodiscard]] WallTime time_after_holds(Tx& tx, const AccountId& account, const SubjectId& subject, WallTime now);

/// Held ones of that subject at that service, and verified ones that nobody has claimed, the newest first.
[[nodiscard]] std::vector<TransactionRow> unclaimed_transactions(Tx& tx, const AccountId& account,
                                                                 const SubjectId& subject, const ServiceId& service,
                                                                 int limit);
/// The language of the subject's newest one.
[[nodiscard]] std::optional<std::string> last_locale(Tx& tx, const AccountId& account, const SubjectId& subject);
/// Whether the subject ever had one at that service, as long as they are kept.
[[nodiscard]] bool has_transaction(Tx& tx, const AccountId& account, const SubjectId& subject,
                                   const ServiceId& service);

/// Held or verified-and-unclaimed ones that lapsed before `now`, across accounts, at most `limit`.
/// Passes over `aside`; one that cannot be read fails the unit by name.
[[nodiscard]] std::vector<TransactionRow> lapsed_transactions(Tx& tx, WallTime now, int limit,
                                                              const SetAsideKeys& aside = {});

/// What somebody claimed before `before` and nobody has acknowledged, the oldest claim first.
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
[[nodiscard]] std::string open_return_url(const Vault& vault, const TransactionRow& row);  ///< Empty where none is.
[[nodiscard]] std::string seal_metadata(const Vault& vault, const TransactionId& id, std::string_view canonical,
                                        Random& random);
[[nodiscard]] std::optional<SecretString> open_metadata(const Vault& vault, const TransactionRow& row);

/// What a webhook about a transaction says of whom it is for. Nothing that has been erased or purged.
struct Announced {
  std::optional<std::string> identity;
  std::optional<std::string> metadata;  ///< RFC 8785 form.
};
[[nodiscard]] Announced announced(Tx& tx, const Vault& vault, const AccountId& account, const TransactionId& id);

/// The payload under a data key of its own, which is wrapped by the keyring. [TXN-1]
void insert_payload(Tx& tx, const Vault& vault, const AccountId& account, const TransactionId& id,
                    std::string_view payload, Random& random);
/// Nothing after destroy_payload.
[[nodiscard]] std::optional<SecretString> open_payload(Tx& tx, const Vault& vault, const AccountId& account,
                                                       const TransactionId& id);
/// Destroys the data key and the ciphertext with it.
void destroy_payload(Tx& tx, const AccountId& account, const TransactionId& id);

}  // namespace countersign::store
