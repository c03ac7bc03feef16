#include "usecase/idempotency.h"

#include "base/json.h"
#include "base/secret.h"
#include "usecase/keys.h"

namespace countersign::usecase {

namespace {

/// Matches rows of the version before, whose digest did not include the caller: any key of the account gets the answer,
/// as then, unless it holds a secret for one caller. Only those rows match, because the label differs. They are at most
/// a day old, so this can be removed in the next version.
bool is_repeated_from_before(const store::Vault& vault, const store::IdempotentAnswer& known,
                             const IdempotencyKey& key) {
  if (!equal_constant_time(known.request_digest, vault.digester().token_digest("idempotent request", key.body)))
    return false;
  if (known.body.empty()) return true;
  const auto answer = parse_json(known.body);
  return answer && answer->is_object() && !answer->as_object().contains("secret");
}

std::string key_digest_of(const Work& work, const IdempotencyKey& key) {
  return work.context.vault.digester().token_digest("idempotency", key.route + '\n' + key.key);
}

}  // namespace

bool was_answered(const Work& work, const IdempotencyKey& key) {
  const WallTime not_before = work.moment.now - work.context.settings.idempotency_kept;
  return store::find_answer(work.tx, work.context.vault, work.caller.account, key_digest_of(work, key), not_before)
      .has_value();
}

// key digest := token digest "idempotency" (crypto/digest.cpp) over
//    route           the route's name, a space, and the path
//    "\n"
//    key             the Idempotency-Key
// request digest := token digest "idempotent request of" over
//    actor           who calls: "api:SK…"
//    "\n"
//    body            as it came
Answer<Recorded> idempotent(const Work& work, const std::optional<IdempotencyKey>& key,
                            FunctionRef<Answer<Recorded>()> make) {
  if (!key) return make();
  const auto& digester = work.context.vault.digester();
  const std::string key_digest = key_digest_of(work, *key);
  const std::string request_digest =
      digester.token_digest("idempotent request of", work.caller.actor + '\n' + key->body);
  const WallTime not_before = work.moment.now - work.context.settings.idempotency_kept;
  const auto find = [&] {
    std::optional<store::Beside> beside;
    if (key->beside) beside.emplace(work.tx);
    static_cast<void>(work.tx.take(idempotency_key(work.caller.account, key_digest)));
    return store::find_answer(work.tx, work.context.vault, work.caller.account, key_digest, not_before);
  };
  if (auto known = find()) {
    if (!equal_constant_time(known->request_digest, request_digest) &&
        !is_repeated_from_before(work.context.vault, *known, *key)) {
      return refuse(Code::kIdempotencyMismatch,
                    "this Idempotency-Key was used for another request, or by another API key");
    }
    return Recorded{known->http_status, std::move(known->body)};
  }
  auto answer = make();
  if (answer) {
    const store::Beside beside(work.tx);
    store::save_answer(work.tx, work.context.vault, work.caller.account, key_digest,
                       {request_digest, answer->http_status, answer->body}, work.moment);
  }
  return answer;
}

}  // namespace countersign::usecase
