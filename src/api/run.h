#pragma once

#include <type_traits>
#include <utility>

#include "api/api.h"
#include "delivery/ports.h"
#include "http/reply.h"
#include "usecase/verification/check.h"

namespace countersign::api {

// Every request that uses the database takes this path:
//
// | where                   | what                                                                                |
// | the reply's I/O thread  | The handler reads the request, calls run() and returns.                             |
// | a thread of the store   | `unit(tx)`, in one transaction. It may run more than once; its last run counts.     |
// | the reply's I/O thread  | `render(result)`, once: after the commit, or when the store has failed for good.    |
//
// `unit` and `render` outlive the handler, so they own what they use, or borrow from objects that live as long as the
// server (Api). store/store.h states the rules for `unit`. `render` takes `Result<Outcome, store::StoreError>` and
// returns the http::Response; or it also takes the http::Reply and returns nothing, if the answer may have to wait for
// something else. If anything throws, the Reply is destroyed unanswered, which sends a 500.

template <class Outcome, class Render>
[[nodiscard]] auto rendering(http::Reply reply, Render render) {
  return [reply = std::move(reply), render = std::move(render)](Result<Outcome, store::StoreError>&& result) mutable {
    if constexpr (std::is_invocable_v<Render&, Result<Outcome, store::StoreError>, http::Reply>)
      render(std::move(result), std::move(reply));
    else
      reply.send(render(std::move(result)));
  };
}

template <store::UnitBody Unit, class Render>
void run(const Api& api, http::Reply reply, Unit unit, Render render) {
  Executor& home = reply.executor();
  api.store.transact(home, std::move(unit), rendering<store::OutcomeOf<Unit>>(std::move(reply), std::move(render)));
}

/// The same on behalf of `caller`: `unit(work)`, by the clock of the caller's account.
template <class Unit, class Render>
void run_for(const Api& api, usecase::Caller caller, http::Reply reply, Unit unit, Render render) {
  run(
      api, std::move(reply),
      [&api, caller = std::move(caller), unit = std::move(unit)](store::Tx& tx) {
        Moment moment = api.moment(tx, caller.account);
        return unit(usecase::Work{tx, api.context, caller, moment});
      },
      std::move(render));
}

/// The same as run() where nothing is written: on a snapshot, which waits for no writer.
template <store::UnitBody Unit, class Render>
void run_on_snapshot(const Api& api, http::Reply reply, Unit unit, Render render) {
  Executor& home = reply.executor();
  api.store.read(home, std::move(unit), rendering<store::OutcomeOf<Unit>>(std::move(reply), std::move(render)));
}

/// A provider's verdict on a code, or the error that prevented one.
using ProviderVerdict = Result<delivery::VerifierVerdict, delivery::ProviderError>;

/// The second half of a check that a provider judges: asks it, outside of any transaction, then runs
/// `conclude(work, verdict)` on behalf of `caller`, by the machine's clock, and renders what came of that.
template <class Conclude, class Render>
void ask_provider(const Api& api, usecase::Caller caller, const usecase::AskProvider& asked, http::Reply reply,
                  Conclude conclude, Render render) {
  api.courier.ask(asked, [&api, caller = std::move(caller), reply = std::move(reply), conclude = std::move(conclude),
                          render = std::move(render)](ProviderVerdict verdict) mutable {
    run(
        api, std::move(reply),
        [&api, caller = std::move(caller), conclude = std::move(conclude),
         verdict = std::move(verdict)](store::Tx& tx) {
          Moment moment = api.moment();
          return conclude(usecase::Work{tx, api.context, caller, moment}, verdict);
        },
        std::move(render));
  });
}

}  // namespace countersign::api
