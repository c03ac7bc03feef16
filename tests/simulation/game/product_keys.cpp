#include "simulation/game/product_in.h"
#include "store/repository/transactions.h"
#include "usecase/passkey/check.h"
#include "usecase/passkey/confirm.h"
#include "usecase/subject/standing.h"
#include "usecase/transaction/held.h"
#include "webauthn/response_json.h"

// Passkeys and security keys, as the handlers of the native API call them: read, judge, store.
namespace countersign::simulation::game {

namespace {

/// Judges an answer by what waits for one.
std::optional<usecase::JudgedRegistration> judged_offer(const usecase::Work& work, std::string_view identity,
                                                        const FactorId& id, const json::object& response) {
  const auto seen = usecase::look_for_offer(work, identity, id);
  if (!seen) return std::nullopt;
  const auto* settings = usecase::passkeys_of(work.context, work.caller.account, seen->service);
  return usecase::judge_registration(*settings, *seen, webauthn::read_registration_response(response), work.moment.now);
}

}  // namespace

usecase::Answer<usecase::PasskeyEnrolment> Product::enrol_key(const usecase::SubjectAt& subject) {
  return in([&](store::Tx& tx, Moment& moment) {
    return usecase::enrol_passkey({tx, context_, caller("api:game"), moment},
                                  {subject.identity, "key", "", service_id(subject.service)});
  });
}

Answered Product::confirm_key(std::string_view identity, const FactorId& id, const json::object& response, bool vouch) {
  usecase::ConfirmTerms terms;
  if (vouch) terms.as = usecase::BindFactor::kVouched;
  return answered(in([&](store::Tx& tx, Moment& moment) {
    const auto who = caller("api:game", vouch);
    const usecase::Work work{tx, context_, who, moment};
    return usecase::confirm_passkey(work, identity, id, judged_offer(work, identity, id, response), terms);
  }));
}

// A page that adds passkeys, of the parts that every page has: it asks as for an app, and binds by what the operation
// has proved.
usecase::Answer<usecase::PasskeyEnrolment> Product::enrol_key_here(const TransactionId& id, std::string_view link,
                                                                   bool proved_here) {
  return in([&](store::Tx& tx, Moment& moment) -> usecase::Answer<usecase::PasskeyEnrolment> {
    const auto row = usecase::open_link(tx, context_, id, link);
    if (!row) return usecase::refuse(usecase::Code::kNotFound);
    const auto view = usecase::view_for_person(tx, context_, *row, moment.now);
    if (!view.may_enrol || (view.enrol_needs_proof && !proved_here))
      return usecase::refuse(usecase::Code::kMethodNotAllowed);
    return usecase::enrol_passkey({tx, context_, caller("person"), moment},
                                  {view.identity, "key", "", row->state.service});
  });
}

Answered Product::confirm_key_here(const TransactionId& id, std::string_view link, bool proved_here,
                                   const FactorId& factor, const json::object& response) {
  return answered(in([&](store::Tx& tx, Moment& moment) -> usecase::Answer<usecase::FactorView> {
    auto row = usecase::open_link(tx, context_, id, link);
    if (!row) return usecase::refuse(usecase::Code::kNotFound);
    const auto view = usecase::view_for_person(tx, context_, *row, moment.now);
    if (view.enrol_needs_proof && !proved_here) return usecase::refuse(usecase::Code::kMethodNotAllowed);
    auto& held = row->state;
    const auto who = caller("person");
    const usecase::Work work{tx, context_, who, moment};
    const auto history = usecase::load_history(tx, context_, account_, held.subject, held.service);
    const auto how = usecase::may_enrol_here(tx, context_, *row, history, moment.now);
    if (how == usecase::EnrolHere::kNo) return usecase::refuse(usecase::Code::kMethodNotAllowed);
    usecase::ConfirmTerms terms{usecase::BindFactor::kByLink};
    if (how == usecase::EnrolHere::kInOperation) terms = {usecase::BindFactor::kAdded, held.proofs};
    const auto judged = judged_offer(work, view.identity, factor, response);
    auto confirmed = usecase::confirm_passkey(work, view.identity, factor, judged, terms);
    if (!confirmed || how != usecase::EnrolHere::kInOperation) return confirmed;
    auto ended = domain::completed_without_release(held, moment.now);
    if (!ended) return fail(usecase::problem_of(ended.error()));
    held = *std::move(ended);
    store::save_transaction(tx, *row);
    return confirmed;
  }));
}

usecase::Answer<usecase::PasskeyChallenge> Product::challenge_key(const TransactionId& id, std::string_view network,
                                                                  std::string_view actor) {
  return in([&](store::Tx& tx, Moment& moment) {
    auto who = caller(actor);
    who.end_user = IpAddress::parse(network);
    return usecase::challenge_passkey({tx, context_, who, moment}, id);
  });
}

Answered Product::check_key(const TransactionId& id, const json::object& answer, std::string_view network,
                            std::string_view actor) {
  const auto response = webauthn::read_authentication_response(answer);
  const auto judged = in([&](store::Tx& tx, Moment& moment) -> usecase::Answer<usecase::Approved> {
    auto who = caller(actor);
    who.end_user = IpAddress::parse(network);
    const usecase::Work work{tx, context_, who, moment};
    std::optional<usecase::SeenPasskey> seen;
    if (response) seen = usecase::look_for_passkey(work, id, response->id);
    return usecase::check_passkey(work, id, usecase::judge_assertion(nullptr, seen, response), response);
  });
  if (!judged) return refused(judged.error());
  return {true, {}, {}, judged->status};
}

}  // namespace countersign::simulation::game
