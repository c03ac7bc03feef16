#include "crypto/device_token.h"

#include "base/encoding.h"
#include "crypto/p256.h"

namespace countersign::crypto {

namespace {

constexpr std::size_t kDeviceTokenMax = std::size_t{64} * 1024;
constexpr std::size_t kNumberSize = 32;
constexpr std::size_t kRawSignatureSize = 2 * kNumberSize;

std::optional<json::object> object_in(std::string_view encoded) {
  const auto bytes = from_base64url(encoded);
  auto value = bytes ? parse_json(*bytes) : Result<json::value, JsonError>(fail(JsonError{}));
  if (!value || !value->is_object()) return std::nullopt;
  return std::move(value->get_object());
}

/// Takes one INTEGER off the front, positive and in its shortest form, as 32 bytes.
std::optional<std::string> take_number(std::string_view& der) {
  if (der.size() < 3 || der[0] != '\x02') return std::nullopt;
  const auto size = static_cast<std::size_t>(static_cast<unsigned char>(der[1]));
  if (size == 0 || size > kNumberSize + 1 || der.size() < 2 + size) return std::nullopt;
  std::string_view number = der.substr(2, size);
  der.remove_prefix(2 + size);
  const auto is_high = [](char byte) { return (static_cast<unsigned char>(byte) & 0x80U) != 0; };
  if (is_high(number.front())) return std::nullopt;
  if (number.front() == '\0') {
    if (number.size() > 1 && !is_high(number[1])) return std::nullopt;
    number.remove_prefix(1);
  }
  if (number.size() > kNumberSize) return std::nullopt;
  return std::string(kNumberSize - number.size(), '\0').append(number);
}

}  // namespace

std::optional<DeviceToken> read_device_token(std::string_view text) {
  if (text.size() > kDeviceTokenMax) return std::nullopt;
  const std::size_t first = text.find('.');
  const std::size_t second = first == std::string_view::npos ? first : text.find('.', first + 1);
  if (second == std::string_view::npos || text.find('.', second + 1) != std::string_view::npos) return std::nullopt;
  auto header = object_in(text.substr(0, first));
  auto claims = object_in(text.substr(first + 1, second - first - 1));
  auto signature = from_base64url(text.substr(second + 1));
  if (!header || !claims || !signature || signature->size() != kRawSignatureSize) return std::nullopt;
  if (json_text(*header, "alg") != "ES256" || header->contains("crit")) return std::nullopt;
  if (header->contains("typ") && json_text(*header, "typ") != "JWT") return std::nullopt;
  return DeviceToken{*std::move(header), *std::move(claims), std::string(text.substr(0, second)),
                     *std::move(signature)};
}

bool is_signed_by(const DeviceToken& token, std::string_view point) {
  const auto key = es256_key_of_point(point);
  return key && key->verify(token.signed_text, token.signature);
}

bool is_device_signature(std::string_view point, std::string_view message, std::string_view der) {
  // A SEQUENCE of less than 128 bytes and nothing behind it.
  if (der.size() < 2 || der[0] != '\x30' || static_cast<unsigned char>(der[1]) != der.size() - 2) return false;
  der.remove_prefix(2);
  const auto r = take_number(der);
  const auto s = r ? take_number(der) : std::nullopt;
  if (!s || !der.empty()) return false;
  const auto key = es256_key_of_point(point);
  return key && key->verify(message, *r + *s);
}

}  // namespace countersign::crypto
