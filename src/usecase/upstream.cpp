#include "usecase/upstream.h"

#include <algorithm>

#include "base/ascii.h"
#include "store/repository/transactions.h"
#include "store/repository/upstream_claims.h"
#include "usecase/journal.h"
#include "usecase/judge_code.h"
#include "usecase/work_upstream_ends.h"

namespace countersign::usecase {

namespace {

/// Twilio Verify may see one mailbox in two spellings, so they are one address here.
std::string address_index_of(const Context& context, std::string_view address) {
  std::string lower(address);
  std::ranges::transform(lower, lower.begin(), to_lower);
  return context.vault.digester().blind_index("upstream", lower);
}

const std::string& upstream_of(const Road& road) { return road.upstream.empty() ? road.provider : road.upstream; }

/// Null: the provider is not in the configuration any more.
const Road* road_by(const Settings& settings, const AccountId& account, std::string_view provider) {
  const auto found = settings.accounts.find(account);
  if (found == settings.accounts.end()) return nullptr;
  for (const auto& service : found->second.services) {
    for (const auto& [channel, road] : service.roads) {
      if (road.provider == provider) return &road;
    }
    for (const auto& route : service.routes) {
      if (route.road.provider == provider) return &route.road;
    }
  }
  return nullptr;
}

bool is_pending(store::Tx& tx, const domain::UpstreamClaim& claim, WallTime now) {
  const auto row = store::find_verification(tx, claim.account, claim.transaction, claim.verification);
  return row && domain::status_at(row->state, now) == domain::VerificationStatus::kPending;
}

std::optional<Superseded> supersede(store::Tx& tx, const Context& context, const Caller& caller,
                                    const domain::UpstreamClaim& older, const store::VerificationRow& by,
                                    Moment& moment) {
  auto row = store::find_verification(tx, older.account, older.transaction, older.verification);
  const auto transaction = store::find_transaction(tx, older.account, older.transaction);
  if (!row || !transaction) return std::nullopt;
  row->state = domain::superseded(std::move(row->state));
  store::save_verification(tx, *row);
  // Another person's row does not tell by whose.
  Facts facts;
  facts.text("verification", row->state.id.text());
  if (older.transaction == by.state.transaction) facts.text("by", by.state.id.text());
  record(tx, context, caller, "verification.superseded", transaction->state, facts, moment);
  return Superseded{older.transaction, older.verification};
}

}  // namespace

Answer<std::optional<UpstreamPlace>> find_upstream_place(store::Tx& tx, const Context& context, const Caller& caller,
                                                         const Road& road, const Limits& limits,
                                                         const store::ContactRow& contact, std::string_view address,
                                                         const std::optional<store::VerificationRow>& own,
                                                         WallTime now) {
  if (!road.checks_codes) return std::optional<UpstreamPlace>();
  UpstreamPlace place{upstream_of(road), address_index_of(context, address), domain::UpstreamTurn::kNext, {}};
  place.holder = store::find_upstream_claim(tx, place.upstream, place.address_index);
  if (!place.holder) return std::optional(std::move(place));
  domain::UpstreamClaim wanted;
  wanted.account = caller.account;
  wanted.subject = contact.subject;
  if (own) wanted.verification = own->state.id;
  wanted.proved = contact.proved_at.has_value();
  place.turn = domain::upstream_turn(*place.holder, is_pending(tx, *place.holder, now), wanted, now);
  if (place.turn == domain::UpstreamTurn::kNotYet) {
    return fail(Problem{Code::kResendTooSoon, "the code was sent a moment ago", "",
                        domain::resend_wait(limits.resend_waits, 1)});
  }
  return std::optional(std::move(place));
}

std::optional<Superseded> take_upstream_place(store::Tx& tx, const Context& context, const Caller& caller,
                                              const UpstreamPlace& place, const store::ContactRow& contact,
                                              const store::VerificationRow& row, delivery::VerificationStart& start,
                                              Moment& moment) {
  std::optional<Superseded> ended;
  if (place.turn == domain::UpstreamTurn::kNewer) ended = supersede(tx, context, caller, *place.holder, row, moment);
  domain::UpstreamClaim claim{
      row.state.account,   contact.subject, row.state.transaction, row.state.id, contact.proved_at.has_value(), {}, {},
      row.state.expires_at};
  if (place.turn == domain::UpstreamTurn::kOwn) claim.provider_ref = place.holder->provider_ref;
  start.again = claim.provider_ref;
  start.ends_pending = place.holder.has_value() && !claim.provider_ref;
  start.call_before = moment.now + context.settings.hand_over_within;
  claim.calling_until = *start.call_before + context.settings.longest_call;
  store::save_upstream_claim(tx, place.upstream, place.address_index, claim);
  return ended;
}

Answer<std::string> upstream_ref(store::Tx& tx, const Road& road, const store::VerificationRow& row) {
  const auto claim = store::upstream_claim_of(tx, upstream_of(road), row.state.account, row.state.id);
  if (row.provider_ref && !claim) return wrong_code(0);
  if (!claim || !claim->provider_ref || claim->provider_ref != row.provider_ref)
    return refuse(Code::kNotSentYet, "the provider has not taken it over yet");
  return *claim->provider_ref;
}

bool begin_upstream_call(store::Tx& tx, const Context& context, QueuedMessage& message, WallTime call_before,
                         WallTime now) {
  auto* const start = std::get_if<delivery::VerificationStart>(&message.content);
  const Road* const road = road_by(context.settings, message.account, message.provider);
  if (start == nullptr || road == nullptr) return false;
  const auto claim = store::upstream_claim_of(tx, upstream_of(*road), message.account, message.verification);
  if (!claim || !is_pending(tx, *claim, now)) return false;
  start->again = claim->provider_ref;
  start->ends_pending = !claim->provider_ref;
  start->call_before = call_before;
  return store::begin_upstream_call(tx, upstream_of(*road), message.account, message.verification,
                                    call_before + context.settings.longest_call);
}

void end_upstream_call(store::Tx& tx, const Context& context, const QueuedMessage& message,
                       const std::optional<std::string>& provider_ref, Moment& moment) {
  const auto* const start = std::get_if<delivery::VerificationStart>(&message.content);
  const Road* const road = road_by(context.settings, message.account, message.provider);
  if (start == nullptr || road == nullptr || !start->call_before) return;
  const bool ours = store::end_upstream_call(tx, upstream_of(*road), message.account, message.verification,
                                             *start->call_before + context.settings.longest_call, provider_ref);
  if (!ours || !provider_ref) return;
  store::set_provider_ref(tx, message.account, message.transaction, message.verification, *provider_ref);
  const auto row = store::find_verification(tx, message.account, message.transaction, message.verification);
  if (row && domain::status_at(row->state, moment.now) != domain::VerificationStatus::kPending)
    end_upstream(tx, *row, moment);
}

}  // namespace countersign::usecase
