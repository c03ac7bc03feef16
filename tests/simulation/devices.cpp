#include "simulation/devices.h"

#include <fmt/format.h>

#include "crypto/p256.h"
#include "simulation/furnish.h"
#include "store/repository/ceremonies.h"
#include "usecase/push/enrol.h"
#include "usecase/push/prompt.h"
#include "usecase/push/signed_text.h"
#include "usecase/subject/enrol.h"
#include "usecase/transaction/held.h"

namespace countersign::simulation {

using domain::TransactionStatus;

namespace {

constexpr std::size_t kAnswersKept = 30;
/// The person's own is the first.
constexpr std::size_t kNetworks = 9;

std::string network_of(std::size_t number) { return fmt::format("198.51.100.{}", 10 + number); }

usecase::Caller from(World& world, std::size_t network) {
  auto caller = world.caller("api:test");
  caller.end_user = IpAddress::parse(network_of(network));
  return caller;
}

/// Of anything that was signed otherwise.
std::string spoiled(std::string signature) {
  signature.back() = static_cast<char>(signature.back() ^ 1);
  return signature;
}

}  // namespace

const FactorModel* Devices::any_of(std::size_t person) { return scene_.any_with(&FactorModel::browser, person); }

void Devices::enrol() {
  auto& world = scene_.world;
  const auto [person, at_upstream, service] = scene_.somebody_enrols();
  world.ask(
      fmt::format("enrol a device of {}", identity_of(person)),
      [&world, person, service](store::Tx& tx, Moment& moment) {
        return usecase::enrol_push({tx, world.context(), world.caller("api:test"), moment},
                                   {identity_of(person), "Celular", service});
      },
      [this, person, at_upstream](const Answer<usecase::PushEnrolment>& answer, WallTime at) {
        if (!answer) return;
        testing::SeededRandom random(9'000'000 + ++made_);
        scene_.model.enrolled_device(person, answer->id,
                                     crypto::SigningKey::generate(crypto::JwsAlgorithm::kEs256, random),
                                     answer->confirm_by, at_upstream, at);
      },
      [this, &world, person](const Answer<usecase::PushEnrolment>* enrolled) {
        if (enrolled == nullptr || !*enrolled) return;
        const FactorId id = (*enrolled)->id;
        const auto& key = *scene_.model.factors.at(id).browser;
        const std::string point = crypto::p256_point_of(key.public_key());
        usecase::PushAnswer said{point, (*enrolled)->challenge, "https://push.example.net/" + id.text(),
                                 point, std::string(16, 'a'),   ""};
        said.signature = key.sign(usecase::enrolment_text(said.challenge, {said.endpoint, said.point, said.auth, ""}));
        const bool genuine = !world.chance.one_in(8);
        if (!genuine) said.signature = spoiled(std::move(said.signature));
        const auto judged = usecase::judge_enrolled_device(*world.settings.push, said);
        world.ask(
            fmt::format("confirm the device {}", id.text()),
            [&world, id, person, said, judged](store::Tx& tx, Moment& moment) {
              return bound(usecase::confirm_push({tx, world.context(), world.caller("api:test"), moment},
                                                 identity_of(person), id, said, judged, {}));
            },
            [this, id, genuine](const Bound& bound, WallTime at) {
              scene_.world.tally.count(bound ? "devices confirmed" : "devices not confirmed");
              scene_.model.confirmed_key(id, genuine, bound, at);
            },
            [](const Bound*) {});
      });
}

void Devices::ask(const TransactionId& held, std::size_t network, const std::optional<FactorId>& asking, Then then) {
  auto& world = scene_.world;
  world.ask(
      fmt::format("a prompt for {}", held.text()),
      [&world, held, network, asking](store::Tx& tx, Moment& moment) {
        const auto caller = from(world, network);
        const usecase::Work work{tx, world.context(), caller, moment};
        const auto prompt = usecase::prompt_push(work, held, asking);
        if (!prompt) return Answer<PromptMade>(fail(prompt.error()));
        // What went out, and what the page of a device reads.
        PromptMade made{prompt->id,
                        prompt->number.expose(),
                        usecase::show_prompt(work, held, prompt->id)->challenge,
                        {},
                        prompt->expires_at};
        const auto row = usecase::find_held(tx, caller, held);
        const auto open = store::open_ceremonies(work.context.vault, *row).prompts.back();
        for (const auto& device : open.devices) made.devices.insert(FactorId{device});
        return Answer<PromptMade>(std::move(made));
      },
      [this, held, network, asking](const Answer<PromptMade>& answer, WallTime at) {
        scene_.world.tally.count(answer ? "prompts" : "prompts refused");
        scene_.model.prompted(held, network_of(network), asking, answer, at);
      },
      [this, held, network, asking, then](const Answer<PromptMade>* answer) {
        if (answer != nullptr && *answer) react(held, **answer, asking, then, network);
      });
}

void Devices::react(const TransactionId& held, const PromptMade& made, const std::optional<FactorId>& asking, Then then,
                    std::size_t network) {
  auto& chance = scene_.world.chance;
  if (asking && chance.percent(50)) {
    // Who sits at the asking page has the number, and that browser's key.
    scene_.world.tally.count("prompts answered in the asking browser");
    return answer(held, *asking, made, made.number, true);
  }
  const std::vector<FactorId> asked(made.devices.begin(), made.devices.end());
  const FactorId device = asked[chance.below(asked.size())];
  if (then == Then::kSees) {
    // Somebody else asks: she looks away, refuses, or gives in and types what she does not see.
    if (chance.percent(50)) return scene_.world.tally.count("prompts of a stranger left unanswered");
    if (chance.percent(70)) {
      scene_.world.tally.count("prompts of a stranger refused");
      return answer(held, device, made, std::nullopt, true);
    }
    return answer(held, device, made, fmt::format("{:06}", chance.below(1'000'000)), true);
  }
  if (chance.one_in(8)) return scene_.world.tally.count("prompts left unanswered");
  if (chance.one_in(6)) answer(held, device, made, made.number == "123456" ? "123457" : "123456", true);
  if (chance.one_in(10)) answer(held, device, made, made.number, false);
  if (chance.one_in(12)) {  // A device that was not asked.
    if (const auto* other = any_of(scene_.somebody()); other != nullptr)
      answer(held, other->id, made, made.number, true);
  }
  if (network == 0 && chance.one_in(30)) return answer(held, device, made, std::nullopt, true);
  answer(held, device, made, made.number, true);
  if (chance.one_in(10)) answer(held, device, made, made.number, true);
}

void Devices::answer(const TransactionId& held, const FactorId& factor, const PromptMade& prompt,
                     const std::optional<std::string>& number, bool genuine) {
  const auto& key = *scene_.model.factors.at(factor).browser;
  usecase::DeviceAnswer answer{prompt.id, prompt.challenge, crypto::p256_point_of(key.public_key()), "", std::nullopt};
  answer.signature =
      key.sign(number ? usecase::approval_text(prompt.challenge, *number) : usecase::denial_text(prompt.challenge));
  if (!genuine) answer.signature = spoiled(std::move(answer.signature));
  if (number) answer.number = SecretString(std::string(*number));
  send({held, factor, {prompt.id, prompt.challenge, number, genuine}, std::move(answer)});
}

void Devices::send(Answered answered) {
  answers_.push_back(answered);
  if (answers_.size() > kAnswersKept) answers_.pop_front();
  auto& world = scene_.world;
  const bool genuine = usecase::is_genuine(answered.answer);
  world.ask(
      fmt::format("a device answers for {}", answered.transaction.text()),
      [&world, answered, genuine](store::Tx& tx, Moment& moment) {
        const auto caller = world.caller("person");
        const usecase::Work work{tx, world.context(), caller, moment};
        return answered.answer.number ? usecase::approve_on_device(work, answered.transaction, answered.answer, genuine)
                                      : usecase::deny_on_device(work, answered.transaction, answered.answer, genuine);
      },
      [this, answered](const Answer<usecase::Approved>& answer, WallTime at) {
        scene_.model.checked_device(answered.transaction, answered.factor, answered.said, answer, at);
      },
      [this, answered](const Answer<usecase::Approved>* answer) {
        if (answer == nullptr && scene_.world.chance.percent(50)) send(answered);
      });
}

void Devices::prove() {
  const TransactionModel* held = nullptr;
  const FactorModel* factor = nullptr;
  for (int tries = 0; tries < 4 && factor == nullptr; ++tries) {
    held = scene_.any(TransactionStatus::kHeld);
    factor = held != nullptr ? any_of(held->person) : nullptr;
  }
  if (factor == nullptr) return;
  const bool sits = scene_.world.chance.percent(20);
  ask(held->id, 0, sits ? std::optional(factor->id) : std::nullopt, Then::kTypes);
}

void Devices::spam() {
  const TransactionModel* held = nullptr;
  const FactorModel* factor = nullptr;
  for (int tries = 0; tries < 4 && factor == nullptr; ++tries) {
    held = scene_.any(TransactionStatus::kHeld);
    factor = held != nullptr ? any_of(held->person) : nullptr;
  }
  if (factor == nullptr) return;
  auto& chance = scene_.world.chance;
  const bool many = chance.percent(30);
  const std::size_t network = 1 + chance.below(kNetworks - 1);
  const std::size_t times = 1 + chance.below(4);
  for (std::size_t i = 0; i < times; ++i)
    ask(held->id, many ? 1 + chance.below(kNetworks - 1) : network, std::nullopt, Then::kSees);
}

void Devices::replay() {
  if (answers_.empty()) return;
  auto& world = scene_.world;
  Answered again = answers_[world.chance.below(answers_.size())];
  const auto* held = scene_.any(TransactionStatus::kHeld);
  if (held != nullptr && world.chance.percent(60)) {
    // With the prompt's name that is open there, if there is one: the challenge is another's.
    again.transaction = held->id;
    if (!held->prompts.empty() && world.chance.percent(50)) {
      again.said.prompt = held->prompts.back().id;
      again.answer.prompt = again.said.prompt;
    }
    world.tally.count("devices' answers used for another transaction");
  } else {
    world.tally.count("devices' answers sent again");
  }
  send(std::move(again));
}

void Devices::remove() {
  auto& world = scene_.world;
  const auto* factor = any_of(scene_.somebody());
  if (factor == nullptr) return;
  world.ask(
      fmt::format("remove the device {}", factor->id.text()),
      [&world, id = factor->id, person = factor->person](store::Tx& tx, Moment& moment) {
        const auto removed =
            usecase::remove_factor({tx, world.context(), world.caller("api:test"), moment}, identity_of(person), id);
        return removed ? std::nullopt : std::optional(removed.error().code);
      },
      [this, id = factor->id](const std::optional<Code>& refusal, WallTime at) {
        if (!refusal) scene_.world.tally.count("devices removed");
        scene_.model.removed(id, refusal, at);
      },
      [](const std::optional<Code>*) {});
}

}  // namespace countersign::simulation
