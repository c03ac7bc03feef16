#pragma once

#include <deque>
#include <memory>

#include "base/json.h"
#include "simulation/scene.h"
#include "usecase/passkey/check.h"

namespace countersign::simulation {

/// Passkeys and security keys: bound by the back end, asked, used for the right and for another transaction, copied,
/// removed. As in the server, an answer is judged by what is remembered of its challenge or one unit reads, and stored
/// by another one.
class Passkeys {
 public:
  explicit Passkeys(Scene& scene) : scene_(scene) {}

  void enrol();   ///< Also confirms it with the key's answer, once answered.
  void prove();   ///< Has a challenge made and answers it; sometimes later, or never.
  void replay();  ///< An answer again, for the same transaction or for another one.
  void misuse();  ///< The key of another person, or a copy that is behind.
  void remove();

 private:
  /// What was answered to one challenge.
  struct Answered {
    TransactionId transaction;
    FactorId factor;
    KeyAnswer answer;
    json::object response;
  };

  const FactorModel* any_of(std::size_t person);
  /// `factor` answers, with its counter so far behind.
  void ask(const TransactionId& held, const FactorId& factor, std::uint32_t behind);
  void send(Answered answered);
  void store_answer(const Answered& answered, const std::shared_ptr<const usecase::JudgedAssertion>& judged,
                    bool known);
  void confirm(const FactorId& id, std::size_t person, const json::object& response, bool genuine, int tries_left);

  Scene& scene_;
  std::deque<Answered> answers_;  ///< Newest last.
  std::uint64_t made_ = 0;
};

}  // namespace countersign::simulation
