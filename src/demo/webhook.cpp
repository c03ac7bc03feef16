#include "demo/webhook.h"

#include "base/encoding.h"
#include "base/json.h"
#include "base/number.h"
#include "demo/sealing.h"

namespace countersign::demo {

namespace {

constexpr std::string_view kPrefix = "whsec_";
constexpr std::int64_t kToleranceSeconds = 300;

bool is_recent(std::string_view timestamp, WallTime now) {
  const auto seconds = parse_number<std::int64_t>(timestamp);
  if (!seconds || timestamp.size() > 12) return false;
  const std::int64_t age = to_unix_seconds(now) - *seconds;
  return age <= kToleranceSeconds && age >= -kToleranceSeconds;
}

}  // namespace

SecretString make_webhook_secret(Random& random) {
  return SecretString(std::string(kPrefix) + to_base64(random.bytes(32)));
}

bool is_genuine(const WebhookMessage& message, std::string_view secret, WallTime now) {
  if (secret.starts_with(kPrefix)) secret.remove_prefix(kPrefix.size());
  const auto key = from_base64(secret);
  if (message.id.empty() || !key || key->empty() || !is_recent(message.timestamp, now)) return false;
  std::string signed_text(message.id);
  signed_text.append(1, '.').append(message.timestamp).append(1, '.').append(message.body);
  const std::string expected = "v1," + to_base64(hmac_sha256(*key, signed_text));

  // During a rotation there are two signatures separated by a space; one valid signature is enough.
  bool genuine = false;
  for (std::string_view rest = message.signature; !rest.empty();) {
    const auto one = rest.substr(0, rest.find(' '));
    rest.remove_prefix(std::min(one.size() + 1, rest.size()));
    if (equal_constant_time(one, expected)) genuine = true;
  }
  return genuine;
}

std::optional<std::string> transaction_of(std::string_view body) {
  const auto value = parse_json(body);
  if (!value || !value->is_object()) return std::nullopt;
  const auto* data = value->get_object().if_contains("data");
  if (data == nullptr || !data->is_object()) return std::nullopt;
  const auto id = json_text(data->get_object(), "id");
  return id ? std::optional<std::string>(*id) : std::nullopt;
}

}  // namespace countersign::demo
