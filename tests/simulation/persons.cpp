#include "simulation/persons.h"

#include <fmt/format.h>

#include "simulation/furnish.h"
#include "store/repository/verifications.h"
#include "usecase/verification/start.h"

namespace countersign::simulation {

using contact::Channel;
using domain::TransactionStatus;

void Scene::check(const std::string& label, const usecase::CheckRequest& request, std::size_t times) {
  for (std::size_t i = 0; i < times; ++i) {
    world.ask(
        fmt::format("check {} for {}", label, request.transaction.text()),
        [this, request](store::Tx& tx, Moment& moment) {
          return usecase::check({tx, world.context(), world.caller("person"), moment}, request);
        },
        [this, request](const Answer<std::variant<usecase::Approved, usecase::AskProvider>>& answer, WallTime at) {
          model.checked(request, answer, at);
        },
        [this](const Answer<std::variant<usecase::Approved, usecase::AskProvider>>* answer) {
          if (answer == nullptr || !*answer) return;
          if (const auto* asked = std::get_if<usecase::AskProvider>(&**answer)) courier.ask(*asked);
        });
  }
}

void Persons::start() {
  const auto* held = scene_.any(TransactionStatus::kHeld);
  if (held == nullptr) return;
  auto& world = scene_.world;
  struct Begun {
    Answer<usecase::Started> answer;
    std::optional<store::VerificationRow> row;
  };
  usecase::StartRequest request{held->id, Channel::kSms, {}};
  const std::size_t dice = world.chance.below(10);
  if (dice < 2) request.channel = Channel::kEmail;
  if (dice == 2) request.channel = Channel::kCall;
  // By name, the number that is known; without, the newest, which may be somebody else's by now.
  if (request.channel.channel == Channel::kSms && dice < 8) request.contact = scene_.phone_of_person(held->person);
  world.ask(
      fmt::format("start {}", held->id.text()),
      [&world, request](store::Tx& tx, Moment& moment) {
        Begun begun{usecase::start_verification({tx, world.context(), world.caller("person"), moment}, request), {}};
        const store::Beside beside(tx);  // Under the keys that the start has.
        if (begun.answer)
          begun.row = store::find_verification(tx, world.account, request.transaction, begun.answer->id);
        return begun;
      },
      [this, request](const Begun& begun, WallTime at) {
        if (!begun.answer) {
          const auto code = begun.answer.error().code;
          if (code == Code::kNotAvailableNow) scene_.world.tally.count("starts refused by fraud rules");
          if (code == Code::kBudgetSpent) scene_.world.tally.count("starts refused: the budget is spent");
          return scene_.world.tally.count("starts refused");
        }
        require(begun.row.has_value(), Invariant::kNothingLost, "{} is not there", begun.answer->id.text());
        scene_.model.sends.push_back(at);
        scene_.world.tally.count(begun.answer->sends > 1 ? "codes sent again" : "codes sent");
        const auto& state = begun.row->state;
        VerificationModel made;
        made.id = state.id;
        made.transaction = request.transaction;
        made.contact = state.contact;
        made.method = domain::method_of(state.channel);
        made.expires_at = state.expires_at;
        const auto* ours = std::get_if<delivery::OutgoingMessage>(&begun.answer->queued.content);
        made.upstream = ours == nullptr;
        scene_.model.started(made, ours == nullptr ? "" : ours->code.expose(),
                             ours == nullptr ? WallTime{} : ours->expires_at);
        if (begun.answer->superseded) scene_.model.superseded(*begun.answer->superseded, made.id);
      },
      [this](const Begun* begun) {
        if (begun != nullptr && begun->answer) scene_.courier.deliver(begun->answer->queued);
      });
}

const Received* Persons::latest(std::size_t back) {
  const auto& received = scene_.providers.received();
  if (received.empty()) return nullptr;
  return &received[received.size() - 1 - scene_.world.chance.below(std::min(back, received.size()))];
}

void Persons::type_code() {
  const auto* received = latest(8);
  if (received == nullptr) return;
  auto& chance = scene_.world.chance;
  usecase::CheckRequest request{received->transaction, SecretString(received->code), {}, {}};
  if (chance.percent(60)) request.verification = received->verification;
  const std::size_t times = chance.percent(15) ? 2 + chance.below(4) : 1;
  if (times > 1) scene_.world.tally.count("right codes sent at once");
  scene_.check("a code", request, times);
}

void Persons::guess() {
  auto& world = scene_.world;
  const auto* held = scene_.any(TransactionStatus::kHeld);
  if (held == nullptr || held->verifications.empty()) return;
  const std::size_t times = world.chance.percent(20) ? 8 : 1;
  if (times > 1) world.tally.count("guesses in a burst");
  for (std::size_t i = 0; i < times; ++i) {
    world.tally.count("guesses");
    scene_.check(
        "a guess",
        {held->id, SecretString(fmt::format("{:06}", world.chance.below(1'000'000))), {}, held->verifications.back()});
  }
}

void Persons::replay_code() {
  const auto* received = latest(200);
  if (received == nullptr) return;
  scene_.world.tally.count("codes replayed");
  usecase::CheckRequest request{received->transaction, SecretString(received->code), {}, {}};
  if (scene_.world.chance.percent(80)) request.verification = received->verification;
  scene_.check("an old code", request);
}

void Persons::misplace_code() {
  const auto* received = latest(20);
  if (received == nullptr) return;
  const auto* held = scene_.any(TransactionStatus::kHeld);
  // Of the same person best: what she was told for one, typed into another.
  const auto& own = scene_.model.transaction(received->transaction);
  for (int i = 0; i < 10 && (held == nullptr || held->person != own.person || held->id == own.id); ++i) {
    if (const auto* other = scene_.any(TransactionStatus::kHeld)) held = other;
  }
  if (received == nullptr || held == nullptr || held->id == received->transaction) return;
  scene_.world.tally.count("codes of one transaction used for another");
  usecase::CheckRequest request{held->id, SecretString(received->code), {}, {}};
  if (scene_.world.chance.percent(30)) request.verification = received->verification;
  scene_.check("another's code", request);
}

void Persons::deny() {
  const auto* held = scene_.any(TransactionStatus::kHeld);
  if (held == nullptr) return;
  auto& world = scene_.world;
  world.ask(
      fmt::format("deny {}", held->id.text()),
      [&world, id = held->id](store::Tx& tx, Moment& moment) {
        return usecase::deny({tx, world.context(), world.caller("person"), moment}, id);
      },
      [this, id = held->id](const Answer<usecase::Ended>& answer, WallTime at) {
        scene_.world.tally.count(answer ? "denials" : "denials refused");
        scene_.model.ended(id, answer, TransactionStatus::kDenied, at);
      },
      [](const Answer<usecase::Ended>*) {});
}

}  // namespace countersign::simulation
