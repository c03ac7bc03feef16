#include "usecase/transaction/inspect.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <set>
#include <utility>

#include "base/encoding.h"
#include "base/test_account.h"
#include "contact/masking.h"
#include "store/repository/messages.h"
#include "store/repository/subjects.h"
#include "store/repository/verifications.h"
#include "store/repository/webhooks.h"
#include "usecase/outbox/tries.h"
#include "usecase/subject/standing.h"
#include "usecase/transaction/held.h"

namespace countersign::usecase {

namespace {

constexpr int kEventsPage = 200;
constexpr std::size_t kEventsMax = 2000;
/// After its last change a transaction may still get a report, such as a failed message delivery.
constexpr auto kAftermath = std::chrono::minutes(10);
constexpr auto kMillisecond = std::chrono::milliseconds(1);
/// How much later than the event its id may be: those of other nodes, with a clock that is ahead, were committed first.
constexpr auto kBehind = std::chrono::seconds(15);

json::value time_or_null(const std::optional<WallTime>& time) {
  return time ? json::value(to_rfc3339(*time)) : json::value(nullptr);
}

json::value text_or_null(const std::optional<std::string>& text) {
  return text && !text->empty() ? json::value(*text) : json::value(nullptr);
}

template <class Word>
json::value word_or_null(const std::optional<Word>& word) {
  return word ? json::value(to_text(*word)) : json::value(nullptr);
}

void read_events(store::Tx& tx, const AccountId& account, store::EventFilter filter,
                 std::vector<store::EventRow>& events) {
  filter.limit = kEventsPage;
  while (events.size() < kEventsMax) {
    auto page = store::list_events(tx, account, filter);
    std::ranges::move(page.rows, std::back_inserter(events));
    if (!page.next) return;
    filter.after = page.next;
  }
}

/// Searches within the life of the transaction, which ends with its claim, and around its end. In between there is only
/// waiting, which may last months without an acknowledgement.
std::vector<store::EventRow> events_of(store::Tx& tx, const domain::Transaction& t, WallTime now) {
  std::vector<store::EventRow> events;
  store::EventFilter filter;
  filter.transaction = t.id;
  const WallTime lived_until = t.claimed_at.value_or(t.ended_at.value_or(now)) + kAftermath;
  filter.made = {t.created_at, lived_until};
  read_events(tx, t.account, filter, events);
  if (t.ended_at && *t.ended_at >= lived_until) {
    filter.made = {*t.ended_at, *t.ended_at + kAftermath};
    read_events(tx, t.account, filter, events);
  }
  return events;
}

json::object event_json(const store::EventRow& event) {
  auto data = parse_json(event.data);
  return {{"id", event.id.text()},
          {"type", event.type},
          {"transaction", event.transaction ? json::value(event.transaction->text()) : json::value(nullptr)},
          {"subject", event.subject ? json::value(event.subject->text()) : json::value(nullptr)},
          {"actor", event.actor},
          {"source", event.source_index ? json::value(to_hex(*event.source_index)) : json::value(nullptr)},
          {"request_id", event.request_id},
          {"data", data ? *std::move(data) : json::value(json::object())},
          {"created_at", to_rfc3339(event.created_at)}};
}

json::object message_json(const store::MessageTrail& message) {
  const auto tries = parse_tries(message.tries);
  const bool queued = message.status == store::to_text(store::MessageStatus::kQueued);
  return {{"id", message.id.text()},
          {"channel", contact::to_text(message.channel)},
          {"provider", message.provider},
          {"provider_ref", text_or_null(message.provider_ref)},
          {"status", message.status},
          {"stage", message.delivery ? json::value(to_text(message.delivery->stage)) : json::value(nullptr)},
          {"reason", message.delivery ? word_or_null(message.delivery->reason) : json::value(nullptr)},
          {"error_code", text_or_null(message.error_code)},
          {"attempts", message.attempts},
          {"tries", tries_json(tries)},
          {"cost", text_or_null(domain::to_text(cost_of(tries)))},
          {"created_at", to_rfc3339(message.id.id.time())},
          {"next_attempt_at", queued ? json::value(to_rfc3339(message.due_at)) : json::value(nullptr)},
          {"expires_at", to_rfc3339(message.expires_at)},
          {"finished_at", time_or_null(message.finished_at)}};
}

/// Of messages whose providers have prices; nullopt if none has.
std::optional<std::string> cost_of_all(const std::vector<store::MessageTrail>& messages) {
  std::vector<domain::Price> sums;
  for (const auto& message : messages) {
    for (const auto& cost : cost_of(parse_tries(message.tries))) domain::add(sums, cost);
  }
  return domain::to_text(sums);
}

json::object delivery_json(const store::DeliveryRow& row, const std::vector<store::DeliveryAttemptRow>& attempts,
                           const std::optional<store::EndpointRow>& endpoint) {
  json::array tries;
  for (const auto& a : attempts) {
    tries.push_back(
        json::object{{"number", a.number},
                     {"attempted_at", to_rfc3339(a.attempted_at)},
                     {"duration_ms", std::chrono::duration_cast<std::chrono::milliseconds>(a.duration).count()},
                     {"http_status", a.http_status ? json::value(*a.http_status) : json::value(nullptr)},
                     {"error", text_or_null(a.error)}});
  }
  const bool pending = row.status == store::to_text(store::DeliveryStatus::kPending);
  return {{"id", row.id.text()},
          {"endpoint", row.endpoint.text()},
          {"endpoint_status", !endpoint           ? "removed"
                              : endpoint->enabled ? "enabled"
                                                  : "disabled"},
          {"event_type", row.event_type},
          {"status", row.status},
          {"created_at", to_rfc3339(row.created_at)},
          {"finished_at", time_or_null(row.finished_at)},
          {"next_attempt_at", pending ? json::value(to_rfc3339(row.due_at)) : json::value(nullptr)},
          {"attempts", std::move(tries)}};
}

/// The first thing that it waits for. Null if it is over.
json::value waits_for(const domain::Transaction& t, domain::TransactionStatus status) {
  if (status == domain::TransactionStatus::kHeld) return "proof";
  if (status != domain::TransactionStatus::kVerified) return nullptr;
  return t.claimed_at ? "acknowledgement" : "claim";
}

json::object requirements_json(const domain::Transaction& t, const domain::standing::Judgement& judgement) {
  json::array any_of;
  for (const auto method : t.policy.any_of.list()) any_of.push_back(json::value(domain::to_text(method)));
  return {{"met", judgement.met()},
          {"any_of", std::move(any_of)},
          {"kinds_needed", judgement.kinds_needed},
          {"kinds_proven", judgement.kinds_proven},
          {"missing", domain::standing::to_text(judgement.missing)},
          {"counts_from", time_or_null(judgement.counts_from)}};
}

json::value passkey_json(const domain::Proof& proof) {
  if (proof.method != domain::Method::kWebauthn) return nullptr;
  return json::object{{"user_verified", proof.passkey.user_verified}, {"device_bound", proof.passkey.device_bound}};
}

json::array channels_json(const std::vector<contact::Channel>& channels) {
  json::array out;
  for (const auto channel : channels) out.emplace_back(contact::to_text(channel));
  return out;
}

json::array proofs_json(const domain::Transaction& t) {
  json::array proofs;
  for (const auto& proof : t.proofs) {
    const bool said = proof.how.counted != domain::standing::Counted::kNot;
    proofs.push_back(json::object{
        {"method", domain::to_text(proof.method)},
        {"proven_at", to_rfc3339(proof.proven_at)},
        {"counted", said ? json::value(domain::standing::to_text(proof.how.counted)) : nullptr},
        {"since", said ? json::value(to_rfc3339(proof.how.since)) : nullptr},
        {"repeat_of", word_or_null(proof.how.repeat_of)},
        {"shared_by", proof.how.shared_by.empty() ? json::value(nullptr) : json::value(proof.how.shared_by)},
        {"source", proof.source_text()},
        {"channels", channels_json(proof.sent_by())},
        {"passkey", passkey_json(proof)}});
  }
  return proofs;
}

/// What belongs to the transaction, by the time it was made.
struct Trail {
  store::Tx& tx;
  const Context& context;
  const domain::Transaction& t;
  std::vector<store::EventRow> events;
  std::vector<store::VerificationRow> verifications;
  std::set<WallTime> moments;  ///< To the millisecond, like the times in ids.

