#include "main/server/budget_watch.h"

#include <fmt/format.h>

#include <utility>

#include "base/test_account.h"
#include "main/log.h"

namespace countersign::main {

BudgetWatch::BudgetWatch(const usecase::Background& with)
    : store_(with.store), context_(with.context), clock_(with.clock), random_(with.random), worker_(kLook, [this] {
        if (context_.settings.money.exchange.currency.empty()) return;
        for (const auto& [id, account] : context_.settings.accounts) {
          if (!is_test(id)) look(id);
        }
      }) {
  worker_.start();
}

void BudgetWatch::look(const AccountId& account) {
  using Found = std::pair<usecase::BudgetsView, bool>;
  store_.read(
      worker_,
      [this, account](store::Tx& tx) {
        auto view = usecase::show_budgets(tx, context_, account, clock_.now());
        const bool news = usecase::has_news(tx, view, account);
        return Found{std::move(view), news};
      },
      [this, account](Result<Found, store::StoreError> found) {
        if (!found) return;  // The next look tries again.
        {
          const std::lock_guard lock(mutex_);
          views_.insert_or_assign(account, std::move(found->first));
        }
        if (found->second) tell(account);
      });
}

void BudgetWatch::tell(const AccountId& account) {
  store_.transact(
      worker_,
      [this, account](store::Tx& tx) {
        Moment moment{clock_.now(), random_};
        return usecase::tell_of_budgets(tx, context_, account, moment);
      },
      [this, account](const Result<std::vector<usecase::BudgetView>, store::StoreError>& told) {
        if (!told) return;
        for (const auto& one : *told) {
          const auto what = one.of == "country"   ? fmt::format("country {}", one.country)
                            : one.of == "service" ? fmt::format("service {}", one.service_name)
                                                  : std::string("all messages");
          log(one.state == domain::BudgetState::kNearlySpent ? Level::kWarning : Level::kError, "budget",
              fmt::format("account {}, {}: {}", context_.settings.account(account).name, what, to_text(one.state)));
        }
      });
}

std::vector<api::BudgetFigures> BudgetWatch::figures() const {
  constexpr double kUnit = 1'000'000;
  std::vector<api::BudgetFigures> all;
  const WallTime now = clock_.now();
  const std::lock_guard lock(mutex_);
  for (const auto& [account, view] : views_) {
    const bool today = domain::day_begin(now) <= view.day;
    for (const auto& one : view.budgets) {
      api::BudgetFigures figure{context_.settings.account(account).name, one.service_name, one.country};
      figure.spent = today ? static_cast<double>(one.spent) / kUnit : 0;
      if (one.budget) {
        figure.limit = static_cast<double>(one.budget->limit) / kUnit;
        figure.closes = static_cast<double>(domain::most_of(*one.budget, true)) / kUnit;
      }
      all.push_back(std::move(figure));
    }
  }
  return all;
}

}  // namespace countersign::main
