#include "usecase/verification/page_work.h"

#include <chrono>

#include "base/encoding.h"
#include "crypto/proof_of_work.h"
#include "store/repository/counters.h"

namespace countersign::usecase {

namespace {

constexpr Duration kWorkLife = std::chrono::minutes(10);
/// Of each key that is tried, and keys to try: 0.3 s of a computer, a few seconds of an old telephone.
constexpr std::uint32_t kWorkCost = 1000;
constexpr std::uint32_t kWorkTriesLeast = 300;
constexpr std::uint32_t kWorkTriesMost = 1200;

/// As text, as the libraries take secrets.
crypto::PowSecrets work_secrets(const store::Vault& vault) {
  const auto secret = [&](std::string_view what) {
    return to_hex(vault.digester().token_digest("proof of work", what));
  };
  return {secret("challenge"), secret("key")};
}

}  // namespace

std::string work_for_page(const store::Vault& vault, const TransactionId& transaction, Moment& moment) {
  return crypto::unsolved_pow(crypto::make_pow_challenge(
      work_secrets(vault),
      {transaction.text(), moment.now + kWorkLife, moment.now + kWorkWait, kWorkCost, kWorkTriesLeast, kWorkTriesMost},
      moment.random));
}

bool accept_page_work(const Work& work, const TransactionId& transaction, std::string_view payload) {
  if (payload.empty()) return false;
  const auto solved = crypto::check_pow(work_secrets(work.context.vault), payload, transaction.text(), work.moment.now);
  if (!solved) return false;
  // Once: the window is longer than its life, whatever the clock does.
  const domain::Rate once{1, std::chrono::hours(24)};
  return store::count_in_counter(work.tx, work.caller.account, "work " + solved->nonce, once, work.moment.now);
}

}  // namespace countersign::usecase
