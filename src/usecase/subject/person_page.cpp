#include "usecase/subject/person_page.h"

#include <algorithm>
#include <tuple>

#include "base/ascii.h"
#include "base/test_account.h"
#include "contact/masking.h"
#include "store/repository/factors.h"
#include "store/repository/subjects.h"
#include "store/repository/verifications.h"
#include "usecase/outbox/obstacles.h"
#include "usecase/passkey/usable.h"
#include "usecase/push/device.h"
#include "usecase/push/on_page.h"
#include "usecase/subject/enrol_on_page.h"
#include "usecase/subject/recovery.h"
#include "usecase/subject/standing.h"
#include "usecase/verification/guessing.h"

namespace countersign::usecase {

namespace {

/// A way with the proof that it would make.
struct Candidate {
  Way way;
  domain::Proof proof;
};

/// Strongest first. Proofs of a phone line come after those that need no line. The way used last is ignored, so that
/// the order is stable.
constexpr int rank(domain::Method method) {
  using enum domain::Method;
  switch (method) {
    case kWebauthn:
      return 0;
    case kTotp:
      return 1;
    case kPush:
      return 2;
    case kWhatsapp:
      return 3;
    case kSms:
      return 4;
    case kCall:
      return 5;
    case kEmail:
      return 6;
    case kRecoveryCode:
      return 7;
  }
  return 8;
}

/// A message that shows the code alone is never the first choice: it comes after those by telephone that say what they
/// approve. Where messages are known not to arrive, that way comes after all others.
std::tuple<bool, int, int> order_of(const Way& way) {
  constexpr int kLine = rank(domain::Method::kCall);
  const int plain = rank(way.method);
  const bool last = way.unreachable.has_value();
  return way.shows_display ? std::tuple(last, plain, 0) : std::tuple(last, std::max(plain, kLine), 1 + plain);
}

/// The visible digits at the end of a masked number.
std::string ending_of(std::string_view masked) {
  std::size_t from = masked.size();
  while (from > 0 && is_digit(masked[from - 1])) --from;
  return std::string(masked.substr(from));
}

/// The person's active factors of that type that are bound at the transaction's service. One that was dropped after an
/// objection is not.
std::vector<store::FactorRow> active_factors(store::Tx& tx, const domain::Transaction& held,
                                             const domain::standing::History& history, domain::Method type) {
  auto factors = store::factors_of(tx, held.account, held.subject);
  std::erase_if(factors, [&](const store::FactorRow& factor) {
    return factor.state.type != type || factor.state.status != domain::FactorStatus::kActive ||
           domain::standing::own_living(history, factor.state.id.id) == nullptr;
  });
  return factors;
}

bool has_app(store::Tx& tx, const domain::Transaction& held, const domain::standing::History& history) {
  return !active_factors(tx, held, history, domain::Method::kTotp).empty();
}

/// Whether one of them is asked by Web Push.
bool has_device(const Context& context, const std::vector<store::FactorRow>& factors) {
  return std::ranges::any_of(
      factors, [&](const store::FactorRow& factor) { return push_device_of(context.vault, factor).has_value(); });
}

/// Whether her newest set of recovery codes has enough codes.
bool has_enough_codes(store::Tx& tx, const Context& context, const domain::Transaction& held,
                      const domain::standing::History& history) {
  const auto sets = active_factors(tx, held, history, domain::Method::kRecoveryCode);
  return !sets.empty() && !domain::asks_for_new_set(recovery_set_of(context.vault, sets.front()).left());
}

/// What is left of the set of which a code was used in this transaction.
std::optional<std::size_t> codes_left_after(store::Tx& tx, const Context& context, const domain::Transaction& held) {
  for (const auto& proof : held.proofs) {
    if (proof.method != domain::Method::kRecoveryCode) continue;
    const auto set = store::find_factor(tx, held.account, held.subject, FactorId{proof.source});
    if (set && set->state.status == domain::FactorStatus::kActive) return recovery_set_of(context.vault, *set).left();
  }
  return std::nullopt;
}

void note_failures(Way& way, const domain::Failures& failures, const domain::FailureRules& rules, WallTime now) {
  if (domain::is_locked(failures, now)) way.locked_until = failures.locked_until;
  way.disabled = failures.disabled;
  way.failures = static_cast<int>(failures.consecutive);
  way.failures_left = static_cast<int>(rules.per_lock - failures.consecutive % rules.per_lock);
}

SentView sent_view(const store::VerificationRow& row, const domain::Limits& limits, int attempts_max, WallTime now) {
  const auto& v = row.state;
  SentView view{v.id,
                domain::status_at(v, now),
                v.sends,
                domain::guesses_left(v, {attempts_max, limits.sends_max}, now),
                v.sends < limits.sends_max,
                v.last_sent_at,
                v.code ? std::min(v.code->valid_until, v.expires_at) : v.expires_at,
                row.send_fault};
  view.instead_of = domain::sent_instead_of(row.sendings);
  // Sent by us, and not by her own wish: more messages than sends.
  if (domain::messages_in(row.sendings).size() > static_cast<std::size_t>(v.sends))
    view.once_more_after = domain::sent_before_by(row.sendings);
  return view;
}

/// Unanswered sends to one line in this transaction, on all channels.
struct SentToLine {
  int sends = 0;
  WallTime last_sent_at;
};

SentToLine sent_to_line(const std::vector<store::VerificationRow>& sent, const std::vector<store::ContactRow>& contacts,
                        const store::ContactRow& contact, WallTime now) {
  SentToLine all;
  for (const auto& row : sent) {
    const auto to = std::ranges::find(contacts, row.state.contact, &store::ContactRow::id);
    if (to == contacts.end() || to->address_id != contact.address_id) continue;
    if (domain::status_at(row.state, now) != domain::VerificationStatus::kPending) continue;
    all.sends += row.state.sends;
    all.last_sent_at = std::max(all.last_sent_at, row.state.last_sent_at);
  }
  return all;
}

/// When a send to the line is allowed again, as send_code decides.
std::optional<WallTime> send_from(const SentToLine& before, const Guard& guard, const domain::Limits& limits,
                                  WallTime now) {
  WallTime from = now + domain::slow_wait(guard.state, limits.failures, now);
  if (before.sends > 0)
    from = std::max(from, before.last_sent_at + domain::resend_wait(limits.resend_waits, before.sends));
  return from > now ? std::optional(from) : std::nullopt;
}

/// What the candidates are compared with.
struct Asked {
  const store::TransactionRow& row;
  const AccountSettings& account;
  const domain::standing::History& history;
  WallTime now;

