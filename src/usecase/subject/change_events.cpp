#include "usecase/subject/change_events.h"

#include <algorithm>
#include <array>

#include "base/json.h"
#include "base/test_account.h"
#include "domain/standing/notices.h"
#include "store/repository/subjects.h"
#include "store/repository/transactions.h"
#include "usecase/audit_log.h"
#include "usecase/outbox/webhooks.h"
#include "usecase/subject/notices.h"
#include "usecase/subject/standing.h"
#include "usecase/verify_api/device_prompt.h"

namespace countersign::usecase {

namespace {

using domain::standing::Binding;
using domain::standing::Change;

constexpr std::string_view kSourceAdded = "subject.source_added";
constexpr std::string_view kSourceLeaving = "subject.source_leaving";

constexpr std::array<std::string_view, 6> kPublicKinds{"phone",   "email", "authenticator",
                                                       "passkey", "push",  "recovery_codes"};

/// What happened to a binding that is reported.
std::string_view what_happened(const Change& change, const Binding& binding) {
  const bool named = change.binding == binding.id;
  if (named && binding.vouched && binding.by != domain::standing::BoundBy::kVouched) return "vouched";
  return binding.waits_anew_since ? "waits_anew" : "added";
}

std::optional<WallTime> counts_from(const Change& change, const Binding& binding, WallTime now) {
  const auto counts = domain::standing::counts(change.history, binding, now, now);
  return counts.own() ? counts.since : counts.counts_from;
}

void record_binding(const Work& work, const SubjectId& subject, const ServiceId& service, std::string_view what,
                    const Binding& binding) {
  record(work, "source." + std::string(what), subject,
         Facts()
             .text("source", binding.id.text())
             .text("kind", public_kind(binding.kind))
             .text("by", domain::standing::to_text(binding.by))
             .text("service", service.text()));
}

std::string source_added_body(const SubjectId& subject, const ServiceSettings* service, const Change& change,
                              const Binding& binding, WallTime now) {
  const auto from = counts_from(change, binding, now);
  return canonical_json(json::object{
      {"type", kSourceAdded},
      {"timestamp", to_rfc3339(now)},
      {"data", json::object{{"subject", subject.text()},
                            {"service", service == nullptr ? json::value(nullptr) : json::value(service->name)},
                            {"binding", binding.id.text()},
                            {"kind", public_kind(binding.kind)},
                            {"change", what_happened(change, binding)},
                            {"counts_from", from ? json::value(to_rfc3339(*from)) : json::value(nullptr)}}}});
}

std::string source_leaving_body(const SubjectId& subject, const ServiceSettings* service, const Binding& binding,
                                WallTime now) {
  return canonical_json(json::object{
      {"type", kSourceLeaving},
      {"timestamp", to_rfc3339(now)},
      {"data", json::object{{"subject", subject.text()},
                            {"service", service == nullptr ? json::value(nullptr) : json::value(service->name)},
                            {"binding", binding.id.text()},
                            {"kind", public_kind(binding.kind)},
                            {"asked_at", to_rfc3339(binding.leaving->waiting.since)}}}});
}

/// The change of the binding that the webhook was about, if that is still open.
std::optional<BindingId> change_announced(std::string_view event_type, const json::object& data,
                                          const domain::standing::History& history) {
  const auto id = BindingId::parse(json_text(data, "binding").value_or(""));
  if (!id || event_type != kSourceLeaving) return id;
  const Binding* binding = find(history, *id);
  const bool open = binding != nullptr && binding->leaving &&
                    json_text(data, "asked_at") == to_rfc3339(binding->leaving->waiting.since);
  return open ? std::optional(binding->leaving->id) : std::nullopt;
}

/// The `data` object of a webhook body.
std::optional<json::object> data_of(const store::DeliveryRow& row) {
  const auto body = parse_json(row.body);
  if (!body || !body->is_object()) return std::nullopt;
  const auto* data = body->get_object().if_contains("data");
  return data != nullptr && data->is_object() ? std::optional(data->get_object()) : std::nullopt;
}

}  // namespace

std::string_view public_kind(domain::Kind kind) { return kPublicKinds.at(static_cast<std::size_t>(kind)); }

void record_source_changes(const Work& work, const SubjectId& subject, const ServiceId& service, Change& change) {
  for (const BindingId& id : change.announce) {
    const Binding& binding = *find(change.history, id);
    record_binding(work, subject, service, what_happened(change, binding), binding);
  }
  for (const BindingId& id : change.ended) {
    const Binding& binding = *find(change.history, id);
    record_binding(work, subject, service, domain::standing::to_text(binding.gone->why), binding);
  }
  for (const BindingId& id : change.leaving)
    record_binding(work, subject, service, "leaving", *find(change.history, id));
  for (const BindingId& id : change.not_removed)
    record_binding(work, subject, service, "not_removed", *find(change.history, id));
  tell(work, change);
  const ServiceSettings* settings = work.context.settings.account(work.caller.account).service(service);
  for (const BindingId& id : change.leaving) {
    enqueue_webhook_body(work.tx, work.caller.account, kSourceLeaving,
                         source_leaving_body(subject, settings, *find(change.history, id), work.moment.now),
                         work.moment);
  }
  const auto& bindings = change.history.bindings;
  const bool very_first = std::ranges::all_of(bindings, [&](const Binding& b) {
    return b.founding && !b.waits_anew_since && std::ranges::find(change.announce, b.id) != change.announce.end();
  });
  if (change.announce.empty() || very_first) return;
  for (const BindingId& id : change.announce) {
    enqueue_webhook_body(work.tx, work.caller.account, kSourceAdded,
                         source_added_body(subject, settings, change, *find(change.history, id), work.moment.now),
                         work.moment);
  }
}

namespace {

std::string live_body_to_send(store::Tx& tx, const Context& context, const store::DeliveryRow& row) {
  auto data = data_of(row);
  if (!data) return row.body;
  if (row.event_type.starts_with("transaction.")) {
    const auto about = store::announced(tx, context.vault, row.account, row.transaction);
    const auto metadata = about.metadata ? parse_json(*about.metadata) : Result<json::value, JsonError>(nullptr);
    (*data)["identity"] = about.identity ? json::value(*about.identity) : json::value(nullptr);
    (*data)["metadata"] = metadata ? *metadata : json::value(nullptr);
  } else if (row.event_type.starts_with("subject.")) {
    const auto subject = SubjectId::parse(json_text(*data, "subject").value_or(""));
    if (!subject) return row.body;
    // After the erasure only the subject's id is left.
    const std::string identity = store::subject_identity(tx, context.vault, row.account, *subject);
    (*data)["identity"] = identity.empty() ? json::value(nullptr) : json::value(identity);
  } else if (row.event_type == verify_api::kPushRequested) {
    verify_api::complete_prompt(tx, context, row.account, *data);
  } else {
    return row.body;
  }
  auto body = parse_json(row.body)->get_object();
  body["data"] = *std::move(data);
  return canonical_json(body);
}

}  // namespace

std::string body_to_send(store::Tx& tx, const Context& context, const store::DeliveryRow& row) {
  std::string text = live_body_to_send(tx, context, row);
  if (!is_test(row.account)) return text;
  auto body = parse_json(text)->get_object();
  body["test"] = true;
  return canonical_json(body);
}

bool has_consequence(std::string_view event_type) { return event_type == kSourceAdded || event_type == kSourceLeaving; }

void note_acknowledged(store::Tx& tx, const Context& context, const store::DeliveryRow& row, Moment& moment) {
  const auto data = has_consequence(row.event_type) ? data_of(row) : std::nullopt;
  if (!data || !context.settings.accounts.contains(row.account)) return;
  const auto subject = SubjectId::parse(json_text(*data, "subject").value_or(""));
  const auto* service =
      context.settings.account(row.account).service(json_text(*data, "service").value_or(std::string_view()));
  if (!subject || service == nullptr) return;
  auto history = load_history(tx, context, row.account, *subject, service->id);
  const auto about = change_announced(row.event_type, *data, history);
  if (!about) return;
  const Caller system{row.account, "system", "", std::nullopt};
  Change change{domain::standing::webhook_acknowledged(history, *about, moment.now), {}, {}, {}};
  settle({tx, context, system, moment}, history, std::move(change));
}

}  // namespace countersign::usecase
