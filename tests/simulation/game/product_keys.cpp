#include "base/encoding.h"
#include "simulation/game/product_in.h"
#include "usecase/passkey/check.h"
#include "usecase/passkey/confirm.h"
#include "usecase/subject/standing.h"
#include "usecase/transaction/held.h"
#include "webauthn/client_data.h"
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

// As the page of an operation calls them.
usecase::Answer<usecase::PasskeyEnrolment> Product::enrol_key_here(const TransactionId& id, std::string_view link,
                                                                   bool proved_here) {
  return in([&](store::Tx& tx, Moment& moment) -> usecase::Answer<usecase::PasskeyEnrolment> {
    const auto row = open_to_enrol(tx, moment, id, link, proved_here);
    if (!row) return fail(row.error());
    return usecase::enrol_passkey_here({tx, context_, caller("person"), moment}, *row);
  });
}

Answered Product::confirm_key_here(const TransactionId& id, std::string_view link, bool proved_here,
                                   const FactorId& factor, const json::object& response) {
  const auto read = webauthn::read_registration_response(response);
  const auto said = read ? webauthn::parse_client_data(read->client_data) : webauthn::parse_client_data("");
  const std::string challenge = said ? from_base64url(said->challenge).value_or("") : "";
  return answered(in([&](store::Tx& tx, Moment& moment) -> usecase::Answer<usecase::FactorView> {
    const auto row = open_to_enrol(tx, moment, id, link, proved_here);
    if (!row) return fail(row.error());
    const auto offer = usecase::look_for_offer_here(tx, context_, *row, challenge);
    if (!offer || offer->factor != factor) return usecase::refuse(usecase::Code::kWrongResponse);
    const auto* settings = usecase::passkeys_of(context_, account_, offer->seen.service);
    const auto judged = usecase::judge_registration(*settings, offer->seen, read, moment.now);
    const auto who = caller("person");
    return usecase::confirm_passkey_here({tx, context_, who, moment}, *row, factor, "", judged);
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
