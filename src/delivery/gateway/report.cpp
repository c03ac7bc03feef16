#include "delivery/gateway/report.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/encoding.h"
#include "base/number.h"
#include "crypto/hmac.h"

namespace countersign::delivery {

namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

/// The one value of that name; nullopt for none, and for several, of which another reader may take another.
std::optional<std::string_view> only(const Pairs& pairs, std::string_view name) {
  if (std::ranges::count(pairs, name, &Pairs::value_type::first) != 1) return std::nullopt;
  return std::ranges::find(pairs, name, &Pairs::value_type::first)->second;
}

crypto::Hash hash_of(ReportAuth::Hash hash) {
  if (hash == ReportAuth::Hash::kSha1) return crypto::Hash::kSha1;
  return hash == ReportAuth::Hash::kSha512 ? crypto::Hash::kSha512 : crypto::Hash::kSha256;
}

/// What is signed; nullopt if a part of it is missing.
std::optional<std::string> signed_text(const ReportAuth& auth, const ReceivedReport& report) {
  if (auth.signs == ReportAuth::Signs::kBody) return report.body;
  if (auth.signs == ReportAuth::Signs::kBodyNonceTimestamp) {
    const auto nonce = only(report.headers, auth.nonce_header);
    const auto timestamp = only(report.headers, auth.timestamp_header);
    if (!nonce || !timestamp) return std::nullopt;
    return report.body + '.' + std::string(*nonce) + '.' + std::string(*timestamp);
  }
  Pairs sorted = report.form;
  std::ranges::sort(sorted);
  std::string text;
  for (auto& [name, value] : sorted) {
    if (name == auth.header) continue;
    std::ranges::replace_if(value, [](char c) { return c == '&' || c == '='; }, '_');
    text += '&' + name + '=' + value;
  }
  return text;
}

bool is_signed(const ReportAuth& auth, const ReceivedReport& report) {
  const bool in_form = auth.signs == ReportAuth::Signs::kParameters;
  const auto given = only(in_form ? report.form : report.headers, auth.header);
  const auto text = signed_text(auth, report);
  if (!given || !text || !given->starts_with(auth.prefix)) return false;
  const auto digits = given->substr(auth.prefix.size());
  const auto mac = auth.base64 ? from_base64(digits) : from_hex(digits);
  return mac && equal_constant_time(*mac, crypto::hmac(hash_of(auth.hash), auth.secret.expose(), *text));
}

/// A form as an object of texts; of a repeated name none.
json::value object_of(const Pairs& form) {
  json::object object;
  for (const auto& [name, value] : form) {
    if (only(form, name)) object[name] = value;
  }
  return object;
}

std::string text_at(const std::optional<Pointer>& pointer, const json::value& item) {
  constexpr std::size_t kTextMax = 128;
  if (!pointer) return "";
  auto texts = pointer->texts_in(item);
  return texts.size() == 1 && texts[0].size() <= kTextMax ? std::move(texts[0]) : std::string();
}

/// A code is kept and shown to operators; a sentence may name a person's number, and is not.
std::string code_at(const std::optional<Pointer>& pointer, const json::value& item) {
  constexpr std::size_t kCodeMax = 40;
  auto code = text_at(pointer, item);
  const bool plain = code.size() <= kCodeMax && std::ranges::all_of(code, [](char c) {
                       return is_letter_or_digit(c) || c == '.' || c == '_' || c == '-';
                     });
  return plain ? std::move(code) : std::string();
}

std::optional<GatewayReport> read_item(const GatewayReports& how, const json::value& item) {
  const auto state = how.states.find(lower_case(text_at(how.state, item)));
  if (state == how.states.end()) return std::nullopt;
  GatewayReport report{text_at(how.id, item), text_at(how.our_id, item), state->second, ""};
  if (report.said.stage != contact::DeliveryStage::kFailed) return report;
  report.reason_code = code_at(how.reason_code, item);
  if (const auto reason = how.reasons.find(report.reason_code); reason != how.reasons.end())
    report.said.reason = reason->second;
  return report;
}

/// An array stands for its elements, whether or not the pointer to it ends in `*`.
std::vector<const json::value*> elements_of(const std::vector<const json::value*>& items) {
  std::vector<const json::value*> elements;
  for (const auto* item : items) {
    if (!item->is_array())
      elements.push_back(item);
    else
      for (const auto& element : item->get_array()) elements.push_back(&element);
  }
  return elements;
}

/// What was received; nullopt if it has another form.
std::optional<json::value> document_of(bool as_json, const ReceivedReport& received) {
  if (as_json) return read_gateway_json(received.body);
  return received.form.empty() ? std::nullopt : std::optional(object_of(received.form));
}

std::vector<const json::value*> items_of(const std::optional<Pointer>& where, const json::value& document) {
  auto items = elements_of(where ? where->values_in(document) : std::vector<const json::value*>{&document});
  if (items.size() > kGatewayReportsMax) items.resize(kGatewayReportsMax);
  return items;
}

bool is_meant(const ValueCheck& only, const json::value& item) {
  const auto found = only.pointer.texts_in(item);
  return std::ranges::any_of(
      found, [&](const auto& text) { return std::ranges::find(only.values, text) != only.values.end(); });
}

}  // namespace