  Trail(store::Tx& in, const Context& with, const store::TransactionRow& about, WallTime now)
      : tx(in),
        context(with),
        t(about.state),
        events(events_of(in, t, now)),
        verifications(store::verifications_of(in, about)) {
    std::ranges::reverse(verifications);
    for (const auto& event : events) add(event.created_at);
    for (const auto& v : verifications) {
      add(v.state.created_at);
      add(v.state.last_sent_at);
    }
    for (const auto& time : {t.verified_at, t.claimed_at, t.ended_at}) {
      if (time) add(*time);
    }
  }

  void add(WallTime time) { moments.insert(std::chrono::floor<std::chrono::milliseconds>(time)); }

  template <class Row>
  std::vector<Row> made_then(std::vector<Row> (*find)(store::Tx&, const AccountId&, const TransactionId&,
                                                      const store::TimeRange&)) {
    std::vector<Row> all;
    for (const auto moment : moments) {
      auto rows = find(tx, t.account, t.id, {moment, moment + kMillisecond});
      std::ranges::move(rows, std::back_inserter(all));
    }
    return all;
  }

  [[nodiscard]] json::object verification_json(const store::VerificationRow& v,
                                               const std::vector<store::MessageTrail>& messages, WallTime now) const {
    const auto contact = store::find_contact(tx, t.account, v.state.contact);
    const int attempts_max = context.settings.account(t.account).limits.attempts_max;
    json::array sent;
    for (const auto& message : messages) {
      if (message.verification == v.state.id) sent.push_back(message_json(message));
    }
    std::optional<std::string> masked;
    if (contact) masked = contact::mask_contact(store::open_address(context.vault, *contact).expose());
    return {{"id", v.state.id.text()},
            {"channel", contact::to_text(v.state.channel)},
            {"channels", channels_json(v.channels())},
            {"to", text_or_null(masked)},
            {"status", domain::to_text(domain::status_at(v.state, now))},
            {"provider", v.provider},
            {"provider_ref", text_or_null(v.provider_ref)},
            {"send_error", text_or_null(v.send_fault)},
            {"sends", v.state.sends},
            {"attempts", v.state.attempts},
            {"attempts_left", std::max(0, attempts_max - v.state.attempts)},
            {"created_at", to_rfc3339(v.state.created_at)},
            {"last_sent_at", to_rfc3339(v.state.last_sent_at)},
            {"expires_at", to_rfc3339(v.state.expires_at)},
            {"messages", std::move(sent)}};
  }

