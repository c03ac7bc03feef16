#include "usecase/push/prompt.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "base/encoding.h"
#include "base/json.h"
#include "base/test_account.h"
#include "store/repository/ceremonies.h"
#include "usecase/audit_log.h"
#include "usecase/push/device.h"
#include "usecase/push/outbox.h"
#include "usecase/risk/trust.h"
#include "usecase/subject/standing.h"
#include "usecase/transaction/held.h"
#include "webauthn/challenge.h"

namespace countersign::usecase {

namespace {

constexpr std::size_t kPromptIdSize = 16;

/// Those that may be asked now, or why none may.
Answer<std::vector<DeviceFor>> devices_to_ask(const Work& work, const store::TransactionRow& held,
                                              const domain::standing::History& history,
                                              const std::vector<FactorId>& asking) {
  const std::string asker = asker_of(work);
  const bool proved = proved_otherwise(held.state);
  std::vector<DeviceFor> allowed;
  std::optional<domain::standing::Counts> best;
  std::optional<domain::NotPrompted> held_back;
  for (auto& one : devices_for(work, held, history)) {
    const bool asks_itself = std::ranges::find(asking, one.factor.state.id) != asking.end();
    if (asks_itself || !one.device.subscription) continue;
    if (!one.counts.any()) {
      best = best ? domain::standing::better(*best, one.counts) : one.counts;
      continue;
    }
    const auto not_now = domain::why_not_prompted(one.device.prompts, asker, proved, work.moment.now);
    if (!not_now)
      allowed.push_back(std::move(one));
    else if (!held_back || (not_now->retry_after && !held_back->retry_after))
      held_back = not_now;
  }
  if (!allowed.empty()) return allowed;
  if (held_back) return fail(problem_of(*held_back));
  if (best) return fail(does_not_count(*best));
  return refuse(Code::kFactorUnusable, "the subject has no device at this service that could be asked");
}

store::OpenPrompt new_prompt(const Work& work, const store::TransactionRow& held,
                             const std::vector<DeviceFor>& devices) {
  store::OpenPrompt prompt;
  prompt.id = work.moment.random.bytes(kPromptIdSize);
  prompt.state.until = std::min(work.moment.now + domain::kPromptTime, held.state.expires_at);
  prompt.salt = webauthn::fresh_challenge(work.moment.random);
  prompt.asker = asker_of(work);
  for (const auto& one : devices) prompt.devices.push_back(one.factor.state.id.id);
  return prompt;
}

/// Null for one that is not known any more.
const store::OpenPrompt* find_prompt(const store::Ceremonies& ceremonies, std::string_view name) {
  const auto id = from_base64url(name);
  const auto found =
      std::ranges::find_if(ceremonies.prompts, [&](const store::OpenPrompt& one) { return id == one.id; });
  return found != ceremonies.prompts.end() ? &*found : nullptr;
}

/// The topic is the same for all prompts of a transaction, and tells a push service nothing.
std::string topic_of(const Work& work, const TransactionId& id) {
  return to_base64url(work.context.vault.digester().token_digest("push topic", id.bytes()).substr(0, 24));
}

}  // namespace

SecretString number_of(const store::Vault& vault, const TransactionId& transaction, std::string_view salt) {
  const SecretString digest(
      vault.digester().token_digest("push number", std::string(transaction.bytes()).append(salt)));
  std::uint64_t value = 0;
  for (const char c : digest.expose().substr(0, sizeof value)) value = value << 8U | static_cast<unsigned char>(c);
  std::string digits(domain::kPromptDigits, '0');
  for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit, value /= 10)
    *digit = static_cast<char>('0' + value % 10);
  return SecretString(std::move(digits));
}

std::optional<SecretString> number_of_prompt(const Work& work, const TransactionId& id, std::string_view prompt) {
  const auto held = find_held(work.tx, work.caller, id);
  if (!held) return std::nullopt;
  const auto ceremonies = store::open_ceremonies(work.context.vault, *held);
  const auto* found = find_prompt(ceremonies, prompt);
  if (found == nullptr || domain::status_at(found->state, work.moment.now) != domain::PromptStatus::kOpen)
    return std::nullopt;
  return number_of(work.context.vault, id, found->salt);
}

