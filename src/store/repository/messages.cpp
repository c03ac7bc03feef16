#include "store/repository/messages.h"

#include <array>

#include "store/error.h"
#include "store/repository/due_key.h"
#include "store/repository/row_bundle.h"

namespace countersign::store {

namespace {

constexpr std::array<std::string_view, 4> kMessageStatuses{"queued", "sent", "delivered", "failed"};

contact::Channel channel_in(const Row& row, int column) {
  const auto channel = contact::parse_channel(row.text(column));
  if (!channel) throw StoreFailure({StoreError::Code::kUnreadable, "unknown channel in messages"});
  return *channel;
}

}  // namespace

std::string_view to_text(MessageStatus status) { return kMessageStatuses.at(static_cast<std::size_t>(status)); }

void insert_message(Tx& tx, const MessageRow& m) {
  static constexpr Sql kInsert{R"sql(
      INSERT INTO messages (
        account_id, id, transaction_id, verification_id, channel, provider, status, content_sealed, attempts,
        due_at, lease_owner, expires_at)
      VALUES (
        :account_id, :id, :transaction_id, :verification_id, :channel, :provider, 'queued', :content_sealed,
        :attempts, :due_at, :lease_owner, :expires_at)
  )sql"};
  tx.put(kInsert, {{"account_id", m.account},
                   {"id", m.id},
                   {"transaction_id", m.transaction},
                   {"verification_id", m.verification},
                   {"channel", contact::to_text(m.channel)},
                   {"provider", m.provider},
                   {"content_sealed", Blob{m.content_sealed}},
                   {"attempts", m.attempts},
                   {"due_at", due_key(m.account, m.due_at)},
                   {"lease_owner", m.lease_owner},
                   {"expires_at", m.expires_at}});
}

MessageRow read_due_message(const Row& row) {
  MessageRow m;
  m.account = row.id<AccountId>(kDueMessage["account_id"]);
  m.id = row.id<MessageId>(kDueMessage["id"]);
  m.transaction = row.id<TransactionId>(kDueMessage["transaction_id"]);
  m.verification = row.id<VerificationId>(kDueMessage["verification_id"]);
  m.channel = channel_in(row, kDueMessage["channel"]);
  m.provider = row.string(kDueMessage["provider"]);
  m.content_sealed = row.bytes(kDueMessage["content_sealed"]);
  m.attempts = row.integer(kDueMessage["attempts"]) + 1;
  m.expires_at = row.time(kDueMessage["expires_at"]);
  m.error_code = row.optional_string(kDueMessage["error_code"]);
  m.tries = row.optional_string(kDueMessage["tries"]);
  return m;
}

Leased<MessageRow> lease_messages(Tx& tx, WallTime now, WallTime lease_until, std::string_view owner, int limit) {
  static constexpr Sql kDue{kDueMessage, R"sql(
      SELECT {{columns}}
      FROM messages
      WHERE status = 'queued' AND due_at <= :now
      ORDER BY due_at
      LIMIT :limit
      {{skip_locked}}
  )sql"};
  static constexpr Sql kLease{R"sql(
      UPDATE messages
      SET due_at = :due_at, lease_owner = :lease_owner, attempts = :attempts
      WHERE account_id = :account_id AND id = :id
  )sql"};
  Leased<MessageRow> leased;
  tx.all(kDue, {now, limit}, [&](const Row& row) {
    read_or_set_aside(leased, "messages", row.bytes(kDue["account_id"]) + row.bytes(kDue["id"]),
                      [&] { return read_due_message(row); });
  });
  for (const auto& [table, key, why] : leased.set_aside)
    set_message_aside(tx, key.substr(0, sizeof(Id)), key.substr(sizeof(Id)), now);
  for (auto& m : leased.jobs) {
    m.due_at = lease_until;
    m.lease_owner = owner;
    tx.put(kLease, {{"due_at", lease_until},
                    {"lease_owner", owner},
                    {"attempts", m.attempts},
                    {"account_id", m.account},
                    {"id", m.id}});
  }
  return leased;
}

void set_message_aside(Tx& tx, std::string_view account, std::string_view id, WallTime now) {
  static constexpr Sql kSetAside{R"sql(
      UPDATE messages
      SET status = 'failed', error_code = 'unreadable', finished_at = :finished_at
      WHERE account_id = :account_id AND id = :id AND status = 'queued'
  )sql"};
  tx.put(kSetAside, {{"finished_at", now}, {"account_id", Blob{account}}, {"id", Blob{id}}});
}

namespace {

// Only while queued: a report that a message was delivered may overtake our own note that it was sent.
constexpr Sql kFinish{R"sql(
    UPDATE messages
    SET status = :status,
        reason = :reason,
        provider_ref = :provider_ref,
        error_code = :error_code,
        finished_at = :finished_at,
        content_sealed = NULL,
        tries = :tries
    WHERE account_id = :account_id AND id = :id AND status = 'queued'
)sql"};

}  // namespace

void finish_message(Tx& tx, const AccountId& account, const MessageId& id, MessageStatus status,
                    const std::optional<std::string>& provider_ref, const std::optional<std::string>& error_code,
                    WallTime now, const std::optional<std::string>& tries) {
  tx.put(kFinish, {{"status", to_text(status)},
                   {"reason", nullptr},
                   {"provider_ref", provider_ref},
                   {"error_code", error_code},
                   {"finished_at", now},
                   {"tries", tries},
                   {"account_id", account},
                   {"id", id}});
}

namespace {

/// With what it cost, which a report that has overtaken our own note does not know.
void finish_with_tries(Tx& tx, const SentMessageRow& sent, WallTime now) {
  static constexpr Sql kFinishTried{R"sql(
      UPDATE messages
      SET status = CASE WHEN status = 'queued' THEN 'sent' ELSE status END,
          provider_ref = COALESCE(provider_ref, :provider_ref),
          error_code = CASE WHEN status = 'queued' THEN NULL ELSE error_code END,
          finished_at = COALESCE(finished_at, :finished_at),
          content_sealed = NULL,
          tries = :tries
      WHERE account_id = :account_id AND id = :id AND (status = 'queued' OR stage IS NOT NULL)
  )sql"};
  tx.put(kFinishTried, {{"provider_ref", sent.provider_ref},
                        {"finished_at", now},
                        {"tries", sent.tries},
                        {"account_id", sent.account},
                        {"id", sent.id}});
}

}  // namespace

void finish_sent(Tx& tx, std::span<const SentMessageRow> sent, WallTime now) {
  static constexpr Sql kFinishAll{R"sql(
      UPDATE messages
      SET status = 'sent',
          provider_ref = r.value,
          error_code = NULL,
          finished_at = :finished_at,
          content_sealed = NULL
      FROM {{each(}}:values{{)each}} AS r
      WHERE messages.account_id = substr(CAST(:ids AS {{blob}}), CAST(1 + 32 * r.key AS INTEGER), 16)
        AND messages.id = substr(CAST(:ids AS {{blob}}), CAST(17 + 32 * r.key AS INTEGER), 16)
        AND messages.status = 'queued'
  )sql"};
  const bool few = sent.size() < RowBundle::kWorthIt;
  RowBundle bundle;
  for (const auto& one : sent) {
    const auto& [account, id, provider_ref, tries] = one;
    if (tries)
      finish_with_tries(tx, one, now);
    else if (few || !RowBundle::takes(provider_ref))
      finish_message(tx, account, id, MessageStatus::kSent, std::string(provider_ref), std::nullopt, now);
    else
      bundle.add(account, id, provider_ref);
  }
  if (bundle.size() > 0)
    tx.put(kFinishAll, {{"finished_at", now}, {"values", bundle.values()}, {"ids", Blob{bundle.ids()}}});
}

bool fail_message(Tx& tx, const AccountId& account, const MessageId& id, std::string_view error_code,
                  contact::DeliveryReason reason, WallTime now, const std::optional<std::string>& tries) {
  return tx.exec(kFinish, {{"status", to_text(MessageStatus::kFailed)},
                           {"reason", to_text(reason)},
                           {"provider_ref", nullptr},
                           {"error_code", error_code},
                           {"finished_at", now},
                           {"tries", tries},
                           {"account_id", account},
                           {"id", id}}) == 1;
}

void retry_message(Tx& tx, const AccountId& account, const MessageId& id, const MessageRetry& retry) {
  static constexpr Sql kRetry{R"sql(
      UPDATE messages
      SET due_at = :due_at, attempts = :attempts, channel = :channel, provider = :provider, error_code = :error_code,
          tries = :tries
      WHERE account_id = :account_id AND id = :id AND status = 'queued'
  )sql"};
  tx.put(kRetry, {{"due_at", due_key(account, retry.due_at)},
                  {"attempts", retry.attempts},
                  {"channel", contact::to_text(retry.channel)},
                  {"provider", retry.provider},
                  {"error_code", retry.error_code},
                  {"tries", retry.tries},
                  {"account_id", account},
                  {"id", id}});
}

bool move_message(Tx& tx, const AccountId& account, const MessageId& id, WallTime leased_until,
                  contact::Channel channel, std::string_view provider, const std::optional<std::string>& tries) {
  static constexpr Sql kMove{R"sql(
      UPDATE messages
      SET channel = :channel, provider = :provider, tries = :tries
      WHERE account_id = :account_id AND id = :id AND status = 'queued' AND due_at = :leased_until
  )sql"};
  return tx.exec(kMove, {{"channel", contact::to_text(channel)},
                         {"provider", provider},
                         {"tries", tries},
                         {"account_id", account},
                         {"id", id},
                         {"leased_until", due_key(account, leased_until)}}) == 1;
}

void give_message_back(Tx& tx, const AccountId& account, const MessageId& id, WallTime leased_until, WallTime due_at) {
  static constexpr Sql kGiveBack{R"sql(
      UPDATE messages
      SET due_at = :due_at, attempts = attempts - 1
      WHERE account_id = :account_id AND id = :id AND status = 'queued' AND due_at = :leased_until
  )sql"};
  tx.put(kGiveBack, {{"due_at", due_at}, {"account_id", account}, {"id", id}, {"leased_until", leased_until}});
}

namespace {

MessageStatus status_of(contact::DeliveryStage stage) {
  using contact::DeliveryStage;
  if (stage == DeliveryStage::kFailed) return MessageStatus::kFailed;
  return stage < DeliveryStage::kFailed ? MessageStatus::kSent : MessageStatus::kDelivered;
}

/// What is known of a message from its columns. `stage` is null until a provider reports one.
std::optional<domain::Delivery> delivery_in(std::string_view status, const std::optional<std::string>& stage,
                                            const std::optional<std::string>& reason) {
  using contact::DeliveryStage;
  if (status == to_text(MessageStatus::kQueued)) return std::nullopt;
  domain::Delivery known{contact::parse_delivery_stage(stage.value_or("")).value_or(DeliveryStage::kAccepted),
                         contact::parse_delivery_reason(reason.value_or(""))};
  if (!stage && status == to_text(MessageStatus::kDelivered)) known.stage = DeliveryStage::kDelivered;
  if (status == to_text(MessageStatus::kFailed)) known.stage = DeliveryStage::kFailed;
  return known;
}

}  // namespace

void report_message(Tx& tx, const AccountId& account, const MessageId& id, const ReportedDelivery& report,
                    WallTime now) {
  static constexpr Sql kReport{R"sql(
      UPDATE messages
      SET status = :status,
          stage = :stage,
          reason = :reason,
          provider_ref = COALESCE(:provider_ref, provider_ref),
          error_code = :error_code,
          finished_at = CASE WHEN status = :status THEN COALESCE(finished_at, :finished_at) ELSE :finished_at END,
          content_sealed = NULL
      WHERE account_id = :account_id AND id = :id
  )sql"};
  const auto& [state, provider_ref, error_code] = report;
  tx.put(kReport, {{"status", to_text(status_of(state.stage))},
                   {"stage", to_text(state.stage)},
                   {"reason", state.reason ? std::optional(to_text(*state.reason)) : std::nullopt},
                   {"provider_ref", provider_ref.empty() ? std::nullopt : std::optional(provider_ref)},
                   {"error_code", error_code.empty() ? std::nullopt : std::optional(error_code)},
                   {"finished_at", now},
                   {"account_id", account},
                   {"id", id}});
}

void note_tries(Tx& tx, const AccountId& account, const MessageId& id, std::string_view tries) {
  static constexpr Sql kNote{R"sql(
      UPDATE messages
      SET tries = :tries
      WHERE account_id = :account_id AND id = :id
  )sql"};
  tx.put(kNote, {{"tries", tries}, {"account_id", account}, {"id", id}});
}

std::optional<MessageState> find_message(Tx& tx, const AccountId& account, const MessageId& id) {
  static constexpr Sql kFind{R"sql(
      SELECT
        id, channel, status, stage, reason, error_code, transaction_id, verification_id, provider, provider_ref,
        expires_at, tries
      FROM messages
      WHERE account_id = :account_id AND id = :id
  )sql"};
  std::optional<MessageState> found;
  tx.one(kFind, {account, id}, [&](const Row& row) {
    found = MessageState{.id = row.id<MessageId>(kFind["id"]),
                         .transaction = row.id<TransactionId>(kFind["transaction_id"]),
                         .verification = row.id<VerificationId>(kFind["verification_id"]),
                         .provider = row.string(kFind["provider"]),
                         .channel = channel_in(row, kFind["channel"]),
                         .status = row.string(kFind["status"]),
                         .delivery = delivery_in(row.text(kFind["status"]), row.optional_string(kFind["stage"]),
                                                 row.optional_string(kFind["reason"])),
                         .provider_ref = row.optional_string(kFind["provider_ref"]),
                         .error_code = row.optional_string(kFind["error_code"]),
                         .expires_at = row.time(kFind["expires_at"]),
                         .tries = row.optional_string(kFind["tries"])};
  });
  return found;
}

std::vector<MessageTrail> messages_about(Tx& tx, const AccountId& account, const TransactionId& transaction,
                                         const TimeRange& made) {
  static constexpr Sql kAbout{R"sql(
      SELECT
        id, verification_id, channel, provider, status, stage, reason, attempts, due_at, expires_at, provider_ref,
        error_code, finished_at, tries
      FROM messages
      WHERE account_id = :account_id AND id >= :begin AND id < :end AND transaction_id = :transaction_id
      ORDER BY id
  )sql"};
  std::vector<MessageTrail> rows;
  tx.all(kAbout,
         {{"account_id", account},
          {"begin", MessageId{made.begin()}},
          {"end", MessageId{made.end()}},
          {"transaction_id", transaction}},
         [&](const Row& row) {
           rows.push_back({.id = row.id<MessageId>(kAbout["id"]),
                           .verification = row.id<VerificationId>(kAbout["verification_id"]),
                           .channel = channel_in(row, kAbout["channel"]),
                           .provider = row.string(kAbout["provider"]),
                           .status = row.string(kAbout["status"]),
                           .delivery = delivery_in(row.text(kAbout["status"]), row.optional_string(kAbout["stage"]),
                                                   row.optional_string(kAbout["reason"])),
                           .attempts = row.integer(kAbout["attempts"]),
                           .due_at = due_from_key(account, row.time(kAbout["due_at"])),
                           .expires_at = row.time(kAbout["expires_at"]),
                           .provider_ref = row.optional_string(kAbout["provider_ref"]),
                           .error_code = row.optional_string(kAbout["error_code"]),
                           .finished_at = row.optional_time(kAbout["finished_at"]),
                           .tries = row.optional_string(kAbout["tries"])});
         });
  return rows;
}

void insert_inbox(Tx& tx, const InboxRow& row) {
  static constexpr Sql kInsert{R"sql(
      INSERT INTO inbox_messages (id, message_id, channel, content_sealed, created_at)
      VALUES (:id, :message_id, :channel, :content_sealed, :created_at)
  )sql"};
  tx.put(kInsert, {{"id", row.id},
                   {"message_id", row.message},
                   {"channel", row.channel},
                   {"content_sealed", Blob{row.content_sealed}},
                   {"created_at", row.created_at}});
}

namespace {

constexpr Columns kInbox{"id, message_id, channel, content_sealed, created_at"};

InboxRow read_inbox(const Row& row) {
  return {.id = row.id<Id>(kInbox["id"]),
          .message = row.id<MessageId>(kInbox["message_id"]),
          .channel = row.string(kInbox["channel"]),
          .content_sealed = row.bytes(kInbox["content_sealed"]),
          .created_at = row.time(kInbox["created_at"])};
}

}  // namespace

std::vector<InboxRow> list_inbox(Tx& tx, int limit) {
  static constexpr Sql kList{kInbox, R"sql(
      SELECT {{columns}}
      FROM inbox_messages
      ORDER BY id DESC
      LIMIT :limit
  )sql"};
  std::vector<InboxRow> rows;
  tx.all(kList, {limit}, [&](const Row& row) { rows.push_back(read_inbox(row)); });
  return rows;
}

std::optional<InboxRow> find_inbox(Tx& tx, const Id& id) {
  static constexpr Sql kFind{kInbox, R"sql(
      SELECT {{columns}}
      FROM inbox_messages
      WHERE id = :id
  )sql"};
  std::optional<InboxRow> found;
  tx.one(kFind, {id}, [&](const Row& row) { found = read_inbox(row); });
  return found;
}

void prune_inbox(Tx& tx, int keep) {
  static constexpr Sql kPrune{R"sql(
      DELETE FROM inbox_messages
      WHERE id < (
            SELECT id
            FROM inbox_messages
            ORDER BY id DESC
            LIMIT 1 OFFSET :keep)
  )sql"};
  tx.put(kPrune, {keep});
}

void clear_inbox(Tx& tx) {
  static constexpr Sql kClear{"DELETE FROM inbox_messages"};
  tx.put(kClear, {});
}

}  // namespace countersign::store
