#include "webauthn/client_data.h"

#include "base/json.h"

namespace countersign::webauthn {

namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

/// False if the member is there and is no boolean.
bool read_cross_origin(const json::object& members, bool& out) {
  const json::value* const value = members.if_contains("crossOrigin");
  if (value == nullptr) return true;
  if (!value->is_bool()) return false;
  out = value->get_bool();
  return true;
}

bool read_top_origin(const json::object& members, std::optional<std::string>& out) {
  const json::value* const value = members.if_contains("topOrigin");
  if (value == nullptr) return true;
  if (!value->is_string()) return false;
  out = std::string(std::string_view(value->get_string()));
  return true;
}

}  // namespace

Result<ClientData, Refusal> parse_client_data(std::string_view bytes) {
  if (bytes.size() > kClientDataMax) return fail(Refusal::kResponseTooLarge);
  // "UTF-8 decode" of the Encoding standard skips the mark; the hash is over the bytes with it.
  if (bytes.starts_with(kByteOrderMark)) bytes.remove_prefix(kByteOrderMark.size());
  const auto value = parse_json(bytes);
  if (!value || !value->is_object()) return fail(Refusal::kClientDataMalformed);
  const json::object& members = value->get_object();
  const auto type = json_text(members, "type");
  const auto challenge = json_text(members, "challenge");
  const auto origin = json_text(members, "origin");
  if (!type || !challenge || !origin) return fail(Refusal::kClientDataMalformed);
  ClientData out{std::string(*type), std::string(*challenge), std::string(*origin), false, std::nullopt};
  if (!read_cross_origin(members, out.cross_origin) || !read_top_origin(members, out.top_origin)) {
    return fail(Refusal::kClientDataMalformed);
  }
  return out;
}

}  // namespace countersign::webauthn