  [[nodiscard]] json::value claimed_by() const {
    const auto claim = std::ranges::find(events, "transaction.claimed", &store::EventRow::type);
    return claim == events.end() ? json::value(nullptr) : json::value(claim->actor);
  }
};

std::optional<TransactionId> transaction_of_verification(store::Tx& tx, const AccountId& account,
                                                         const VerificationId& id) {
  // A standalone code has the same bits as its transaction.
  if (store::find_transaction(tx, account, TransactionId{id.id})) return TransactionId{id.id};
  const WallTime made = id.id.time();
  store::EventFilter filter;
  for (const auto& [since, until] :
       {std::pair(made, made + kMillisecond), std::pair(made + kMillisecond, made + kBehind)}) {
    filter.made = {since, until};
    filter.after.reset();
    std::vector<store::EventRow> events;
    read_events(tx, account, filter, events);
    for (const auto& event : events) {
      if (event.transaction && store::find_verification(tx, account, *event.transaction, id)) return event.transaction;
    }
  }
  return std::nullopt;
}

std::optional<TransactionId> transaction_of(store::Tx& tx, const AccountId& account, std::string_view id) {
  if (const auto transaction = TransactionId::parse(id)) return transaction;
  if (const auto verification = VerificationId::parse(id))
    return transaction_of_verification(tx, account, *verification);
  if (const auto message = MessageId::parse(id)) {
    const auto found = store::find_message(tx, account, *message);
    return found ? std::optional(found->transaction) : std::nullopt;
  }
  if (const auto delivery = DeliveryId::parse(id)) {
    const auto found = store::find_delivery(tx, account, *delivery);
    return found ? std::optional(found->transaction) : std::nullopt;
  }
  return std::nullopt;
}

}  // namespace

std::optional<store::TransactionRow> find_by_any_id(store::Tx& tx, const AccountId& account, std::string_view id) {
  const auto transaction = transaction_of(tx, account, id);
  return transaction ? store::find_transaction(tx, account, *transaction) : std::nullopt;
}

json::object inspect(store::Tx& tx, const Context& context, const store::TransactionRow& row, WallTime now) {
  const domain::Transaction& t = row.state;
  Trail trail(tx, context, row, now);
  const auto* service = context.settings.account(t.account).service(t.service);
  const auto status = domain::status_at(t, now);

  json::array verifications;
  const auto messages = trail.made_then(store::messages_about);
  for (const auto& v : trail.verifications) verifications.push_back(trail.verification_json(v, messages, now));
  json::array webhooks;
  for (const auto& delivery : trail.made_then(store::deliveries_about)) {
    webhooks.push_back(delivery_json(delivery, store::attempts_of(tx, t.account, delivery.id),
                                     store::find_endpoint(tx, t.account, delivery.endpoint)));
  }
  json::array events;
  for (const auto& event : trail.events) events.push_back(event_json(event));

  return {{"id", t.id.text()},
          {"account", t.account.text()},
          {"service", service != nullptr ? json::value(service->name) : json::value(nullptr)},
          {"type", store::type_text(row)},
          {"subject", t.subject.text()},
          {"status", domain::to_text(status)},
          {"end_reason", word_or_null(t.end_reason)},
          {"waits_for", waits_for(t, status)},
          {"requirements", requirements_json(t, judgement_of(tx, context, t, now))},
          {"proofs", proofs_json(t)},
          {"created_at", to_rfc3339(t.created_at)},
          {"expires_at", to_rfc3339(t.expires_at)},
          {"verified_at", time_or_null(t.verified_at)},
          {"claimable_until", time_or_null(t.claimable_until)},
          {"claimed_at", time_or_null(t.claimed_at)},
          {"claimed_by", trail.claimed_by()},
          {"ended_at", time_or_null(t.ended_at)},
          {"cost", text_or_null(cost_of_all(messages))},
          {"verifications", std::move(verifications)},
          {"webhooks", std::move(webhooks)},
          {"events", std::move(events)}};
}

std::vector<TransactionBrief> recent_transactions(store::Tx& tx, const Context& context, int limit, WallTime now) {
  std::vector<TransactionBrief> recent;
  for (const auto& [account, settings] : context.settings.accounts) {
    if (is_test(account)) continue;
    store::TransactionFilter filter;
    filter.limit = limit;
    for (const auto& row : store::list_transactions(tx, account, filter).rows)
      recent.push_back({row.state.id, std::string(store::type_text(row)),
                        std::string(domain::to_text(domain::status_at(row.state, now))), row.state.purpose});
  }
  std::ranges::sort(recent, std::ranges::greater{}, [](const TransactionBrief& one) { return one.id.id; });
  if (recent.size() > static_cast<std::size_t>(limit)) recent.resize(static_cast<std::size_t>(limit));
  return recent;
}

Answer<json::object> inspect_held(const Work& work, const TransactionId& id) {
  const auto row = find_held(work.tx, work.caller, id);
  if (!row) return refuse(Code::kNotFound);
  return inspect(work.tx, work.context, *row, work.moment.now);
}

}  // namespace countersign::usecase
