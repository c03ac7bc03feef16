#include "usecase/verify_api/access_token.h"

#include "base/encoding.h"
#include "store/repository/resources.h"
#include "usecase/audit_log.h"

namespace countersign::usecase::verify_api {

namespace {

constexpr std::string_view kAccessTokenKind = "access_token";
constexpr auto kAccessTokenKept = std::chrono::hours(1);
constexpr std::size_t kSecretSize = 32;
constexpr std::size_t kIdSize = 16;

// token := base64url of account (16 bytes), id (16 bytes), secret (32 random bytes)

std::string digest_of(const Work& work, const Id& id, std::string_view secret) {
  return to_hex(work.context.vault.digester().token_digest("access token", std::string(id.bytes()).append(secret)));
}

AccessToken token_of(const store::Resource& row) {
  return {row.id,
          std::string(json_text(row.content, "identity").value_or("")),
          std::string(json_text(row.content, "friendly_name").value_or("")),
          json_integer(row.content, "ttl").value_or(0),
          row.created_at,
          row.content.contains("used")};
}

std::optional<store::Resource> row_of(const Work& work, const ServiceId& service, const Id& id) {
  return store::find_resource(work.tx, work.context.vault, work.caller.account, kAccessTokenKind, service.id, id);
}

}  // namespace

Verdict<CreatedAccessToken> create_access_token(const Work& work, const ServiceId& service,
                                                const NewAccessToken& given) {
  if (!find_service(work, service)) return refuse(ErrorCode::kNotFound);
  const SecretString secret(work.moment.random.bytes(kSecretSize));
  const Id id = Id::make(work.moment);
  json::object content{{"identity", given.identity},
                       {"friendly_name", given.friendly_name},
                       {"ttl", given.ttl},
                       {"digest", digest_of(work, id, secret.expose())}};
  const store::Resource row{work.caller.account,
                            kAccessTokenKind,
                            service.id,
                            id,
                            {},
                            std::move(content),
                            work.moment.now,
                            work.moment.now,
                            work.moment.now + std::chrono::seconds(given.ttl) + kAccessTokenKept};
  CS_CHECK(store::insert_resource(work.tx, work.context.vault, row, work.moment.random));
  record(work, "access_token.created", Facts().text("access_token", id_text("YK", id)).text("service", service.text()));
  SecretString token;
  token.expose_for_writing() =
      to_base64url(std::string(work.caller.account.bytes()).append(id.bytes()).append(secret.expose()));
  return CreatedAccessToken{token_of(row), std::move(token)};
}

Verdict<AccessToken> find_access_token(const Work& work, const ServiceId& service, const Id& id) {
  const auto row = row_of(work, service, id);
  if (!row) return refuse(ErrorCode::kNotFound);
  return token_of(*row);
}

std::optional<AccessClaim> read_access_claim(std::string_view password) {
  const auto bytes = from_base64url(password);
  if (!bytes || bytes->size() != 2 * kIdSize + kSecretSize) return std::nullopt;
  const std::string_view all = *bytes;
  const auto account = AccountId::from_bytes(all.substr(0, kIdSize));
  const auto id = Id::from_bytes(all.substr(kIdSize, kIdSize));
  if (!account || !id) return std::nullopt;
  return AccessClaim{*account, *id, SecretString(std::string(all.substr(2 * kIdSize)))};
}

std::optional<AccessToken> look_for_access_token(const Work& work, const ServiceId& service, const AccessClaim& claim) {
  const auto row = row_of(work, service, claim.id);
  // Computed for an unknown one too, so that both take as long.
  const std::string digest = digest_of(work, claim.id, claim.secret.expose());
  const std::string kept = row ? json_text_or_empty(row->content, "digest") : std::string(digest.size(), ' ');
  if (!equal_constant_time(digest, kept) || !row) return std::nullopt;
  AccessToken token = token_of(*row);
  const bool lives = work.moment.now < token.created_at + std::chrono::seconds(token.ttl);
  return lives && !token.used ? std::optional(std::move(token)) : std::nullopt;
}

void spend_access_token(const Work& work, const ServiceId& service, const AccessToken& token) {
  auto row = row_of(work, service, token.id);
  CS_CHECK(row.has_value());
  row->content["used"] = true;
  row->updated_at = work.moment.now;
  store::save_resource(work.tx, work.context.vault, *row, work.moment.random);
}

}  // namespace countersign::usecase::verify_api
