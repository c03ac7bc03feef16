#include "usecase/passkey/challenge.h"

#include <algorithm>
#include <functional>
#include <memory>
#include <utility>

#include "store/repository/ceremonies.h"
#include "usecase/audit_log.h"
#include "usecase/passkey/asked_lately.h"
#include "usecase/passkey/enrol.h"
#include "usecase/passkey/usable.h"
#include "usecase/subject/standing.h"
#include "usecase/transaction/held.h"
#include "webauthn/challenge.h"
#include "webauthn/options.h"

namespace countersign::usecase {

namespace {

/// Tabs and devices of one network in which a person may have a dialog open.
constexpr std::ptrdiff_t kOpenOfNetwork = 4;
/// Of all networks.
constexpr std::ptrdiff_t kOpenMax = 16;

/// What a person needs to answer one that is given again. One with less is none of those above: they last four minutes,
/// so no more than twice as many are kept.
constexpr auto kLongEnough = std::chrono::minutes(1);

/// Keyed, because whose network it is must not be readable by others who may read the row. Empty if it is not said.
std::string network_of(const Work& work) {
  if (!work.caller.end_user) return {};
  return work.context.vault.digester().blind_index("ip", work.caller.end_user->limit_key());
}

/// Those to ask: they count for the transaction, and are what its policy asks for.
Answer<std::vector<KnownPasskey>> passkeys_to_ask(const Work& work, const store::TransactionRow& held,
                                                  const domain::standing::History& history,
                                                  const PasskeySettings& settings) {
  std::vector<KnownPasskey> allowed;
  std::optional<domain::standing::Counts> best;
  for (auto& passkey : passkeys_for(work.tx, work.context, held, history, settings, work.moment.now)) {
    if (passkey.counts.any())
      allowed.push_back(
          {passkey.factor.state.id, std::move(passkey.factor.material_sealed), std::move(passkey.record)});
    else
      best = best ? domain::standing::better(*best, passkey.counts) : passkey.counts;
  }
  if (!allowed.empty()) return allowed;
  if (best) return fail(does_not_count(*best));
  return refuse(Code::kFactorUnusable, "the subject has no passkey at this service that the policy accepts");
}

/// A new challenge for this asker alone; or where there is no room for another, the one that all share for whom there
/// was none. Asking ends none, and none that was given to one asker is given to another.
store::OpenChallenge give(const Work& work, store::TransactionRow& held, store::Ceremonies& ceremonies,
                          std::size_t credentials) {
  auto& open = ceremonies.open;
  std::string from = network_of(work);
  const auto lasting = [&](const auto& whose) {
    return [&work, &whose](const store::OpenChallenge& one) {
      return one.until - work.moment.now >= kLongEnough && whose(one);
    };
  };
  const auto own = [&](const store::OpenChallenge& one) { return one.from == from; };
  const auto shared = [](const store::OpenChallenge& one) { return one.from == store::kSharedByAll; };
  const bool room = ceremonies.given < kChallengesOfATransaction &&
                    std::ranges::count_if(open, lasting(own)) < kOpenOfNetwork &&
                    std::ranges::count_if(open, lasting(std::not_fn(shared))) < kOpenMax;
  if (!room) {
    const auto found = std::ranges::find_if(open, lasting(shared));
    if (found != open.end()) return *found;
    from = store::kSharedByAll;
  }
  ++ceremonies.given;
  const WallTime until = std::min(work.moment.now + kCeremonyTime, held.state.expires_at);
  open.push_back({webauthn::fresh_challenge(work.moment.random), until, std::move(from)});
  store::put_ceremonies(work.context.vault, held, ceremonies, work.moment.random);
  store::save_ceremonies(work.tx, held);
  record(work, "passkey.challenged", held.state, Facts().number("credentials", static_cast<std::int64_t>(credentials)));
  return open.back();
}

/// Once it is durable.
void remember(const Work& work, std::shared_ptr<const AskedPasskeys> asked, WallTime until) {
  auto* const lately = work.context.passkeys_asked;
  if (lately == nullptr) return;
  work.tx.when_durable(
      [lately, asked = std::move(asked), until, now = work.moment.now] { lately->put(asked, until, now); });
}

}  // namespace

Problem enough_passkeys() {
  return {Code::kTooManyProofs, "four passkeys have proved this transaction already; prove it by another kind"};
}

Answer<ToProveByPasskey> open_to_passkey(const Work& work, const TransactionId& id,
                                         const std::optional<FactorId>& factor) {
  auto found = open_to_answer(work, id, factor);
  if (!found) return fail(found.error());
  const auto& held = found->row.state;
  if (!held.policy.takes(domain::Method::kWebauthn))
    return refuse(Code::kMethodNotAllowed, "the policy of this transaction does not accept a passkey");
  const auto* settings = passkeys_of(work.context, work.caller.account, held.service);
  if (settings == nullptr) return refuse(Code::kChannelUnavailable, "passkeys are not configured for this service");
  return ToProveByPasskey{*std::move(found), settings};
}

Answer<PasskeyChallenge> challenge_passkey(const Work& work, const TransactionId& id) {
  const store::Beside beside(work.tx);
  auto found = open_to_passkey(work, id, std::nullopt);
  if (!found) return fail(found.error());
  auto& held = found->row;
  const auto* settings = found->settings;
  auto ceremonies = store::open_ceremonies(work.context.vault, held);
  if (ceremonies.proofs.size() >= kSignedProofsMax) return fail(enough_passkeys());
  const auto history = take_history(work.tx, work.context, held);
  auto allowed = passkeys_to_ask(work, held, history, *settings);
  if (!allowed) return fail(allowed.error());

  std::erase_if(ceremonies.open, [&](const auto& open) { return open.until <= work.moment.now; });
  const store::OpenChallenge given = give(work, held, ceremonies, allowed->size());
  std::vector<webauthn::KnownCredential> credentials;
  for (const auto& known : *allowed) credentials.push_back({known.record.credential_id, known.record.transports});
  const bool one_has_verified =
      std::ranges::any_of(*allowed, [](const KnownPasskey& known) { return known.record.user_verified; });
  const webauthn::RequestOptions options{
      settings->party,
      webauthn::bound_challenge(given.salt, held.binding_hash),
      std::move(credentials),
      held.state.policy.user_verification ? webauthn::UserVerification::kRequired
                                          : verification_to_ask(*settings, one_has_verified),
      {},
      {},
      std::chrono::duration_cast<std::chrono::milliseconds>(given.until - work.moment.now)};
  remember(
      work,
      std::make_shared<const AskedPasskeys>(held.state.account, held.state.id, held.state.service, held.state.subject,
                                            held.state.policy.user_verification, held.binding_hash,
                                            held.ceremonies_sealed, std::move(ceremonies), *std::move(allowed)),
      given.until);
  return PasskeyChallenge{canonical_json(webauthn::request_options(options)), given.until};
}

}  // namespace countersign::usecase
