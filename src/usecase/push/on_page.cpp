#include "usecase/push/on_page.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/test_account.h"
#include "store/repository/ceremonies.h"
#include "store/repository/subjects.h"
#include "usecase/push/device.h"
#include "usecase/push/prompt.h"
#include "usecase/push/signed_text.h"
#include "webauthn/challenge.h"

namespace countersign::usecase {

namespace {

const store::OpenPrompt* prompt_named(const store::Ceremonies& ceremonies, std::string_view name) {
  const auto id = from_base64url(name);
  const store::OpenPrompt* found = nullptr;
  for (const auto& one : ceremonies.prompts) {
    if (id && equal_constant_time(one.id, *id)) found = &one;
  }
  return found;
}

/// A transaction that ends earlier ends its prompts, too; then it was asked before this.
WallTime asked_at(const domain::Prompt& prompt) { return prompt.until - domain::kPromptTime; }

}  // namespace

bool has_push_on_pages(const Context& context, const AccountId& account, const ServiceId& service) {
  const auto* found = context.settings.account(account).service(service);
  return found != nullptr && found->push_on_pages && push_of(context, account, service) != nullptr;
}

std::optional<PromptSeen> newest_prompt(const Context& context, const store::TransactionRow& row, WallTime now) {
  const auto ceremonies = store::open_ceremonies(context.vault, row);
  if (ceremonies.prompts.empty()) return std::nullopt;
  const auto& newest = ceremonies.prompts.back();
  PromptSeen seen{to_base64url(newest.id), domain::status_at(newest.state, now)};
  if (seen.status == domain::PromptStatus::kOpen) seen.number = number_of(context.vault, row.state.id, newest.salt);
  seen.wrong = newest.state.wrong;
  seen.numbers_left = domain::kWrongNumbersMax - newest.state.wrong;
  seen.devices = newest.devices.size();
  seen.asked_at = asked_at(newest.state);
  seen.until = newest.state.until;
  return seen;
}

Answer<PushPrompt> prompt_from_page(const Work& work, const store::TransactionRow& row, std::string_view own) {
  std::vector<FactorId> asking = device_ids(work.tx, work.context, row.state.account, row.state.subject);
  std::erase_if(asking, [&](const FactorId& id) { return !own.contains(id.text()); });
  return prompt_push(work, row.state.id, asking);
}

std::optional<store::TransactionRow> open_prompt_page(store::Tx& tx, const Context& context, const TransactionId& id,
                                                      std::string_view prompt) {
  for (const bool test : {false, true}) {
    if (test && !context.settings.test_mode) break;
    for (const auto& [account, settings] : context.settings.accounts) {
      if (is_test(account) != test) continue;
      auto row = store::find_transaction(tx, account, id);
      if (row && prompt_named(store::open_ceremonies(context.vault, *row), prompt) != nullptr) return row;
    }
  }
  return std::nullopt;
}

std::optional<PromptForDevice> prompt_for_device(const Context& context, const store::TransactionRow& row,
                                                 std::string_view prompt, WallTime now) {
  const auto ceremonies = store::open_ceremonies(context.vault, row);
  const auto* found = prompt_named(ceremonies, prompt);
  if (found == nullptr) return std::nullopt;
  PromptForDevice out{domain::status_at(found->state, now)};
  if (out.status == domain::PromptStatus::kOpen)
    out.challenge = webauthn::bound_challenge(found->salt, row.binding_hash);
  out.numbers_left = domain::kWrongNumbersMax - found->state.wrong;
  out.asked_at = asked_at(found->state);
  out.until = found->state.until;
  out.asker = found->asker;
  std::ranges::transform(found->devices, std::back_inserter(out.devices), [](const Id& id) { return FactorId{id}; });
  return out;
}

std::vector<FactorId> device_ids(store::Tx& tx, const Context& context, const AccountId& account,
                                 const SubjectId& subject) {
  std::vector<FactorId> ids;
  for (const auto& factor : store::factors_of(tx, account, subject)) {
    const bool living =
        factor.state.status == domain::FactorStatus::kActive || factor.state.status == domain::FactorStatus::kSuspended;
    if (living && push_device_of(context.vault, factor)) ids.push_back(factor.state.id);
  }
  return ids;
}

bool is_own_renewal(const PushAnswer& answer, const FactorId& factor, std::int64_t signed_at) {
  const store::PushSubscription to{answer.endpoint, answer.point, answer.auth, ""};
  return is_signed(answer.public_key, subscription_text(factor, signed_at, to), answer.signature);
}

bool is_asker(const Context& context, const PromptForDevice& prompt, const IpAddress& address) {
  return equal_constant_time(prompt.asker, context.vault.digester().blind_index("ip", address.limit_key()));
}

std::optional<KnownDevice> find_device(store::Tx& tx, const Context& context, std::string_view public_key) {
  for (const auto& [account, settings] : context.settings.accounts) {
    const auto factor =
        store::find_factor_by_handle(tx, account, device_handle_digest(context.vault, account, public_key));
    if (!factor || !push_device_of(context.vault, *factor)) continue;
    return KnownDevice{account, factor->state.id,
                       store::subject_identity(tx, context.vault, account, factor->state.subject)};
  }
  return std::nullopt;
}

}  // namespace countersign::usecase
