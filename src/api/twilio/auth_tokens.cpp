#include "api/twilio/auth_tokens.h"

#include "base/encoding.h"

namespace countersign::api::twilio {

std::optional<AuthTokens::Match> AuthTokens::find(std::string_view account_sid, std::string_view password) const {
  const auto table = table_.load();
  const auto account = AccountId::parse(account_sid);
  const auto found = account ? table->find(*account) : table->end();
  const bool known = found != table->end();
  // Nobody's: what an unknown account is compared with.
  static const usecase::verify::AuthTokenPair kNobody{SecretString(std::string(32, ' ')), std::nullopt};
  const auto& pair = known ? found->second : kNobody;
  const bool primary = equal_constant_time(pair.primary.expose(), password);
  const bool secondary =
      equal_constant_time(pair.secondary ? pair.secondary->expose() : kNobody.primary.expose(), password);
  const bool test = equal_constant_time(usecase::verify::test_token(pair.primary).expose(), password);
  if (known && (primary || (secondary && pair.secondary))) return Match::kLive;
  if (known && test) return Match::kTest;
  return std::nullopt;
}

}  // namespace countersign::api::twilio
