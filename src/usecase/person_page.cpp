#include "usecase/person_page.h"

#include <algorithm>

#include "contact/masking.h"
#include "store/repository/subjects.h"
#include "store/repository/verifications.h"
#include "usecase/enrol_here.h"
#include "usecase/established.h"
#include "usecase/guessing.h"

namespace countersign::usecase {

namespace {

/// A way with the proof that it would make.
struct Candidate {
  Way way;
  domain::Proof proof;
};

/// The strongest first. What proves the telephone line follows what needs no line; the way that was used last is no
/// argument, because the order of choices should not move about.
int rank(domain::Method method) {
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

/// The digits at the end of a masked number.
std::string ending_of(std::string_view masked) {
  std::size_t from = masked.size();
  while (from > 0 && masked[from - 1] >= '0' && masked[from - 1] <= '9') --from;
  return std::string(masked.substr(from));
}

void note_failures(Way& way, const domain::Failures& failures, const domain::FailureRules& rules, WallTime now) {
  if (domain::is_locked(failures, now)) way.locked_until = failures.locked_until;
  way.disabled = failures.disabled;
  way.failures = static_cast<int>(failures.consecutive);
  way.failures_left = static_cast<int>(rules.per_lock - failures.consecutive % rules.per_lock);
}

SentView sent_view(const store::VerificationRow& row, const Limits& limits, int attempts_max, WallTime now) {
  const auto& v = row.state;
  return {v.id,
          domain::status_at(v, now),
          v.sends,
          domain::guesses_left(v, {attempts_max, limits.sends_max}, now),
          v.sends < limits.sends_max,
          v.last_sent_at + domain::resend_wait(limits.resend_waits, v.sends),
          v.code ? std::min(v.code->valid_until, v.expires_at) : v.expires_at,
          row.send_fault};
}

/// The newest contact of each channel that the policy names and somebody drives.
std::vector<Candidate> contact_ways(store::Tx& tx, const Context& context, const store::TransactionRow& row,
                                    const AccountSettings& account, const ServiceSettings& service, WallTime now) {
  std::vector<Candidate> found;
  const auto sent = store::verifications_of(tx, row.state.account, row.state.id);
  for (const auto& contact : store::contacts_of(tx, row.state.account, row.state.subject)) {
    const auto method = domain::method_of(contact.channel);
    const bool known = std::ranges::any_of(found, [&](const Candidate& c) { return c.way.method == method; });
    if (known || !row.state.policy.any_of.contains(method) || service.road(contact.channel) == nullptr) continue;
    Candidate c;
    c.way.method = method;
    c.way.id = contact.id.text();
    c.way.masked = contact::mask_contact(store::open_address(context.vault, contact).expose());
    c.way.ending = ending_of(c.way.masked);
    const Guard guard = guard_of(contact, false);
    c.way.code_length = code_length_for(guard, account.limits, service, now);
    c.way.established = is_established(row.state, contact);
    note_failures(c.way, guard.state.failures, account.limits.failures, now);
    const auto last = std::ranges::find(sent, contact.id, [](const auto& v) { return v.state.contact; });
    if (last != sent.end()) c.way.sent = sent_view(*last, account.limits, attempts_for(guard, account.limits), now);
    c.proof = {method, contact.id.id, now, c.way.established};
    found.push_back(std::move(c));
  }
  return found;
}

std::vector<Candidate> totp_ways(const store::Vault& vault, const store::TransactionRow& row,
                                 const std::vector<store::FactorRow>& factors, const AccountSettings& account,
                                 WallTime now) {
  std::vector<Candidate> found;
  if (!row.state.policy.any_of.contains(domain::Method::kTotp)) return found;
  for (const auto& factor : factors) {
    if (factor.state.type != domain::Method::kTotp || factor.state.status != domain::FactorStatus::kActive) continue;
    Candidate c;
    c.way.method = domain::Method::kTotp;
    c.way.id = factor.state.id.text();
    c.way.name = store::open_name(vault, factor);
    c.way.code_length = factor.totp.digits;
    c.way.established = is_established(row.state, factor, factors);
    note_failures(c.way, factor.state.failures, account.limits.failures, now);
    c.proof = {domain::Method::kTotp, factor.state.id.id, now, c.way.established};
    found.push_back(std::move(c));
  }
  return found;
}

/// Leaves out what would add nothing: a kind that is proven already, as long as another kind is asked for.
void drop_spent(std::vector<Candidate>& ways, const domain::Transaction& held) {
  std::erase_if(ways, [&](const Candidate& c) {
    return std::ranges::any_of(held.proofs, [&](const domain::Proof& proof) {
      return proof.source == c.proof.source ||
             (proof.established && domain::kind_of(proof.method) == domain::kind_of(c.way.method));
    });
  });
}

bool would_be_met(const domain::Transaction& held, std::vector<domain::Proof> more) {
  more.insert(more.end(), held.proofs.begin(), held.proofs.end());
  return domain::evaluate(held.policy, more).met;
}

/// What an authenticator app would prove that the person adds on the page; nothing where the policy does not let her.
std::optional<domain::Proof> proof_of_new_app(const domain::Transaction& held,
                                              const std::vector<store::FactorRow>& factors, WallTime now) {
  const auto& policy = held.policy;
  if (!policy.enrol.contains(domain::Method::kTotp) || !policy.any_of.contains(domain::Method::kTotp))
    return std::nullopt;
  return domain::Proof{domain::Method::kTotp, Id{}, now, first_use_counts(held, factors)};
}

}  // namespace

std::optional<store::TransactionRow> open_link(store::Tx& tx, const Context& context, const TransactionId& id,
                                               std::string_view secret) {
  const std::string digest = context.vault.digester().token_digest("verify_url", secret);
  for (const auto& [account, settings] : context.settings.accounts) {
    auto row = store::find_transaction(tx, account, id);
    if (row && row->type != store::kCodeAlone && equal_constant_time(row->token_digest, digest)) return row;
  }
  return std::nullopt;
}

const Way* find_way(const PersonView& view, std::string_view id) {
  const auto found = std::ranges::find(view.ways, id, &Way::id);
  return found == view.ways.end() ? nullptr : &*found;
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
  view.locale = row.locale;
  view.return_url = store::open_return_url(context.vault, row);
  view.created_at = held.created_at;
  view.expires_at = held.expires_at;
  view.verified_at = held.verified_at;
  view.ended_at = held.ended_at;
  view.standing = domain::evaluate(held.policy, held.proofs);
  const auto factors = store::factors_of(tx, held.account, held.subject);
  view.may_enrol = may_enrol_here(tx, context, row, factors, now);
  view.enrol_needs_proof = has_established_proof(held);
  const auto app = proof_of_new_app(held, factors, now);
  view.enrol_counts = app && would_be_met(held, {*app});
  if (view.service == nullptr || view.status != domain::TransactionStatus::kHeld) return view;

  auto ways = totp_ways(context.vault, row, factors, account, now);
  for (auto& way : contact_ways(tx, context, row, account, *view.service, now)) ways.push_back(std::move(way));
  drop_spent(ways, held);
  std::ranges::stable_sort(ways, {}, [](const Candidate& c) { return rank(c.way.method); });
  std::vector<domain::Proof> all;
  for (auto& [way, proof] : ways) {
    way.completes = would_be_met(held, {proof});
    all.push_back(proof);
    view.ways.push_back(std::move(way));
  }
  if (app) all.push_back(*app);
  view.reachable = would_be_met(held, std::move(all));
  return view;
}

}  // namespace countersign::usecase
