#include "simulation/game/product_in.h"
#include "usecase/push/enrol.h"
#include "usecase/transaction/held.h"
#include "usecase/verify_api/device_challenge.h"
#include "usecase/verify_api/device_transaction.h"

// Browsers that are asked by Web Push, as the handlers of the native API call them, and phones with Twilio's mobile
// SDKs, as those of the Verify API do.
namespace countersign::simulation::game {

namespace {

namespace v = usecase::verify_api;

/// What the app reads of a challenge.
json::object shown_to_phone(const AccountId& account, const ServiceId& service, const v::Entity& who,
                            const v::Challenge& challenge) {
  json::object out{{"account_sid", account.text()},
                   {"service_sid", service.text()},
                   {"entity_sid", who.id.text()},
                   {"identity", who.identity},
                   {"sid", id_text("YC", challenge.id)},
                   {"date_created", to_rfc3339(challenge.created_at)},
                   {"expiration_date", to_rfc3339(challenge.state.expires_at)}};
  for (const std::string_view name : {"factor_sid", "details", "hidden_details"})
    if (const auto* member = challenge.content.if_contains(name)) out[name] = *member;
  return out;
}

}  // namespace

usecase::Answer<usecase::PushEnrolment> Product::enrol_device(const usecase::SubjectAt& subject) {
  return in([&](store::Tx& tx, Moment& moment) {
    return usecase::enrol_push({tx, context_, caller("api:game"), moment},
                               {subject.identity, "device", service_id(subject.service)});
  });
}

Answered Product::confirm_device(std::string_view identity, const FactorId& id, const usecase::PushAnswer& answer,
                                 bool vouch) {
  const auto judged = usecase::judge_enrolled_device(*settings_.push, answer);
  usecase::ConfirmTerms terms;
  if (vouch) terms.as = usecase::BindFactor::kVouched;
  return answered(in([&](store::Tx& tx, Moment& moment) {
    return usecase::confirm_push({tx, context_, caller("api:game", vouch), moment}, identity, id, answer, judged,
                                 terms);
  }));
}

usecase::Answer<Product::Prompted> Product::prompt(const TransactionId& id, const std::optional<FactorId>& asking,
                                                   std::string_view network, std::string_view actor) {
  return in([&](store::Tx& tx, Moment& moment) -> usecase::Answer<Prompted> {
    auto who = caller(actor);
    who.end_user = IpAddress::parse(network);
    const usecase::Work work{tx, context_, who, moment};
    const auto prompt = usecase::prompt_push(work, id, asking);
    if (!prompt) return fail(prompt.error());
    return Prompted{prompt->id, prompt->number.expose(), usecase::show_prompt(work, id, prompt->id)->challenge};
  });
}

Answered Product::check_device(const TransactionId& id, const usecase::DeviceAnswer& answer, std::string_view network,
                               std::string_view actor) {
  const bool genuine = usecase::is_genuine(answer);
  const auto judged = in([&](store::Tx& tx, Moment& moment) {
    auto who = caller(actor);
    who.end_user = IpAddress::parse(network);
    const usecase::Work work{tx, context_, who, moment};
    return answer.number ? usecase::approve_on_device(work, id, answer, genuine)
                         : usecase::deny_on_device(work, id, answer, genuine);
  });
  if (!judged) return refused(judged.error());
  return {true, {}, {}, judged->status};
}

std::optional<FactorId> Product::create_phone(std::string_view service, std::string_view identity,
                                              const std::string& point) {
  const v::DeviceRegistration given{"Pixel", point, {{"notification_platform", "none"}}, {}};
  const auto made = in([&](store::Tx& tx, Moment& moment) {
    return v::create_device({tx, context_, caller("api:game"), moment}, service_id(service), std::string(identity),
                            given);
  });
  return made ? std::optional(made->factor.row.state.id) : std::nullopt;
}

Answered Product::verify_phone(std::string_view service, std::string_view identity, const FactorId& id,
                               std::string_view point, std::string_view signature) {
  const ServiceId where = service_id(service);
  const auto answer = v::judge_first_signature(point, id, signature);
  v::FactorChange wanted;
  wanted.answer = &answer;
  return answered(in([&](store::Tx& tx, Moment& moment) -> v::Verdict<v::Factor> {
    const auto who = caller("api:game");
    const usecase::Work work{tx, context_, who, moment};
    const auto entity = v::find_entity(work, where, identity);
    if (!entity) return fail(entity.error());
    return v::update_factor(work, where, *entity, id, wanted);
  }));
}

usecase::Answer<Id> Product::ask_phone(const TransactionId& id, const FactorId& factor, std::string_view network) {
  return in([&](store::Tx& tx, Moment& moment) -> usecase::Answer<Id> {
    auto who = caller("api:game");
    who.end_user = IpAddress::parse(network);
    const auto asked = v::ask_device({tx, context_, who, moment}, id, factor);
    if (!asked) return fail(asked.error());
    return asked->challenge;
  });
}

Answered Product::answer_phone(std::string_view service, std::string_view identity, const TransactionId& id,
                               const Id& challenge, const testing::DeviceKey& key, bool yes) {
  const ServiceId where = service_id(service);
  return in([&](store::Tx& tx, Moment& moment) -> Answered {
    const auto who = caller("api:game");
    const usecase::Work work{tx, context_, who, moment};
    const auto entity = v::find_entity(work, where, identity);
    if (!entity) return refused(entity.error());
    const auto found = v::find_challenge(work, where, *entity, challenge);
    if (!found) return refused(found.error());
    const json::object shown = shown_to_phone(account_, where, *entity, *found);
    json::object claims = shown;
    claims["status"] = yes ? "approved" : "denied";
    const auto said = v::judge_device_answer(key.point(), key.answer(claims));
    const auto done = v::answer_device_challenge(work, where, *entity, challenge, said, shown);
    if (!done) {
      if (!done.error().keep) tx.abandon();
      return refused(done.error());
    }
    const auto held = usecase::find_held(tx, who, id);
    return {true, {}, {}, held ? std::optional(held->state.status) : std::nullopt};
  });
}

}  // namespace countersign::simulation::game
