#include "usecase/idempotent.h"

#include "base/json.h"
#include "base/secret.h"

namespace countersign::usecase {

namespace {

/// Of the version before, whose digest had no caller in it: answered to its account, as it was then, unless it holds a
/// secret that is for the one who asked. Only rows of that version are equal to it, because the label is its own. They
/// are a day old at most, so this can go with the next version.
bool is_repeated_from_before(const store::Vault& vault, const store::IdempotentAnswer& known,
                             const IdempotencyKey& key) {
  if (!equal_constant_time(known.request_digest, vault.digester().token_digest("idempotent request", key.body)))
    return false;
  if (known.body.empty()) return true;
  const auto answer = parse_json(known.body);
  return answer && answer->is_object() && !answer->as_object().contains("secret");
}

}  // namespace

Answer<Recorded> idempotent(store::Tx& tx, const Context& context, const Caller& caller,
                            const std::optional<IdempotencyKey>& key, Moment& moment,
                            FunctionRef<Answer<Recorded>()> make) {
  if (!key) return make();
  const auto& digester = context.vault.digester();
  const std::string key_digest = digester.token_digest("idempotency", key->route + '\n' + key->key);
  const std::string request_digest = digester.token_digest("idempotent request of", caller.actor + '\n' + key->body);
  const WallTime not_before = moment.now - context.settings.idempotency_kept;
  if (auto known = store::find_answer(tx, context.vault, caller.account, key_digest, not_before)) {
    if (!equal_constant_time(known->request_digest, request_digest) &&
        !is_repeated_from_before(context.vault, *known, *key)) {
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
