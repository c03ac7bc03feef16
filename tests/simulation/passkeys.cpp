#include "simulation/passkeys.h"

#include <fmt/format.h>

#include "base/encoding.h"
#include "simulation/furnish.h"
#include "store/repository/transactions.h"
#include "usecase/passkey/challenge.h"
#include "usecase/passkey/check.h"
#include "usecase/passkey/confirm.h"
#include "usecase/passkey/enrol.h"
#include "webauthn/response_json.h"

namespace countersign::simulation {

using domain::TransactionStatus;

namespace {

constexpr std::size_t kAnswersKept = 30;

std::optional<Code> why(const auto& answer) { return answer ? std::nullopt : std::optional(answer.error().code); }

json::object read(std::string_view options) {
  const auto parsed = parse_json(options);
  CS_CHECK(parsed.has_value());
  return parsed->as_object();
}

std::set<std::string> listed(const json::object& options) {
  std::set<std::string> ids;
  for (const json::value& member : options.at("allowCredentials").as_array())
    ids.insert(from_base64url(json_text_or_empty(member.as_object(), "id")).value_or(""));
  return ids;
}

}  // namespace

const FactorModel* Passkeys::any_of(std::size_t person) { return scene_.any_with(&FactorModel::device, person); }

void Passkeys::enrol() {
  auto& world = scene_.world;
  const auto [person, at_upstream, service] = scene_.somebody_enrols();
  world.ask(
      fmt::format("enrol a passkey of {}", identity_of(person)),
      [&world, person, service](store::Tx& tx, Moment& moment) {
        return usecase::enrol_passkey({tx, world.context(), world.caller("api:test"), moment},
                                      {identity_of(person), "Chave", "", service});
      },
      [this, person, at_upstream](const Answer<usecase::PasskeyEnrolment>& answer, WallTime at) {
        if (!answer) return scene_.world.tally.count("passkeys not made");
        scene_.world.tally.count("passkeys made");
        testing::SoftwareAuthenticator device(fmt::format("passkey {} of the run", ++made_));
        const bool synced = made_ % 3 == 0;
        device.backup_eligible = device.backed_up = synced;
        device.counts = !synced;
        device.user_verified = made_ % 4 != 0;  // Or it feels a touch alone.
        scene_.model.enrolled_key(person, answer->id, device, answer->confirm_by, at_upstream, at);
      },
      [this, person](const Answer<usecase::PasskeyEnrolment>* answer) {
        if (answer == nullptr || !*answer) return;
        auto& device = *scene_.model.factors.at((*answer)->id).device;
        const bool genuine = !scene_.world.chance.one_in(8);
        auto asked = read((*answer)->options);
        if (!genuine) device.challenge = to_base64url(std::string(32, 'x'));
        const auto response = device.create(asked);
        device.challenge.reset();
        confirm((*answer)->id, person, response, genuine, 2);
      });
}

void Passkeys::confirm(const FactorId& id, std::size_t person, const json::object& response, bool genuine,
                       int tries_left) {
  auto& world = scene_.world;
  world.ask(
      fmt::format("confirm the passkey {}", id.text()),
      [&world, id, person, response](store::Tx& tx, Moment& moment) {
        const auto caller = world.caller("api:test");
        const usecase::Work work{tx, world.context(), caller, moment};
        const auto seen = usecase::look_for_offer(work, identity_of(person), id);
        std::optional<usecase::JudgedRegistration> judged;
        if (seen)
          judged = usecase::judge_registration(*usecase::passkeys_of(work.context, world.account, seen->service), *seen,
                                               webauthn::read_registration_response(response), moment.now);
        return bound(usecase::confirm_passkey(work, identity_of(person), id, judged, {}));
      },
      [this, id, genuine](const Bound& bound, WallTime at) {
        scene_.world.tally.count(bound ? "passkeys confirmed" : "passkeys not confirmed");
        scene_.model.confirmed_key(id, genuine, bound, at);
      },
      [this, id, person, response, genuine, tries_left](const Bound* bound) {
        // A client that got no answer sends the same again.
        if (bound == nullptr && tries_left > 0) confirm(id, person, response, genuine, tries_left - 1);
      });
}

void Passkeys::ask(const TransactionId& held, const FactorId& factor, std::uint32_t behind) {
  auto& world = scene_.world;
  world.ask(
      fmt::format("a challenge for {}", held.text()),
      [&world, held](store::Tx& tx, Moment& moment) {
        return usecase::challenge_passkey({tx, world.context(), world.caller("person"), moment}, held);
      },
      [this, held](const Answer<usecase::PasskeyChallenge>& answer, WallTime at) {
        scene_.world.tally.count(answer ? "challenges made" : "challenges refused");
        if (!answer) return scene_.model.not_challenged(held, answer.error().code, at);
        const auto options = read(answer->options);
        scene_.model.challenged(held, json_text_or_empty(options, "challenge"), listed(options), answer->expires_at,
                                at);
      },
      [this, held, factor, behind](const Answer<usecase::PasskeyChallenge>* answer) {
        if (answer == nullptr || !*answer) return;
        if (scene_.world.chance.one_in(10)) return scene_.world.tally.count("challenges left unanswered");
        auto device = *scene_.model.factors.at(factor).device;
        const bool forged = scene_.world.chance.one_in(10);
        device.wrong_signature = forged;
        device.user_verified = device.user_verified && !scene_.world.chance.one_in(6);
        if (behind > 0 && device.counts) device.sign_count -= std::min(device.sign_count, behind);
        const auto options = read((*answer)->options);
        auto response = device.get(options);
        auto& mine = *scene_.model.factors.at(factor).device;
        mine.sign_count = std::max(mine.sign_count, device.sign_count);
        KeyAnswer said{json_text_or_empty(options, "challenge"), device.sign_count, device.user_verified, !forged};
        send({held, factor, std::move(said), std::move(response)});
      });
}

void Passkeys::send(Answered answered) {
  answers_.push_back(answered);
  if (answers_.size() > kAnswersKept) answers_.pop_front();
  auto& world = scene_.world;
  const auto response = webauthn::read_authentication_response(answered.response);
  const auto knows = [this, answered] {
    return scene_.model.knows_answer(answered.transaction, answered.factor, answered.answer);
  };
  auto seen = response ? usecase::remembered_passkey(world.context(), world.caller("person").account,
                                                     answered.transaction, response->id, world.now())
                       : std::nullopt;
  auto judged = usecase::judge_assertion(nullptr, std::move(seen), response);
  if (!judged.salt.empty()) {
    world.tally.count("passkeys' answers judged by what was remembered");
    return store_answer(answered, std::make_shared<usecase::JudgedAssertion>(std::move(judged)), knows());
  }
  struct Looked {
    std::optional<usecase::SeenPasskey> seen;
  };
  const auto known = std::make_shared<bool>(false);
  world.ask(
      fmt::format("look for the passkey of {}", answered.transaction.text()),
      [&world, answered, response](store::Tx& tx, Moment& moment) {
        const auto caller = world.caller("person");
        return Looked{usecase::look_for_passkey({tx, world.context(), caller, moment}, answered.transaction,
                                                response ? response->id : std::string())};
      },
      [known, knows](const Looked&, WallTime) { *known = knows(); },
      [this, known, answered, response](const Looked* looked) {
        if (looked == nullptr) return;
        store_answer(
            answered,
            std::make_shared<usecase::JudgedAssertion>(usecase::judge_assertion(nullptr, looked->seen, response)),
            *known);
      });
}

void Passkeys::store_answer(const Answered& answered, const std::shared_ptr<const usecase::JudgedAssertion>& judged,
                            bool known) {
  auto& world = scene_.world;
  const auto response = webauthn::read_authentication_response(answered.response);
  world.ask(
      fmt::format("check a passkey for {}", answered.transaction.text()),
      [&world, judged, response, answered](store::Tx& tx, Moment& moment) {
        return usecase::check_passkey({tx, world.context(), world.caller("person"), moment}, answered.transaction,
                                      *judged, response);
      },
      [this, known, answered](const Answer<usecase::Approved>& answer, WallTime at) {
        scene_.model.checked_key(answered.transaction, answered.factor, answered.answer, known, answer, at);
      },
      [this, answered](const Answer<usecase::Approved>* answer) {
        if (answer == nullptr && scene_.world.chance.percent(50)) send(answered);
      });
}

void Passkeys::prove() {
  const TransactionModel* held = nullptr;
  const FactorModel* factor = nullptr;
  for (int tries = 0; tries < 4 && factor == nullptr; ++tries) {
    held = scene_.any(TransactionStatus::kHeld);
    factor = held != nullptr ? any_of(held->person) : nullptr;
  }
  if (factor == nullptr) return;
  const std::size_t times = scene_.world.chance.percent(15) ? 2 + scene_.world.chance.below(5) : 1;
  for (std::size_t i = 0; i < times; ++i) ask(held->id, factor->id, 0);
}

void Passkeys::replay() {
  if (answers_.empty()) return;
  auto& world = scene_.world;
  std::vector<const Answered*> old;
  for (const auto& answered : answers_) old.push_back(&answered);
  Answered again = *world.chance.pick(old);
  const auto* held = scene_.any(TransactionStatus::kHeld);
  if (held != nullptr && world.chance.percent(60)) {
    const auto* other = scene_.any(TransactionStatus::kHeld);
    if (other != nullptr && other->person == scene_.model.factors.at(again.factor).person) held = other;
    again.transaction = held->id;
    world.tally.count("passkeys' answers used for another transaction");
  } else {
    world.tally.count("passkeys' answers sent again");
  }
  send(std::move(again));
}

void Passkeys::misuse() {
  auto& world = scene_.world;
  const auto* held = scene_.any(TransactionStatus::kHeld);
  for (int tries = 0; tries < 4 && held != nullptr && any_of(held->person) == nullptr; ++tries)
    held = scene_.any(TransactionStatus::kHeld);
  if (held == nullptr) return;
  if (const auto* own = any_of(held->person); own != nullptr && world.chance.percent(50)) {
    world.tally.count("passkeys copied");
    return ask(held->id, own->id, 1 + static_cast<std::uint32_t>(world.chance.below(3)));
  }
  const auto* factor = any_of(scene_.somebody());
  if (factor == nullptr || factor->person == held->person) return;
  world.tally.count("passkeys of somebody else used");
  ask(held->id, factor->id, 0);
}

void Passkeys::remove() {
  auto& world = scene_.world;
  const auto* factor = any_of(scene_.somebody());
  if (factor == nullptr) return;
  world.ask(
      fmt::format("remove the passkey {}", factor->id.text()),
      [&world, id = factor->id, person = factor->person](store::Tx& tx, Moment& moment) {
        return why(
            usecase::remove_factor({tx, world.context(), world.caller("api:test"), moment}, identity_of(person), id));
      },
      [this, id = factor->id](const std::optional<Code>& refusal, WallTime at) {
        if (!refusal) scene_.world.tally.count("passkeys removed");
        scene_.model.removed(id, refusal, at);
      },
      [](const std::optional<Code>*) {});
}

}  // namespace countersign::simulation
