#include "usecase/push/answer.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/encoding.h"
#include "domain/factor.h"
#include "store/repository/ceremonies.h"
#include "usecase/audit_log.h"
#include "usecase/push/device.h"
#include "usecase/push/prompt.h"
#include "usecase/push/signed_text.h"
#include "usecase/risk/trust.h"
#include "usecase/tally.h"
#include "usecase/transaction/cancel.h"
#include "usecase/transaction/held.h"
#include "usecase/verification/allowance.h"
#include "usecase/verification/check_totp.h"
#include "usecase/verification/prove.h"
#include "webauthn/challenge.h"

namespace countersign::usecase {

namespace {

/// What an answer is about, once it is known to be a device's own.
struct Answering {
  store::TransactionRow held;
  store::Ceremonies ceremonies;
  std::size_t prompt = 0;  ///< The index of the one that is answered, which is open.
  store::FactorRow factor;
  store::PushDevice device;

  [[nodiscard]] store::OpenPrompt& answered() { return ceremonies.prompts[prompt]; }
  void put(const Work& work) { store::put_ceremonies(work.context.vault, held, ceremonies, work.moment.random); }
  void save(const Work& work) {
    put(work);
    store::save_ceremonies(work.tx, held);
  }
};

const domain::Limits& push_limits(const Work& work) {
  return work.context.settings.account(work.caller.account).limits;
}

Failure<Problem> refuse_device(const Work& work, const store::TransactionRow& held, std::string_view reason) {
  const auto& limits = push_limits(work);
  if (const auto counted = count_check(work, limits, Guesser::kStranger); !counted) return fail(counted.error());
  count_wrong_check(work, work.context.vault, limits, Guesser::kStranger);
  record(work, "check.failed", held.state, Facts().text("method", "push").text("reason", reason));
  return refuse(Code::kWrongResponse, "the answer was not accepted: look at the prompt again");
}

/// nullopt unless the prompt is open and the answer is to it.
std::optional<std::size_t> prompt_answered(const Work& work, const store::TransactionRow& held,
                                           const store::Ceremonies& ceremonies, const DeviceAnswer& answer) {
  const auto id = from_base64url(answer.prompt);
  for (std::size_t i = 0; i < ceremonies.prompts.size(); ++i) {
    const auto& one = ceremonies.prompts[i];
    const bool open = domain::status_at(one.state, work.moment.now) == domain::PromptStatus::kOpen;
    if (open && id == one.id &&
        equal_constant_time(webauthn::bound_challenge(one.salt, held.binding_hash), answer.challenge))
      return i;
  }
  return std::nullopt;
}

bool was_asked(const store::OpenPrompt& prompt, const FactorId& factor) {
  return std::ranges::find(prompt.devices, factor.id) != prompt.devices.end();
}

Answer<Answering> open_to_device(const Work& work, const TransactionId& id, const DeviceAnswer& answer, bool genuine) {
  auto found = open_to_answer(work, id, std::nullopt);
  if (!found) return fail(found.error());
  auto& held = found->row;
  if (!held.state.policy.takes(domain::Method::kPush))
    return refuse(Code::kMethodNotAllowed, "the policy of this transaction does not accept a device");
  if (push_of(work.context, work.caller.account, held.state.service) == nullptr)
    return refuse(Code::kChannelUnavailable, "Web Push is not configured for this service");
  Answering out{std::move(held), {}, 0, {}, {}};
  if (!genuine) return refuse_device(work, out.held, "bad_signature");
  const auto& vault = work.context.vault;
  auto factor = store::find_factor_by_handle(work.tx, work.caller.account,
                                             device_handle_digest(vault, work.caller.account, answer.public_key));
  const bool usable = factor && factor->state.subject == out.held.state.subject &&
                      factor->state.status == domain::FactorStatus::kActive;
  auto device = usable ? push_device_of(vault, *factor) : std::nullopt;
  if (!device) return refuse_device(work, out.held, "unknown_device");
  out.ceremonies = store::open_ceremonies(vault, out.held);
  const auto prompt = prompt_answered(work, out.held, out.ceremonies, answer);
  if (!prompt) return refuse_device(work, out.held, "wrong_challenge");
  out.prompt = *prompt;
  if (!was_asked(out.answered(), factor->state.id)) return refuse_device(work, out.held, "not_asked");
  out.factor = *std::move(factor);
  out.device = *std::move(device);
  return out;
}

/// Changes what all devices know that were asked: the answer of one is an answer to all.
template <class Change>
void note_on_devices(const Work& work, Answering& answering, Change change) {
  for (auto& factor : store::factors_of(work.tx, work.caller.account, answering.held.state.subject)) {
    if (factor.state.id == answering.factor.state.id || !was_asked(answering.answered(), factor.state.id)) continue;
    auto device = push_device_of(work.context.vault, factor);
    if (!device) continue;
    device->prompts = change(std::move(device->prompts));
    put_device(work, factor, *device);
    store::save_material(work.tx, work.caller.account, factor.state.id, *factor.material_sealed);
  }
  answering.device.prompts = change(std::move(answering.device.prompts));
  put_device(work, answering.factor, answering.device);
  store::save_factor(work.tx, answering.factor);
}

/// Writes the guess: a failure of the device, and of the prompt.
Failure<Problem> note_wrong_number(const Work& work, Answering& answering, domain::Factor next) {
  auto& prompt = answering.answered();
  prompt.state = domain::number_wrong(prompt.state, work.moment.now).value();
  const auto left = domain::kWrongNumbersMax - prompt.state.wrong;
  answering.factor.state = std::move(next);
  store::save_factor(work.tx, answering.factor);
  answering.save(work);
  record(work, "check.failed", answering.held.state,
         Facts().text("method", "push").text("reason", "wrong_number").number("left", left));
  return fail(Problem{Code::kWrongCode, "the number is not the one of the page that asks", "", std::nullopt,
                      static_cast<int>(left)});
}

std::uint64_t day_number(WallTime time) {
  return static_cast<std::uint64_t>(to_unix_seconds(time) / std::int64_t{24 * 3600});
}

}  // namespace

bool is_genuine(const DeviceAnswer& answer) {
  return is_signed(
      answer.public_key,
      answer.number ? approval_text(answer.challenge, answer.number->expose()) : denial_text(answer.challenge),
      answer.signature);
}

Answer<Approved> approve_on_device(const Work& work, const TransactionId& id, const DeviceAnswer& answer,
                                   bool genuine) {
  CS_CHECK(answer.number.has_value());
  auto answering = open_to_device(work, id, answer, genuine);
  if (!answering) return fail(answering.error());
  const auto& limits = push_limits(work);
  const auto not_now = domain::why_not_checkable(answering->factor.state, domain::FactorStatus::kActive,
                                                 work.moment.now, proved_otherwise(answering->held.state));
  if (not_now) return fail(not_checkable(*not_now, work.moment.now));
  const Id source = answering->factor.state.id.id;
  if (!has_room_for(answering->ceremonies, source))
    return refuse(Code::kRateLimited, "enough devices have approved this transaction");
  if (const auto counted = count_check(work, limits, Guesser::kKnown); !counted) return fail(counted.error());

  const auto& prompt = answering->answered();
  const bool right =
      equal_constant_time(number_of(work.context.vault, id, prompt.salt).expose(), answer.number->expose());
  auto checked = domain::record_code(answering->factor.state, right, limits.failures, work.moment.now);
  if (!right) return note_wrong_number(work, *answering, std::move(checked.next));

  answering->answered().state = domain::number_right(prompt.state, work.moment.now).value();
  answering->factor.state = std::move(checked.next);
  answering->device.used_day = day_number(work.moment.now);
  note_on_devices(work, *answering, domain::after_approval);
  const auto kept = answering->ceremonies.device_proofs;
  keep_evidence(answering->ceremonies, {source, prompt.salt, approval_text(answer.challenge, answer.number->expose()),
                                        answer.signature, answer.public_key});
  answering->put(work);  // prove() writes it with the proof.
  auto& held = answering->held;
  const ServiceId service = held.state.service;
  domain::Proof proof{domain::Method::kPush, source, work.moment.now};
  proof.push.number_typed = true;
  auto approved = prove(work, held, proof);
  if (!approved) {
    answering->ceremonies.device_proofs = kept;
    answering->save(work);
    return approved;
  }
  count(work.tx, work.context, work.caller.account, service, [](Tally& tally, const Tally::Place& place) {
    tally.on_approved(place, domain::to_text(domain::Method::kPush), "none");
  });
  return approved;
}

Answer<Approved> deny_on_device(const Work& work, const TransactionId& id, const DeviceAnswer& answer, bool genuine) {
  auto answering = open_to_device(work, id, answer, genuine);
  if (!answering) return fail(answering.error());
  auto& prompt = answering->answered();
  const std::string asker = prompt.asker;
  prompt.state = domain::prompt_denied(prompt.state, work.moment.now).value();
  note_on_devices(work, *answering, [&](domain::PromptHistory history) {
    return domain::after_denial(std::move(history), asker, work.moment.now);
  });
  answering->save(work);
  const auto& denied = answering->device.prompts.denied;
  const auto times = std::ranges::find(denied, asker, &domain::Denied::asker)->times;
  record(work, "push.denied", answering->held.state,
         Facts().text("factor", answering->factor.state.id.text()).number("times", times));
  note_event(work, answering->held.state.subject, risk::Profile::Event::kDenial);
  return deny(work, id).transform([](const Ended& ended) { return Approved{ended.status, {}}; });
}

}  // namespace countersign::usecase
