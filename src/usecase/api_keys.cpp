#include "usecase/api_keys.h"

#include "base/encoding.h"
#include "base/test_account.h"

namespace countersign::usecase {

namespace {

constexpr std::string_view kPurpose = "api_key";
constexpr std::size_t kIdSize = 34;
constexpr auto kUseIsNotedEvery = std::chrono::minutes(1);  // In memory only.
constexpr auto kUseIsWrittenEvery = std::chrono::hours(1);
constexpr std::string_view kTestPrefix = "test_";

}  // namespace

// API key :=
//    "test_"      of a test account alone
//    id           as text, SK and 32 hex digits
//    "."
//    secret       48 hex digits; the database has its token digest "api_key"
IssuedKey issue_key(const crypto::Digester& digester, const AccountId& account, std::string_view name,
                    std::optional<WallTime> expires_at, Moment& moment, bool may_vouch, bool may_administer) {
  IssuedKey issued;
  issued.row.id = ApiKeyId::make(moment);
  issued.row.account = account;
  issued.row.name = name;
  issued.row.created_at = moment.now;
  issued.row.expires_at = expires_at;
  issued.row.may_vouch = may_vouch;
  issued.row.may_administer = may_administer;
  // Only letters and digits: some clients of compatible APIs refuse any other password.
  SecretString secret(to_hex(moment.random.bytes(24)));
  issued.row.secret_digest = digester.token_digest(kPurpose, secret.expose());
  issued.text = SecretString((is_test(account) ? std::string(kTestPrefix) : std::string()) + issued.row.id.text() +
                             "." + secret.expose());
  return issued;
}

void KeyTable::replace(const std::vector<store::ApiKeyRow>& keys) {
  Table table;
  const Table& before = table_.get();
  for (const auto& key : keys) {
    const auto known = before.find(key.id);
    table.emplace(key.id, Entry{key, known == before.end() ? std::make_shared<std::atomic<WallTime>>(WallTime{})
                                                           : known->second.used_at});
  }
  table_.replace(std::move(table));
}

std::optional<KeyTable::Match> KeyTable::find(std::string_view bearer, WallTime now) const {
  const bool says_test = bearer.starts_with(kTestPrefix);
  if (says_test) bearer.remove_prefix(kTestPrefix.size());
  if (bearer.size() <= kIdSize + 1 || bearer.size() > 256 || bearer[kIdSize] != '.') return std::nullopt;
  const auto id = ApiKeyId::parse(bearer.substr(0, kIdSize));
  if (!id) return std::nullopt;
  const std::string digest = digester_.token_digest(kPurpose, bearer.substr(kIdSize + 1));
  const Table& table = table_.get();
  const auto found = table.find(*id);
  static const std::string kNoDigest(32, '\0');
  const bool equal = equal_constant_time(found == table.end() ? kNoDigest : found->second.row.secret_digest, digest);
  if (!equal || found == table.end()) return std::nullopt;
  const auto& key = found->second.row;
  if (is_test(key.account) != says_test) return std::nullopt;
  if (key.revoked_at || (key.expires_at && now >= *key.expires_at)) return std::nullopt;
  auto& used_at = *found->second.used_at;
  if (now - used_at.load(std::memory_order_relaxed) >= kUseIsNotedEvery) used_at.store(now, std::memory_order_relaxed);
  return Match{key.id, key.account, key.may_vouch, key.may_administer};
}

std::vector<KeyTable::Use> KeyTable::unwritten_uses() const {
  std::vector<Use> uses;
  for (const auto& [id, entry] : table_.get()) {
    const WallTime used_at = entry.used_at->load(std::memory_order_relaxed);
    if (used_at == WallTime{}) continue;
    if (!entry.row.last_used_at || used_at - *entry.row.last_used_at >= kUseIsWrittenEvery)
      uses.push_back({id, used_at});
  }
  return uses;
}

}  // namespace countersign::usecase