bool is_believed(const ReportAuth& auth, const ReceivedReport& report) {
  if (auth.kind == ReportAuth::Kind::kToken) return true;
  if (auth.secret.expose().empty()) return false;
  if (auth.kind == ReportAuth::Kind::kHmac) return is_signed(auth, report);
  const bool basic = auth.kind == ReportAuth::Kind::kBasic;
  const auto given = only(report.headers, basic ? "authorization" : std::string_view(auth.header));
  const std::string expected =
      basic ? "Basic " + to_base64(auth.user + ':' + auth.secret.expose()) : auth.secret.expose();
  return given && equal_constant_time(*given, expected);
}

std::optional<std::vector<GatewayReport>> read_gateway_reports(const GatewayReports& how,
                                                               const ReceivedReport& received) {
  const auto document = document_of(how.json, received);
  if (!document) return std::nullopt;
  std::vector<GatewayReport> reports;
  for (const auto* item : items_of(how.items, *document)) {
    if (auto report = read_item(how, *item)) reports.push_back(*std::move(report));
  }
  return reports;
}

std::optional<std::vector<GatewayText>> read_gateway_texts(const GatewayInbound& how, const ReceivedReport& received) {
  const auto document = document_of(how.json, received);
  if (!document) return std::nullopt;
  std::vector<GatewayText> texts;
  for (const auto* item : items_of(how.items, *document)) {
    if (how.only && !is_meant(*how.only, *item)) continue;
    texts.push_back({text_at(how.from, *item), text_at(how.text, *item), parse_gateway_time(text_at(how.time, *item))});
  }
  return texts;
}

std::optional<WallTime> parse_gateway_time(std::string_view text) {
  using std::chrono::milliseconds;
  using std::chrono::seconds;
  if (std::ranges::all_of(text, is_digit)) {
    const auto number = parse_number<std::int64_t>(text);
    if (number && text.size() == 10) return WallTime(seconds(*number));
    if (number && text.size() == 13) return WallTime(milliseconds(*number));
    return std::nullopt;
  }
  constexpr std::size_t kDate = std::string_view("2026-11-30").size();
  constexpr std::size_t kOffset = std::string_view("+0000").size();
  constexpr std::size_t kTime = std::string_view("2026-11-30T12:00:00").size();
  std::string spelled(text);
  if (spelled.size() < kTime || spelled.size() > 40) return std::nullopt;
  if (spelled[kDate] == ' ') spelled[kDate] = 'T';
  const auto zone = spelled.find_first_of("Zz+-", kTime);
  if (zone == std::string::npos) spelled += 'Z';
  if (zone != std::string::npos && spelled.size() - zone == kOffset) spelled.insert(zone + 3, ":");
  return from_rfc3339(spelled);
}

}  // namespace countersign::delivery
