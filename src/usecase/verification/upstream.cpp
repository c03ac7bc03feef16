#include "usecase/verification/upstream.h"

#include <algorithm>

#include "base/ascii.h"
#include "store/repository/transactions.h"
#include "store/repository/upstream_claims.h"
#include "store/set_aside.h"
#include "usecase/audit_log.h"
#include "usecase/outbox/work_upstream_ends.h"
#include "usecase/verification/judge.h"

namespace countersign::usecase {

namespace {

/// Twilio Verify may see one mailbox in two spellings, so they are one address here.
std::string address_index_of(const Context& context, std::string_view address) {
  return context.vault.digester().blind_index("upstream", lower_case(address));
}

const std::string& upstream_of(const ChannelProvider& provider) {
  return provider.upstream.empty() ? provider.name : provider.upstream;
}

/// Null if the provider is no longer configured.
const ChannelProvider* provider_by(const Settings& settings, const AccountId& account, std::string_view name) {
  const auto found = settings.accounts.find(account);
  if (found == settings.accounts.end()) return nullptr;
  const ChannelProvider* by_name = nullptr;
  for (const auto& service : found->second.services) {
    service.each_provider([&](const ChannelProvider& provider) {
      if (by_name == nullptr && provider.name == name) by_name = &provider;
    });
  }
  return by_name;
}

bool is_pending(store::Tx& tx, const domain::UpstreamClaim& claim, WallTime now) {
  const auto row = store::find_verification(tx, claim.account, claim.transaction, claim.verification);
  return row && domain::status_at(row->state, now) == domain::VerificationStatus::kPending;
}

/// `held`: the transaction of the newer one, which the caller writes.
std::optional<Superseded> supersede(const Work& work, const domain::UpstreamClaim& older, store::TransactionRow& held,
                                    const store::VerificationRow& by) {
  const bool same = older.account == held.state.account && older.transaction == held.state.id;
  auto another = same ? std::nullopt : store::find_transaction(work.tx, older.account, older.transaction);
  if (!same && !another) return std::nullopt;
  store::TransactionRow& transaction = same ? held : *another;
  auto row = store::find_verification(work.tx, transaction, older.verification);
  if (!row) return std::nullopt;
  auto ended = domain::canceled(std::move(row->state), work.moment.now);
  if (!ended) return std::nullopt;
  row->state = *std::move(ended);
  // The newer one's request ends it there as well. But it may never be made.
  end_upstream(work.tx, *row, work.moment);
  store::put_verification(work.tx, transaction, *row);
  if (!same) store::save_verifications(work.tx, transaction);
  // The event of another subject's verification must not name the newer one's subject.
  Facts facts;
  facts.text("verification", row->state.id.text());
  if (same) facts.text("superseded_by", by.state.id.text());
  record(work, "verification.superseded", transaction.state, facts);
  return Superseded{older.transaction, older.verification};
}

}  // namespace

Answer<std::optional<UpstreamPlace>> find_upstream_place(const Work& work, const ChannelProvider& provider,
                                                         const domain::Limits& limits, const store::ContactRow& contact,
                                                         std::string_view address,
                                                         const std::optional<store::VerificationRow>& own) {
  if (!provider.checks_codes) return std::optional<UpstreamPlace>();
  work.tx.alone();  // The holder may be of any subject.
  UpstreamPlace place{upstream_of(provider), address_index_of(work.context, address), domain::UpstreamTurn::kNext, {}};
  place.holder = store::find_upstream_claim(work.tx, place.upstream, place.address_index);
  if (!place.holder) return std::optional(std::move(place));
  domain::UpstreamClaim wanted;
  wanted.account = work.caller.account;
  wanted.subject = contact.subject;
  if (own) wanted.verification = own->state.id;
  wanted.proved = contact.proved_at.has_value();
  // What cannot be read can prove nothing here any more, and must not keep the address from others.
  bool pending = false;
  static_cast<void>(store::why_unreadable([&] { pending = is_pending(work.tx, *place.holder, work.moment.now); }));
  place.turn = domain::upstream_turn(*place.holder, pending, wanted, work.moment.now);
  if (place.turn == domain::UpstreamTurn::kNotYet) {
    return fail(Problem{Code::kResendTooSoon, "the code was sent a moment ago", "",
                        domain::resend_wait(limits.resend_waits, 1)});
  }
  return std::optional(std::move(place));
}

std::optional<Superseded> take_upstream_place(const Work& work, const UpstreamPlace& place,
                                              const store::ContactRow& contact, store::TransactionRow& held,
                                              const store::VerificationRow& row, delivery::VerificationStart& start) {
  std::optional<Superseded> ended;
  if (place.turn == domain::UpstreamTurn::kNewer) ended = supersede(work, *place.holder, held, row);
  domain::UpstreamClaim claim{
      row.state.account,   contact.subject, row.state.transaction, row.state.id, contact.proved_at.has_value(), {}, {},
      row.state.expires_at};
  if (place.turn == domain::UpstreamTurn::kOwn) claim.provider_ref = place.holder->provider_ref;
  start.again = claim.provider_ref;
  start.ends_pending = place.holder.has_value() && !claim.provider_ref;
  start.call_before = work.moment.now + work.context.settings.hand_over_within;
  claim.calling_until = *start.call_before + work.context.settings.longest_call;
  store::save_upstream_claim(work.tx, place.upstream, place.address_index, claim);
  return ended;
}

Answer<std::string> upstream_ref(store::Tx& tx, const ChannelProvider& provider, const store::VerificationRow& row) {
  const auto claim = store::upstream_claim_of(tx, upstream_of(provider), row.state.account, row.state.id);
  if (row.provider_ref && !claim) return wrong_code(0);
  if (!claim || !claim->provider_ref || claim->provider_ref != row.provider_ref)
    return refuse(Code::kNotSentYet, "the provider has not taken it over yet");
  return *claim->provider_ref;
}

bool begin_upstream_call(store::Tx& tx, const Context& context, QueuedMessage& message, WallTime call_before,
                         WallTime now) {
  auto* const start = std::get_if<delivery::VerificationStart>(&message.content);
  const ChannelProvider* const provider = provider_by(context.settings, message.account, message.provider);
  if (start == nullptr || provider == nullptr) return false;
  const auto claim = store::upstream_claim_of(tx, upstream_of(*provider), message.account, message.verification);
  if (!claim || !is_pending(tx, *claim, now)) return false;
  start->again = claim->provider_ref;
  start->ends_pending = !claim->provider_ref;
  start->call_before = call_before;
  return store::begin_upstream_call(tx, upstream_of(*provider), message.account, message.verification,
                                    call_before + context.settings.longest_call);
}

void end_upstream_call(store::Tx& tx, const Context& context, const QueuedMessage& message,
                       const std::optional<std::string>& provider_ref, Moment& moment) {
  const auto* const start = std::get_if<delivery::VerificationStart>(&message.content);
  const ChannelProvider* const provider = provider_by(context.settings, message.account, message.provider);
  if (start == nullptr || provider == nullptr || !start->call_before) return;
  const bool ours = store::end_upstream_call(tx, upstream_of(*provider), message.account, message.verification,
                                             *start->call_before + context.settings.longest_call, provider_ref);
  if (!provider_ref) return;
  if (!ours) {
    // A later request, or that of another verification, takes over nothing of this one: nobody would end it. It may
    // have been answered after the later one's request ended what was pending, or that one may never be made.
    const auto claim = store::upstream_claim_of(tx, upstream_of(*provider), message.account, message.verification);
    if (!claim || claim->provider_ref != provider_ref) end_unclaimed(tx, message, *provider_ref, moment);
    return;
  }
  // What cannot be read can be neither checked nor ended here; the message is finished all the same.
  static_cast<void>(store::why_unreadable([&] {
    store::set_provider_ref(tx, message.account, message.transaction, message.verification, *provider_ref);
    const auto row = store::find_verification(tx, message.account, message.transaction, message.verification);
    if (row && domain::status_at(row->state, moment.now) != domain::VerificationStatus::kPending)
      end_upstream(tx, *row, moment);
  }));
}

}  // namespace countersign::usecase
