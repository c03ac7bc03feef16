#include "usecase/idempotent.h"

#include "base/secret.h"

namespace countersign::usecase {

Answer<Recorded> idempotent(store::Tx& tx, const Context& context, const Caller& caller,
                            const std::optional<IdempotencyKey>& key, Moment& moment,
                            FunctionRef<Answer<Recorded>()> make) {
  if (!key) return make();
  const auto& digester = context.vault.digester();
  const std::string key_digest = digester.token_digest("idempotency", key->route + '\n' + key->key);
  const std::string request_digest = digester.token_digest("idempotent request", caller.actor + '\n' + key->body);
  const WallTime not_before = moment.now - context.settings.idempotency_kept;
  if (auto known = store::find_answer(tx, context.vault, caller.account, key_digest, not_before)) {
    if (!equal_constant_time(known->request_digest, request_digest)) {
      return refuse(Code::kIdempotencyMismatch,
                    "this Idempotency-Key was used for another request, or by another API key");
    }
    return Recorded{known->http_status, std::move(known->body)};
  }
  auto answer = make();
  if (answer) {
    store::save_answer(tx, context.vault, caller.account, key_digest,
                       {request_digest, answer->http_status, answer->body}, moment);
  }
  return answer;
}

}  // namespace countersign::usecase
