#include "api/twilio/auth_tokens.h"

#include "base/encoding.h"

namespace countersign::api::twilio {

void AuthTokens::replace(Table table) {
  Entries entries;
  for (auto& [account, pair] : table) {
    SecretString test = usecase::verify_api::test_token(pair.primary);
    entries.emplace(account, Entry{std::move(pair), std::move(test)});
  }
  entries_ = std::make_shared<const Entries>(std::move(entries));
}

std::optional<AuthTokens::Match> AuthTokens::find(std::string_view account_sid, std::string_view password) const {
  const auto entries = entries_.load();
  const auto account = AccountId::parse(account_sid);
  const auto found = account ? entries->find(*account) : entries->end();
  const bool known = found != entries->end();
  // Compared with the password of an unknown account.
  static const SecretString kNone(std::string(32, ' '));
  static const Entry kNobody{{kNone, std::nullopt}, kNone};
  const auto& [pair, test_token] = known ? found->second : kNobody;
  const bool primary = equal_constant_time(pair.primary.expose(), password);
  const bool secondary = equal_constant_time(pair.secondary ? pair.secondary->expose() : kNone.expose(), password);
  const bool test = equal_constant_time(test_token.expose(), password);
  if (known && (primary || (secondary && pair.secondary))) return Match::kLive;
  if (known && test) return Match::kTest;
  return std::nullopt;
}

}  // namespace countersign::api::twilio
