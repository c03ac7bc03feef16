#pragma once

#include <deque>
#include <optional>
#include <string>

#include "simulation/scene.h"
#include "usecase/push/answer.h"

namespace countersign::simulation {

/// Browsers that are asked by Web Push: bound by the back end, asked from several networks and from the browser that is
/// one itself, answered with the number of the page, with a wrong one, with a refusal, late, again, for another
/// transaction; asked without end by who hopes for a yes; removed.
class Devices {
 public:
  explicit Devices(Scene& scene) : scene_(scene) {}

  void enrol();   ///< Also confirms it, once answered.
  void prove();   ///< A prompt, which is answered; sometimes later, or never.
  void spam();    ///< Prompts for one person, from one network or from ever others.
  void replay();  ///< An answer again, for the same transaction or for another one.
  void remove();

 private:
  struct Answered {
    TransactionId transaction;
    FactorId factor;
    DeviceSaid said;
    usecase::DeviceAnswer answer;
  };

  const FactorModel* any_of(std::size_t person);
  /// What is done about a prompt: by the person who sees the page, or who did not ask for it.
  enum class Then { kTypes, kSees };
  void ask(const TransactionId& held, std::size_t network, const std::optional<FactorId>& asking, Then then);
  void react(const TransactionId& held, const PromptMade& made, const std::optional<FactorId>& asking, Then then,
             std::size_t network);
  void answer(const TransactionId& held, const FactorId& factor, const PromptMade& prompt,
              const std::optional<std::string>& number, bool genuine);
  void send(Answered answered);

  Scene& scene_;
  std::deque<Answered> answers_;  ///< Newest last.
  std::uint64_t made_ = 0;
};

}  // namespace countersign::simulation
