#include "usecase/verify_api/device_transaction.h"

#include <algorithm>

#include "base/encoding.h"
#include "store/repository/ceremonies.h"
#include "store/repository/transactions.h"
#include "usecase/push/device.h"
#include "usecase/subject/standing.h"
#include "usecase/tally.h"
#include "usecase/transaction/cancel.h"
#include "usecase/transaction/held.h"
#include "usecase/verification/prove.h"
#include "usecase/verify_api/challenge_rows.h"

namespace countersign::usecase::verify_api {

namespace {

constexpr auto kAnsweredWithin = std::chrono::minutes(5);
constexpr int kNewestChallenges = 20;

json::object details_of(const domain::Display& display) {
  std::string message = display.title;
  if (!display.short_line.empty()) message.append(": ").append(display.short_line);
  json::array fields;
  if (display.amount)
    fields.push_back(json::object{{"label", display.amount->currency}, {"value", display.amount->value}});
  if (!display.payee.empty()) fields.push_back(json::object{{"label", "\u2192"}, {"value", display.payee}});
  for (const auto& line : display.lines) {
    const std::string value = line.replaces() ? line.previous + " \u2192 " + line.value : line.value;
    fields.push_back(json::object{{"label", line.label}, {"value", value}});
  }
  return {{"message", message}, {"fields", std::move(fields)}};
}

/// The open challenge of that device for that transaction.
std::optional<Challenge> open_one(const Work& work, const ServiceId& service, const Entity& entity,
                                  const TransactionId& transaction, const FactorId& factor) {
  for (auto& challenge : list_challenges(work, service, entity, {{}, {}, true, kNewestChallenges})) {
    const bool same = json_text(challenge.content, "transaction") == transaction.text() &&
                      json_text(challenge.content, "factor_sid") == factor.text();
    if (same && !closed_challenge(challenge.state, work.moment.now)) return std::move(challenge);
  }
  return std::nullopt;
}

}  // namespace

Answer<AskedDevice> ask_device(const Work& work, const TransactionId& id, const FactorId& factor_id) {
  auto found = open_to_answer(work, id, std::nullopt);
  if (!found) return fail(found.error());
  auto& held = found->row;
  if (!held.state.policy.takes(domain::Method::kPush))
    return refuse(Code::kMethodNotAllowed, "the policy of this transaction does not accept push");
  const auto row = store::find_factor(work.tx, work.caller.account, held.state.subject, factor_id);
  if (!row || row->state.status == domain::FactorStatus::kRemoved) return refuse(Code::kNotFound);
  const auto device = device_of(work.context.vault, *row);
  if (row->state.status != domain::FactorStatus::kActive || !device)
    return refuse(Code::kFactorUnusable, "it is no confirmed device of the mobile SDKs");
  const auto history = take_history(work.tx, work.context, held);
  const auto counts = counts_for(history, factor_id.id, held.state, work.moment.now);
  if (!counts.any()) return fail(does_not_count(counts));
  const ServiceId service = service_of_factor(work.context, *row);
  const auto entity = find_entity(work, service, held.state.subject);
  const auto factor = entity ? find_factor(work, service, *entity, factor_id) : Verdict<Factor>(fail(entity.error()));
  if (!factor) return refuse(Code::kFactorUnusable, "its entity of the Verify-compatible API was deleted");
  if (const auto open = open_one(work, service, *entity, id, factor_id))
    return AskedDevice{open->id, factor_id, open->state.expires_at};
  NewChallenge given{};
  given.factor = factor_id;
  given.expires_at = std::min(work.moment.now + kAnsweredWithin, held.state.expires_at);
  given.details = details_of(store::open_display(work.context.vault, held));
  given.hidden_details = json::object{{"transaction", id.text()}, {"binding_sha256", to_hex(held.binding_hash)}};
  given.transaction = id;
  given.proved = proved_otherwise(held.state);
  const auto& prompts = device->prompts;
  if (const auto not_now = domain::why_not_prompted(prompts, asker_of(work), given.proved, work.moment.now))
    return fail(problem_of(*not_now));
  const auto made = create_device_challenge(work, service, *entity, *factor, given);
  if (!made) return refuse(Code::kFactorUnusable);
  return AskedDevice{made->id, factor_id, made->state.expires_at};
}

std::optional<Refusal> tell_transaction(const Work& work, const Challenge& challenge, const FactorId& factor,
                                        bool approved, const SignedAnswer& answer) {
  const auto said = json_text(challenge.content, "transaction");
  if (!said) return std::nullopt;
  const Refusal over{ErrorCode::kChallengeExpired};
  const auto id = TransactionId::parse(*said);
  if (!id) return over;
  if (!approved) {
    if (!deny(work, *id)) return over;
    return std::nullopt;
  }
  auto found = open_to_answer(work, *id, std::nullopt);
  if (!found) return over;
  auto& held = found->row;
  const ServiceId service = held.state.service;
  auto ceremonies = store::open_ceremonies(work.context.vault, held);
  if (!has_room_for(ceremonies, factor.id)) return over;
  keep_evidence(ceremonies, {factor.id, {}, answer.text, answer.signature, answer.point});
  store::put_ceremonies(work.context.vault, held, ceremonies, work.moment.random);  // prove() writes it with the proof.
  const auto proved = prove(work, held, {domain::Method::kPush, factor.id, work.moment.now});
  if (!proved) {
    const bool no_standing = proved.error().code == Code::kSourceDoesNotCount;
    return Refusal{no_standing ? ErrorCode::kFactorUnverified : ErrorCode::kChallengeExpired};
  }
  count(work.tx, work.context, work.caller.account, service, [](Tally& tally, const Tally::Place& place) {
    tally.on_approved(place, domain::to_text(domain::Method::kPush), "none");
  });
  return std::nullopt;
}

}  // namespace countersign::usecase::verify_api
