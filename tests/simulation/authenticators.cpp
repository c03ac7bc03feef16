#include "simulation/authenticators.h"

#include <fmt/format.h>

#include "base/encoding.h"
#include "crypto/otp.h"
#include "simulation/furnish.h"
#include "store/repository/transactions.h"
#include "usecase/subject/enrol_on_page.h"
#include "usecase/subject/recovery.h"
#include "usecase/verification/check_totp.h"

namespace countersign::simulation {

using domain::TransactionStatus;

namespace {

std::string code_of(const FactorModel& factor, WallTime now, std::int64_t steps = 0) {
  return crypto::totp(factor.secret, crypto::totp_step(now, {}) + steps, {});
}

std::optional<Code> why(const auto& answer) { return answer ? std::nullopt : std::optional(answer.error().code); }

}  // namespace

const FactorModel* Authenticators::any_of(std::size_t person, domain::Method type) {
  std::vector<const FactorModel*> own;
  for (const auto& [id, factor] : scene_.model.factors) {
    if (factor.type != type) continue;
    if (factor.person == person && factor.confirmed_as_of != 0 && factor.removed_as_of == 0) own.push_back(&factor);
  }
  return own.empty() ? nullptr : scene_.world.chance.pick(own);
}

void Authenticators::enrol() {
  auto& world = scene_.world;
  const auto* held = scene_.any(TransactionStatus::kHeld);
  const std::size_t person = held != nullptr ? held->person : scene_.somebody();
  const bool here = held != nullptr && world.chance.percent(40);
  const auto id = held != nullptr ? held->id : TransactionId{};
  const bool at_upstream = here && held->at_upstream;
  world.ask(
      fmt::format("enrol {}{}", identity_of(person), here ? " on a page" : ""),
      [&world, person, here, id](store::Tx& tx, Moment& moment) -> Answer<usecase::Enrolment> {
        const auto caller = world.caller(here ? "person" : "api:test");
        if (here) {
          const auto row = store::find_transaction(tx, world.account, id);
          CS_CHECK(row.has_value());
          return usecase::enrol_here({tx, world.context(), caller, moment}, *row);
        }
        usecase::EnrolRequest request;
        request.identity = identity_of(person);
        request.name = "Telefone";
        return usecase::enrol_totp({tx, world.context(), caller, moment}, request);
      },
      [this, person, here, at_upstream](const Answer<usecase::Enrolment>& answer, WallTime at) {
        if (!answer) return scene_.world.tally.count(here ? "enrolments refused on a page" : "enrolments refused");
        scene_.world.tally.count(here ? "enrolments on a page" : "enrolments");
        scene_.model.enrolled(person, answer->id, *from_base32(answer->secret_base32.expose()), answer->confirm_by,
                              at_upstream, at);
      },
      [this, person](const Answer<usecase::Enrolment>* answer) {
        if (answer == nullptr || !*answer) return;
        const auto& factor = scene_.model.factors.at((*answer)->id);
        const bool right = !scene_.world.chance.one_in(8);
        confirm(factor.id, person, right ? code_of(factor, scene_.world.now()) : "000000", 2);
      });
}

void Authenticators::confirm(const FactorId& id, std::size_t person, const std::string& code, int tries_left) {
  auto& world = scene_.world;
  world.ask(
      fmt::format("confirm {}", id.text()),
      [&world, id, person, code](store::Tx& tx, Moment& moment) {
        return bound(usecase::confirm_factor({tx, world.context(), world.caller("person"), moment}, identity_of(person),
                                             id, SecretString(code)));
      },
      [this, id, code](const Bound& bound, WallTime at) {
        scene_.world.tally.count(bound ? "confirmations" : "confirmations refused");
        scene_.model.confirmed(id, code, bound, at);
      },
      [this, id, person, tries_left](const Bound* bound) {
        if ((bound != nullptr && *bound) || tries_left == 0) return;
        confirm(id, person, code_of(scene_.model.factors.at(id), scene_.world.now()), tries_left - 1);
      });
}

void Authenticators::prove() {
  auto& chance = scene_.world.chance;
  const auto* held = scene_.any(TransactionStatus::kHeld);
  const auto* factor = held != nullptr ? any_of(held->person) : nullptr;
  if (factor == nullptr) return;
  const std::int64_t off = static_cast<std::int64_t>(chance.below(3)) - 1;
  const bool by_id = chance.percent(70);
  const std::size_t times = chance.percent(20) ? 2 + chance.below(3) : 1;
  if (times > 1) scene_.world.tally.count("authenticator codes sent at once");
  scene_.check("an app's code",
               {held->id,
                SecretString(code_of(*factor, scene_.world.now(), off)),
                by_id ? factor->id.text() : std::string("totp"),
                {}},
               times);
}

void Authenticators::replay() {
  const auto* held = scene_.any(TransactionStatus::kHeld);
  const auto* factor = held != nullptr ? any_of(held->person) : nullptr;
  if (factor == nullptr || factor->spent_steps.empty()) return;
  scene_.world.tally.count("time steps replayed");
  const auto code = crypto::totp(factor->secret, *factor->spent_steps.rbegin(), {});
  scene_.check("a spent step", {held->id, SecretString(code), factor->id.text(), {}});
}

void Authenticators::misuse() {
  auto& world = scene_.world;
  const auto* held = scene_.any(TransactionStatus::kHeld);
  const auto* factor = any_of(scene_.somebody());
  if (held == nullptr || factor == nullptr || factor->person == held->person) return;
  world.tally.count("authenticators of somebody else used");
  scene_.check("another's app", {held->id,
                                 SecretString(code_of(*factor, world.now())),
                                 world.chance.percent(50) ? factor->id.text() : std::string("totp"),
                                 {}});
}

void Authenticators::remove() {
  auto& world = scene_.world;
  const auto* factor =
      any_of(scene_.somebody(), world.chance.one_in(4) ? domain::Method::kRecoveryCode : domain::Method::kTotp);
  if (factor == nullptr) return;
  world.ask(
      fmt::format("remove {}", factor->id.text()),
      [&world, id = factor->id, person = factor->person](store::Tx& tx, Moment& moment) {
        return why(
            usecase::remove_factor({tx, world.context(), world.caller("api:test"), moment}, identity_of(person), id));
      },
      [this, id = factor->id](const std::optional<Code>& refusal, WallTime at) {
        if (!refusal) scene_.world.tally.count("factors removed");
        scene_.model.removed(id, refusal, at);
      },
      [](const std::optional<Code>*) {});
}

void Authenticators::make_codes() {
  auto& world = scene_.world;
  const auto* held = scene_.any(TransactionStatus::kHeld);
  const std::size_t person = held != nullptr ? held->person : scene_.somebody();
  if (!asked_for_codes_.insert(person).second) return;
  world.ask(
      fmt::format("recovery codes for {}", identity_of(person)),
      [&world, person](store::Tx& tx, Moment& moment) {
        return usecase::make_recovery_codes({tx, world.context(), world.caller("api:test"), moment},
                                            {identity_of(person), ""});
      },
      [this, person](const Answer<usecase::NewCodes>& answer, WallTime at) {
        if (!answer) return scene_.world.tally.count("recovery codes not made");
        std::vector<std::string> codes;
        for (const auto& code : answer->codes) codes.push_back(code.expose());
        scene_.world.tally.count("recovery codes made");
        scene_.model.made_codes(person, answer->id, codes, answer->confirm_by, at);
      },
      [this, person](const Answer<usecase::NewCodes>* answer) {
        if (answer != nullptr && *answer) keep((*answer)->id, person, 2);
      });
}

void Authenticators::keep(const FactorId& id, std::size_t person, int tries_left) {
  auto& world = scene_.world;
  world.ask(
      fmt::format("keep {}", id.text()),
      [&world, id, person](store::Tx& tx, Moment& moment) {
        return bound(usecase::confirm_factor({tx, world.context(), world.caller("person"), moment}, identity_of(person),
                                             id, std::nullopt));
      },
      [this, id](const Bound& bound, WallTime at) {
        scene_.world.tally.count(bound ? "recovery codes kept" : "recovery codes not kept");
        scene_.model.kept_codes(id, bound, at);
      },
      [this, id, person, tries_left](const Bound* bound) {
        if ((bound == nullptr || !*bound) && tries_left > 0) keep(id, person, tries_left - 1);
      });
}

void Authenticators::use_code() {
  auto& chance = scene_.world.chance;
  const auto* held = scene_.any(TransactionStatus::kHeld);
  const auto* list = held != nullptr ? any_of(held->person, domain::Method::kRecoveryCode) : nullptr;
  if (list == nullptr) return;
  std::vector<std::string> left;
  for (const auto& code : list->codes) {
    if (!list->used.contains(code)) left.push_back(code);
  }
  const bool anew = !left.empty() && chance.percent(80);
  const std::size_t times = chance.percent(30) ? 2 + chance.below(3) : 1;
  if (times > 1) scene_.world.tally.count("recovery codes sent at once");
  scene_.check("a recovery code",
               {held->id,
                SecretString(chance.pick(anew ? left : list->codes)),
                chance.percent(50) ? list->id.text() : std::string("recovery_code"),
                {}},
               times);
}

void Authenticators::misuse_code() {
  auto& world = scene_.world;
  const auto* held = scene_.any(TransactionStatus::kHeld);
  const auto* list = any_of(scene_.somebody(), domain::Method::kRecoveryCode);
  if (held == nullptr || list == nullptr || list->person == held->person) return;
  world.tally.count("recovery codes of somebody else used");
  scene_.check("another's recovery code", {held->id,
                                           SecretString(world.chance.pick(list->codes)),
                                           world.chance.percent(50) ? list->id.text() : std::string("recovery_code"),
                                           {}});
}

}  // namespace countersign::simulation