  [[nodiscard]] bool is_operation() const { return row.state.purpose != domain::Purpose::kRelease; }
  [[nodiscard]] domain::standing::Counts counts(const Id& source) const {
    return counts_for(history, source, row.state, now);
  }
};

Candidate candidate(const Asked& asked, domain::Method method, const Id& source,
                    const domain::standing::Counts& counts) {
  Candidate c;
  c.way.method = method;
  c.way.counts = counts.any();
  c.way.stopped = counts.why_not == domain::standing::WhyNot::kStopped;
  if (!c.way.counts) c.way.counts_from = counts.counts_from;
  c.proof = {method, source, asked.now};
  return c;
}

/// For each channel that the policy allows and that has a provider: the newest contact that counts, or else the newest.
/// A new contact never hides one that counts [STD-9], nor one that is not reached another that counts.
std::vector<Candidate> contact_ways(store::Tx& tx, const Context& context, const Asked& asked,
                                    const ServiceSettings& service) {
  std::vector<Candidate> found;
  const auto& held = asked.row.state;
  const auto sent = store::verifications_of(tx, asked.row);
  const auto contacts = store::contacts_of(tx, held.account, held.subject);
  for (const auto& contact : contacts) {
    const auto method = domain::method_of(contact.channel);
    if (!held.policy.takes(method) || service.provider_for(contact.channel) == nullptr) continue;
    const auto counts = asked.counts(contact.address_id.id);
    using enum domain::standing::WhyNot;
    if (!counts.any() && (counts.why_not == kUnknown || counts.why_not == kGone)) continue;
    const auto known = std::ranges::find(found, method, [](const Candidate& c) { return c.way.method; });
    Candidate c = candidate(asked, method, contact.address_id.id, counts);
    c.way.unreachable = obstacle_of(contact, asked.now);
    const bool better =
        known != found.end() && c.way.counts && (!known->way.counts || (known->way.unreachable && !c.way.unreachable));
    if (known != found.end() && !better) continue;
    if (known != found.end()) c.way.newer_from = known->way.counts_from;
    c.way.id = contact.id.text();
    c.way.line = contact.address_id.id;
    const SecretString address = store::open_address(context.vault, contact);
    c.way.masked = contact::mask_contact(address.expose());
    c.way.ending = ending_of(c.way.masked);
    const Guard guard = guard_of(contact, false);
    const auto& limits = asked.account.limits;
    c.way.code_length = code_length_for(guard, limits, service, asked.now);
    note_failures(c.way, guard.state.failures, limits.failures, asked.now);
    const auto last = std::ranges::find(sent, contact.id, [](const auto& v) { return v.state.contact; });
    const bool pending =
        last != sent.end() && domain::status_at(last->state, asked.now) == domain::VerificationStatus::kPending;
    const ChannelProvider* provider = pending ? service.provider_of(contact.channel, last->provider)
                                              : service.provider_for(contact.channel, address.expose());
    c.way.shows_display = provider == nullptr || provider->shows_display(contact.channel);
    if (last != sent.end()) c.way.sent = sent_view(*last, limits, attempts_for(guard, limits), asked.now);
    c.way.send_from = send_from(sent_to_line(sent, contacts, contact, asked.now), guard, limits, asked.now);
    if (c.way.sent) c.way.sent->may_send_again = c.way.sent->may_send_again && !c.way.gets_none();
    if (c.way.sent) c.way.sent->resend_at = c.way.send_from.value_or(asked.now);
    c.proof.contact = contact.id;
    if (known != found.end())
      *known = std::move(c);
    else
      found.push_back(std::move(c));
  }
  return found;
}

std::vector<Candidate> totp_ways(const store::Vault& vault, const Asked& asked,
                                 const std::vector<store::FactorRow>& factors) {
  std::vector<Candidate> found;
  if (!asked.row.state.policy.takes(domain::Method::kTotp)) return found;
  for (const auto& factor : factors) {
    if (factor.state.type != domain::Method::kTotp || factor.state.status != domain::FactorStatus::kActive) continue;
    const auto counts = asked.counts(factor.state.id.id);
    if (!counts.any() && counts.why_not == domain::standing::WhyNot::kUnknown) continue;  // Belongs to another service.
    Candidate c = candidate(asked, domain::Method::kTotp, factor.state.id.id, counts);
    c.way.id = factor.state.id.text();
    c.way.name = store::open_name(vault, factor);
    c.way.code_length = factor.totp.digits;
    note_failures(c.way, factor.state.failures, asked.account.limits.failures, asked.now);
    found.push_back(std::move(c));
  }
  return found;
}

/// At most one: of the newest set that counts on its own and has codes; else of the newest that counts as a repeat, or
/// of the newest that will count. [STD-9, STD-10]
std::vector<Candidate> recovery_ways(const store::Vault& vault, const Asked& asked,
                                     const std::vector<store::FactorRow>& factors) {
  std::vector<Candidate> found;
  if (!asked.row.state.policy.takes(domain::Method::kRecoveryCode)) return found;
  const auto rank_of = [](const domain::standing::Counts& counts) { return counts.own() ? 2 : counts.any() ? 1 : 0; };
  int best = 0;
  std::optional<WallTime> newer_from;  // When the newest will count on its own.
  for (const auto& factor : factors) {
    if (factor.state.type != domain::Method::kRecoveryCode || factor.state.status != domain::FactorStatus::kActive)
      continue;
    const auto counts = asked.counts(factor.state.id.id);
    using enum domain::standing::WhyNot;
    if (!counts.any() && (counts.why_not == kUnknown || counts.why_not == kGone)) continue;
    if (!found.empty() && rank_of(counts) <= best) continue;
    Candidate c = candidate(asked, domain::Method::kRecoveryCode, factor.state.id.id, counts);
    c.way.codes_left = recovery_set_of(vault, factor).left();
    if (c.way.codes_left == 0) continue;
    if (!found.empty()) c.way.newer_from = newer_from;
    if (found.empty()) newer_from = counts.counts_from;
    best = rank_of(counts);
    c.way.id = factor.state.id.text();
    note_failures(c.way, factor.state.failures, asked.account.limits.failures, asked.now);
    found.assign(1, std::move(c));
  }
  return found;
}

/// At most one, for all passkeys that the page can ask for. Its proof is that of the newest one that counts on its own,
/// or else as a repeat.
std::vector<Candidate> passkey_ways(store::Tx& tx, const Context& context, const Asked& asked,
                                    const ServiceSettings& service) {
  std::vector<Candidate> found;
  const auto& policy = asked.row.state.policy;
  if (!policy.takes(domain::Method::kWebauthn) || !service.passkeys || !service.passkeys->on_page) return found;
  const auto rank_of = [](const domain::standing::Counts& counts) { return counts.own() ? 2 : counts.any() ? 1 : 0; };
  int best = 0;
  std::optional<WallTime> newer_from;
  for (const auto& passkey : passkeys_for(tx, context, asked.row, asked.history, *service.passkeys, asked.now)) {
    const auto& counts = passkey.counts;
    if (!counts.any() && counts.why_not == domain::standing::WhyNot::kGone) continue;
    if (!found.empty() && rank_of(counts) <= best) continue;
    Candidate c = candidate(asked, domain::Method::kWebauthn, passkey.factor.state.id.id, counts);
    if (found.empty()) newer_from = c.way.counts_from;
    if (c.way.counts) c.way.newer_from = newer_from;
    best = rank_of(counts);
    c.way.id = kPasskeyWay;
    c.way.verifies_person = policy.user_verification;
    // What any passkey can show: whether hers does is known when it has answered.
    c.proof.passkey = {true, !passkey.record.backup_eligible};
    found.assign(1, std::move(c));
  }
  return found;
}

/// At most one, for all devices that can be asked. Its proof is that of the newest one that counts on its own, or else
/// as a repeat; one that is locked comes after the others.
std::vector<Candidate> push_ways(const Context& context, const Asked& asked, const ServiceSettings& service,
                                 const std::vector<store::FactorRow>& factors) {
  std::vector<Candidate> found;
  const auto& held = asked.row.state;
  if (!held.policy.any_of.contains(domain::Method::kPush) || push_of(context, held.account, service.id) == nullptr)
    return found;
  int best = 0;
  std::size_t devices = 0;
  std::optional<WallTime> newer_from;
  for (const auto& factor : factors) {
    if (factor.state.status != domain::FactorStatus::kActive) continue;
    const auto device = push_device_of(context.vault, factor);
    if (!device || !device->subscription) continue;
    const auto counts = asked.counts(factor.state.id.id);
    using enum domain::standing::WhyNot;
    if (!counts.any() && (counts.why_not == kUnknown || counts.why_not == kGone)) continue;
    if (asked.is_operation() && !may_answer(context, asked.row, asked.history, factor.state.id.id, asked.now)) continue;
    if (counts.any()) ++devices;
    Candidate c = candidate(asked, domain::Method::kPush, factor.state.id.id, counts);
    note_failures(c.way, factor.state.failures, asked.account.limits.failures, asked.now);
    const int rank = (counts.own() ? 4 : counts.any() ? 2 : 0) + (c.way.usable() ? 1 : 0);
    if (!found.empty() && rank <= best) continue;
    if (found.empty()) newer_from = c.way.counts_from;
    if (c.way.counts) c.way.newer_from = newer_from;
    best = rank;
    c.way.id = kPushWay;
    c.way.name = store::open_name(context.vault, factor);
    c.proof.push.number_typed = true;
    found.assign(1, std::move(c));
  }
  if (!found.empty()) found.front().way.devices = devices;
  return found;
}

/// Drops ways that would add nothing: a kind that is proven already, while another kind is required. A proof that
/// counts as a repeat does not stand in for a source of its kind that counts on its own. [STD-9]
void drop_spent(std::vector<Candidate>& ways, const Asked& asked) {
  std::erase_if(ways, [&](const Candidate& c) {
    const bool is_own = asked.counts(c.proof.source).own();
    return std::ranges::any_of(asked.row.state.proofs, [&](const domain::Proof& proof) {
      if (proof.source == c.proof.source) return true;
      const bool same_kind = domain::kind_of(proof.method) == domain::kind_of(c.way.method);
      return same_kind && (!is_own || asked.counts(proof.source).own());
    });
  });
}

bool would_be_met(const Asked& asked, const std::vector<domain::Proof>& more) {
  domain::Transaction with_them = asked.row.state;
  with_them.proofs.insert(with_them.proofs.end(), more.begin(), more.end());
  return judge_now(asked.history, with_them, asked.now).met();
}

/// Whether a first app, founded by the link, would meet the policy on its own. [STD-1]
bool first_app_meets(const domain::Policy& policy) {
  domain::standing::Counts counts;
  counts.counted = domain::standing::Counted::kFounding;
  const domain::standing::JudgedProof app{domain::Method::kTotp, Id{}, counts};
  return domain::standing::judge(policy, std::span(&app, 1)).met();
}

}  // namespace

std::optional<store::TransactionRow> open_link(store::Tx& tx, const Context& context, const TransactionId& id,
                                               std::string_view secret) {
  const std::string digest = context.vault.digester().token_digest("verify_url", secret);
  // Live accounts first: test accounts then cost them nothing.
  for (const bool test : {false, true}) {
    if (test && !context.settings.test_mode) break;
    for (const auto& [account, settings] : context.settings.accounts) {
      if (is_test(account) != test) continue;
      auto row = store::find_transaction(tx, account, id);
      if (row && row->state.purpose != domain::Purpose::kStandaloneCode &&
          equal_constant_time(row->token_digest, digest))
        return row;
    }
  }
  return std::nullopt;
}

const Way* find_way(const PersonView& view, std::string_view id) {
  const auto found = std::ranges::find(view.ways, id, &Way::id);
  return found == view.ways.end() ? nullptr : &*found;
}

const Way& where_it_went(const PersonView& view, const Way& way) {
  const auto channel = domain::channel_of(way.method);
  const auto pending = [](const Way& one) {
    return one.sent && one.sent->status == domain::VerificationStatus::kPending;
  };
  if (!channel || pending(way)) return way;
  const auto went = std::ranges::find_if(view.ways, [&](const Way& other) {
    return other.line == way.line && pending(other) &&
           (other.sent->instead_of == channel || other.sent->once_more_after == channel);
  });
  return went == view.ways.end() ? way : *went;
}

PersonView view_for_person(store::Tx& tx, const Context& context, const store::TransactionRow& row, WallTime now) {
  const auto& held = row.state;
  const auto& account = context.settings.account(held.account);
  PersonView view;
  view.id = held.id;
  view.account = held.account;
  view.service = account.service(held.service);
  view.status = domain::status_at(held, now);
  view.display = store::open_display(context.vault, row);
  view.identity = store::subject_identity(tx, context.vault, held.account, held.subject);
  view.locale = view.service == nullptr ? row.locale : view.service->locale_or(row.locale);
  view.locale_chosen = !row.locale.empty();
  view.return_url = store::open_return_url(context.vault, row);
  view.created_at = held.created_at;
  view.expires_at = held.expires_at;
  view.verified_at = held.verified_at;
  view.ended_at = held.ended_at;
  view.is_voided = held.end_reason == domain::EndReason::kProofVoided;
  view.is_refused =
      view.status == domain::TransactionStatus::kDenied &&
      (held.end_reason == domain::EndReason::kRefused || held.status == domain::TransactionStatus::kInReview);
  view.is_operation = held.purpose != domain::Purpose::kRelease;
  domain::standing::History history = load_history(tx, context, held.account, held.subject, held.service);
  store::TransactionRow current = row;
  resolve_old_proofs(tx, current.state);
  const Asked asked{current, account, history, now};
  view.judgement = judge_now(history, current.state, now);
  const auto enrolment = may_enrol_here(tx, context, row, history, now);
  view.may_enrol = enrolment != EnrolHere::kNo;
  view.enrol_needs_proof = enrolment == EnrolHere::kInOperation;
  view.enrol_counts = enrolment == EnrolHere::kByLink && first_app_meets(held.policy);
  const auto may_add = [&](domain::Method method) {
    return !view.may_enrol && policy_of_addition(tx, context, row, history, method, now).has_value();
  };
  view.may_add = may_add(domain::Method::kTotp);
  view.offers_adding = view.may_add && !has_app(tx, held, history);
  view.may_add_codes = may_add(domain::Method::kRecoveryCode);
  view.offers_codes = view.may_add_codes && !has_enough_codes(tx, context, held, history);
  view.may_add_passkey = may_add(domain::Method::kWebauthn);
  view.offers_passkey = view.may_add_passkey && active_factors(tx, held, history, domain::Method::kWebauthn).empty();
  view.may_add_device = may_add(domain::Method::kPush);
  view.offers_device =
      view.may_add_device && !has_device(context, active_factors(tx, held, history, domain::Method::kPush));
  view.prompt = newest_prompt(context, row, now);
  if (held.purpose == domain::Purpose::kAddSource) view.adds = added_by(held);
  view.codes_left = codes_left_after(tx, context, current.state);
  if (const auto changed = change_of(context, row)) view.change = changed->change;
  if (!view.is_operation || held.purpose == domain::Purpose::kShowMethods)
    view.stopped = stopped_change(tx, context, history, held.account, now);
  if (view.service == nullptr || view.status != domain::TransactionStatus::kHeld) return view;

  const auto factors = store::factors_of(tx, held.account, held.subject);
  auto ways = totp_ways(context.vault, asked, factors);
  for (auto& way : passkey_ways(tx, context, asked, *view.service)) ways.push_back(std::move(way));
  for (auto& way : push_ways(context, asked, *view.service, factors)) ways.push_back(std::move(way));
  for (auto& way : recovery_ways(context.vault, asked, factors)) ways.push_back(std::move(way));
  for (auto& way : contact_ways(tx, context, asked, *view.service)) ways.push_back(std::move(way));
  drop_spent(ways, asked);
  if (view.is_operation)  // Only a source that counts on its own can add one [STD-4], and only one without a part in
                          // the change can decide [STD-11].
    std::erase_if(ways, [&](const Candidate& c) { return !may_answer(context, row, history, c.proof.source, now); });
  std::ranges::stable_sort(ways, {}, [](const Candidate& c) { return order_of(c.way); });
  std::vector<domain::Proof> all;
  for (auto& [way, proof] : ways) {
    way.completes = way.counts && would_be_met(asked, {proof});
    if (way.counts) all.push_back(proof);
    if (way.counts_from && (!view.counts_from || *way.counts_from < *view.counts_from))
      view.counts_from = way.counts_from;
    view.ways.push_back(std::move(way));
  }
  view.reachable = view.enrol_counts || would_be_met(asked, all);
  return view;
}

}  // namespace countersign::usecase