std::string prompt_message(std::string_view locale, std::string_view service_name, std::string_view page,
                           const TransactionId& transaction, std::string_view prompt) {
  const auto text = domain::prompt_text(locale, service_name);
  const bool hosted = page.ends_with(kHostedPushPage);  // Names both in its path; an application's page gets them.
  const std::string what = hosted ? transaction.text() + "." : "#transaction=" + transaction.text() + "&prompt=";
  return canonical_json(
      json::object{{"web_push", 8030},
                   {"notification", json::object{{"title", text.title},
                                                 {"body", text.body},
                                                 {"lang", locale},
                                                 {"navigate", std::string(page) + what + std::string(prompt)}}}});
}

Answer<PushPrompt> prompt_push(const Work& work, const TransactionId& id, const std::optional<FactorId>& asking) {
  return prompt_push(work, id, asking ? std::vector{*asking} : std::vector<FactorId>());
}

Answer<PushPrompt> prompt_push(const Work& work, const TransactionId& id, const std::vector<FactorId>& asking) {
  auto found = open_to_answer(work, id, std::nullopt);
  if (!found) return fail(found.error());
  auto& held = found->row;
  if (!held.state.policy.takes(domain::Method::kPush))
    return refuse(Code::kMethodNotAllowed, "the policy of this transaction does not accept a device");
  const AccountId account = work.caller.account;
  if (push_of(work.context, account, held.state.service) == nullptr)
    return refuse(Code::kChannelUnavailable, "Web Push is not configured for this service");
  const auto& service = *work.context.settings.account(account).service(held.state.service);
  auto ceremonies = store::open_ceremonies(work.context.vault, held);
  if (ceremonies.prompted >= kPromptsOfTransaction)
    return fail(Problem{Code::kRateLimited, "too many prompts for this transaction", "",
                        held.state.expires_at - work.moment.now});
  const std::string locale = service.locale_or(held.locale);
  const auto history = take_history(work.tx, work.context, held);
  auto devices = devices_to_ask(work, held, history, asking);
  if (!devices) return fail(devices.error());

  for (auto& old : ceremonies.prompts) {
    if (auto over = domain::prompt_replaced(old.state, work.moment.now)) old.state = *over;
  }
  ceremonies.prompts.push_back(new_prompt(work, held, *devices));
  if (ceremonies.prompts.size() > store::kPromptsKept) ceremonies.prompts.erase(ceremonies.prompts.begin());
  ++ceremonies.prompted;
  store::put_ceremonies(work.context.vault, held, ceremonies, work.moment.random);
  store::save_ceremonies(work.tx, held);

  const auto& prompt = ceremonies.prompts.back();
  const std::string name = to_base64url(prompt.id);
  std::vector<QueuedPush> pushes;
  for (auto& one : *devices) {
    one.device.prompts = domain::after_prompt(std::move(one.device.prompts), work.moment.now);
    put_device(work, one.factor, one.device);
    store::save_material(work.tx, account, one.factor.state.id, *one.factor.material_sealed);
    pushes.push_back({account, held.state.subject, one.factor.state.id, *one.device.subscription,
                      prompt_message(locale, service.friendly_name, service.push_page, id, name), topic_of(work, id),
                      prompt.state.until});
  }
  const auto asked = static_cast<std::int64_t>(pushes.size());
  record(work, "push.prompted", held.state, Facts().number("devices", asked));
  note_event(work, held.state.subject, risk::Profile::Event::kPrompt);
  // A test account's prompts go nowhere: the test looks at them by their ids. [ADR 26]
  if (auto* outbox = work.context.push_outbox; outbox != nullptr && !is_test(account)) {
    work.tx.when_durable([outbox, shared = std::make_shared<std::vector<QueuedPush>>(std::move(pushes))] {
      outbox->send(std::move(*shared));
    });
  }
  return PushPrompt{name, number_of(work.context.vault, id, prompt.salt), asked, prompt.state.until};
}

Answer<PromptView> show_prompt(const Work& work, const TransactionId& id, std::string_view prompt) {
  const auto held = find_held(work.tx, work.caller, id);
  if (!held) return refuse(Code::kNotFound);
  const auto ceremonies = store::open_ceremonies(work.context.vault, *held);
  const auto* found = find_prompt(ceremonies, prompt);
  if (found == nullptr) return refuse(Code::kNotFound);
  const auto status = domain::status_at(found->state, work.moment.now);
  const bool open = status == domain::PromptStatus::kOpen;
  return PromptView{std::string(prompt), status,
                    open ? webauthn::bound_challenge(found->salt, held->binding_hash) : std::string(),
                    open ? domain::kWrongNumbersMax - found->state.wrong : 0, found->state.until};
}

}  // namespace countersign::usecase
