#include "usecase/journal.h"

#include "base/json.h"
#include "usecase/tally.h"

namespace countersign::usecase {

namespace {

void count_event(store::Tx& tx, const Context& context, const AccountId& account, const ServiceId& service,
                 std::string_view type) {
  count(tx, context, account, service,
        [type = std::string(type)](Tally& tally, const Tally::Place& place) { tally.on_event(place, type); });
}

store::EventRow make_event(const Context& context, const Caller& caller, std::string_view type,
                           const std::optional<TransactionId>& transaction, const std::optional<SubjectId>& subject,
                           const Facts& facts, Moment& moment) {
  store::EventRow row;
  row.account = caller.account;
  row.id = context.event_ids.next(caller.account, moment);
  row.type = type;
  row.transaction = transaction;
  row.subject = subject;
  row.actor = caller.actor;
  // Keyed, so that the trail can tell that two events came from one place without saying which. [LOG-7]
  if (caller.end_user) row.source_index = context.vault.digester().blind_index("source", caller.end_user->bytes());
  row.request_id = caller.request_id;
  row.data = facts.json();
  row.created_at = moment.now;
  return row;
}

}  // namespace

void Facts::name(std::string_view name) {
  if (!text_.empty()) text_ += ',';
  append_json_string(text_, name);
  text_ += ':';
}

Facts& Facts::text(std::string_view label, std::string_view value) {
  name(label);
  append_json_string(text_, value);
  return *this;
}

Facts& Facts::number(std::string_view label, std::int64_t value) {
  name(label);
  text_ += std::to_string(value);
  return *this;
}

void record(store::Tx& tx, const Context& context, const Caller& caller, std::string_view type,
            const domain::Transaction& transaction, const Facts& facts, Moment& moment) {
  store::insert_event(tx, make_event(context, caller, type, transaction.id, transaction.subject, facts, moment));
  count_event(tx, context, caller.account, transaction.service, type);
}

void record(store::Tx& tx, const Context& context, const Caller& caller, const Fact& first, const Fact& second,
            const domain::Transaction& transaction, Moment& moment) {
  const auto row = make_event(context, caller, first.type, transaction.id, transaction.subject, first.facts, moment);
  store::EventRow next;
  next.id = context.event_ids.next(caller.account, moment);
  next.type = second.type;
  next.data = second.facts.json();
  store::insert_events(tx, row, next);
  for (const auto& fact : {first.type, second.type})
    count_event(tx, context, caller.account, transaction.service, fact);
}

void record(store::Tx& tx, const Context& context, const Caller& caller, std::string_view type,
            const SubjectId& subject, const Facts& facts, Moment& moment) {
  store::insert_event(tx, make_event(context, caller, type, std::nullopt, subject, facts, moment));
  count_event(tx, context, caller.account, {}, type);
}

void record(store::Tx& tx, const Context& context, const Caller& caller, std::string_view type, const Facts& facts,
            Moment& moment) {
  store::insert_event(tx, make_event(context, caller, type, std::nullopt, std::nullopt, facts, moment));
  count_event(tx, context, caller.account, {}, type);
}

}  // namespace countersign::usecase
