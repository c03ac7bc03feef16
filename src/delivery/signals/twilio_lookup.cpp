#include "delivery/signals/twilio_lookup.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/check.h"
#include "base/encoding.h"

namespace countersign::delivery {

namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 11> kLineTypes = {{
    {"mobile", "mobile"},
    {"landline", "landline"},
    {"fixedVoip", "fixed_voip"},
    {"nonFixedVoip", "voip"},
    {"personal", "personal"},
    {"tollFree", "toll_free"},
    {"premium", "premium"},
    {"sharedCost", "shared_cost"},
    {"uan", "uan"},
    {"voicemail", "voicemail"},
    {"pager", "pager"},
}};

/// The package under that name; null if there is no data, with the reason or without.
const json::object* package_of(const json::object& body, std::string_view name) {
  const json::value* value = body.if_contains(name);
  const json::object* package = value == nullptr ? nullptr : value->if_object();
  if (package == nullptr) return nullptr;
  const json::value* error = package->if_contains("error_code");
  return error == nullptr || error->is_null() ? package : nullptr;
}

/// Whether the SIM was swapped, into `findings`; a fault if what is said cannot be used.
std::optional<SignalFault> read_sim_swap(const json::object& package, WallTime now, Findings& findings) {
  const json::value* last = package.if_contains("last_sim_swap");
  if (last == nullptr || !last->is_object()) return SignalFault::kUnreadable;
  const json::object& swap = last->get_object();
  if (const auto date = json_text(swap, "last_sim_swap_date")) {
    const auto at = from_rfc3339(*date);
    if (!at) return SignalFault::kUnreadable;
    findings.sim_change = changed_at(*at, now);
    return findings.sim_change ? std::nullopt : std::optional(SignalFault::kImplausible);
  }
  const json::value* swapped = swap.if_contains("swapped_in_period");
  if (swapped == nullptr || !swapped->is_bool()) return SignalFault::kUnreadable;
  if (!swapped->get_bool()) return std::nullopt;
  const auto period = parse_period(json_text_or_empty(swap, "swapped_period"));
  if (!period) return SignalFault::kUnreadable;
  findings.sim_change = SimChange{now - *period, now};
  return std::nullopt;
}

}  // namespace

std::string_view line_type_of(std::string_view twilio) {
  const auto* const found = std::ranges::find(kLineTypes, twilio, [](const auto& type) { return type.first; });
  return found == kLineTypes.end() ? std::string_view() : found->second;
}

std::optional<Duration> parse_period(std::string_view text) {
  const bool hours = text.starts_with("PT") && text.ends_with('H');
  const bool days = !hours && text.starts_with('P') && text.ends_with('D');
  if (!hours && !days) return std::nullopt;
  const std::string_view digits = text.substr(hours ? 2 : 1, text.size() - (hours ? 3 : 2));
  int number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc() || end != digits.data() + digits.size() || number < 0) return std::nullopt;
  if (number > (hours ? 400 * 24 : 400)) return std::nullopt;
  return std::chrono::hours(hours ? number : number * 24);
}

SignalResult read_lookup_answer(const HttpResult& result, std::string_view phone, const LookupFields& fields,
                                WallTime now) {
  // 404: "not a number" in Twilio's older words; what it does not know is not the operator's fault.
  if (!result || result->status != 200) return fail(fault_of(result));
  const auto parsed = parse_json(result->body, {.depth = 8});
  if (!parsed || !parsed->is_object()) return fail(SignalFault::kUnreadable);
  const json::object& body = parsed->get_object();
  if (json_text(body, "phone_number") != phone) return fail(SignalFault::kImplausible);
  const json::value* valid = body.if_contains("valid");
  if (valid == nullptr || !valid->is_bool()) return fail(SignalFault::kUnreadable);
  if (!valid->get_bool()) return fail(SignalFault::kNotServed);

  Findings findings;
  bool answered = false;
  const json::object* line = fields.line_type ? package_of(body, "line_type_intelligence") : nullptr;
  if (line != nullptr) {
    const auto type = json_text(*line, "type");
    if (!type) return fail(SignalFault::kUnreadable);
    findings.line_type = line_type_of(*type);
    answered = true;
  }
  const json::object* sim = fields.sim_swap ? package_of(body, "sim_swap") : nullptr;
  if (sim != nullptr) {
    if (const auto fault = read_sim_swap(*sim, now, findings)) return fail(*fault);
    answered = true;
  }
  if (!answered) return fail(SignalFault::kNotServed);
  return findings;
}

TwilioLookup::TwilioLookup(HttpClient& http, const Clock& clock, TwilioAccount account, LookupFields fields)
    : http_(http), clock_(clock), account_(std::move(account)), fields_(fields) {
  CS_CHECK(fields_.line_type || fields_.sim_swap);
}

void TwilioLookup::ask(const SignalQuestion& question, std::chrono::milliseconds within, SignalDone done) {
  const auto& wishes = question.wishes;
  LookupFields fields{fields_.line_type && wishes.line_type, fields_.sim_swap && wishes.sim_change};
  if (!fields.line_type && !fields.sim_swap) fields = fields_;
  HttpCall call;
  call.url = account_.base_url.empty() ? "https://lookups.twilio.com" : account_.base_url;
  call.url += "/v2/PhoneNumbers/" + percent_encode(question.phone) + "?Fields=";
  if (fields.line_type) call.url += "line_type_intelligence";
  if (fields.sim_swap) call.url += fields.line_type ? ",sim_swap" : "sim_swap";
  call.headers = {{"Accept", "application/json"}};
  call.auth = BasicAuth{account_.user, account_.password};
  limit(call, within);
  call.addresses = AddressPolicy::kAny;  // From the operator's own configuration.
  call.plain_http = account_.plain_http;
  http_.send(std::move(call),
             [&clock = clock_, phone = question.phone, fields, done = std::move(done)](
                 const HttpResult& result) mutable { done(read_lookup_answer(result, phone, fields, clock.now())); });
}

}  // namespace countersign::delivery
