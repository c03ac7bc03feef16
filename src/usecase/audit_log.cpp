#include "usecase/audit_log.h"

#include "base/json.h"
#include "usecase/tally.h"

namespace countersign::usecase {

namespace {

void count_event(store::Tx& tx, const Context& context, const AccountId& account, const ServiceId& service,
                 std::string_view type) {
  count(tx, context, account, service,
        [type = std::string(type)](Tally& tally, const Tally::Place& place) { tally.on_event(place, type); });
}

/// Where the latest event of the commit came from, as the log has it: a unit has several from one address.
class LatestSource final : public store::SharedPart {
 public:
  [[nodiscard]] const std::string& index_of(const IpAddress& address, const crypto::Digester& digester) {
    if (address_ != address) {
      // Keyed: the audit log shows that two events came from one address, but not which. [LOG-7]
      index_ = digester.blind_index("source", address.bytes());
      address_ = address;
    }
    return index_;
  }
  void undo(store::UnitNumber /*unit*/) override {}  // It writes nothing.
  void write(store::Tx& /*tx*/) override {}

 private:
  std::optional<IpAddress> address_;
  std::string index_;
};

/// What an event is about, below the account.
struct About {
  std::optional<TransactionId> transaction{};
  std::optional<SubjectId> subject{};
  ServiceId service{};  ///< For the metrics.
};

void append(const Work& work, std::string_view type, const About& about, const Facts& facts) {
  const Caller& caller = work.caller;
  store::EventRow event;
  event.account = caller.account;
  event.type = type;
  event.transaction = about.transaction;
  event.subject = about.subject;
  event.actor = caller.actor;
  if (caller.end_user) {
    auto& source = work.tx.share().parts->get<LatestSource>();
    event.source_index = source.index_of(*caller.end_user, work.context.vault.digester());
  }
  event.request_id = caller.request_id;
  event.data = facts.json();
  event.created_at = work.moment.now;
  store::append_event(work.tx, work.context.event_ids, std::move(event), work.moment);
  count_event(work.tx, work.context, caller.account, about.service, type);
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

void record(const Work& work, std::string_view type, const domain::Transaction& transaction, const Facts& facts) {
  append(work, type, {transaction.id, transaction.subject, transaction.service}, facts);
}

void record(const Work& work, std::string_view type, const SubjectId& subject, const Facts& facts) {
  append(work, type, {std::nullopt, subject}, facts);
}

void record(const Work& work, std::string_view type, const Facts& facts) { append(work, type, {}, facts); }

}  // namespace countersign::usecase
