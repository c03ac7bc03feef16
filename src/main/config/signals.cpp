#include <fmt/format.h>

#include <algorithm>

#include "base/ascii.h"
#include "delivery/webhook_url.h"
#include "main/config/parts.h"
#include "main/config/provider_parts.h"
#include "main/config/units.h"

namespace countersign::main {

namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

/// An address of the operator's choice, inside the network or not.
void read_url(Section& section, std::string_view key, Mode mode, std::string_view advice, std::string& out) {
  require(section, key, advice);
  section.text(key, out);
  const auto plain = mode == Mode::kDevelopment ? delivery::PlainHttp::kAllowed : delivery::PlainHttp::kRefused;
  if (out.empty()) return;
  if (const auto url = delivery::read_webhook_url(out, delivery::AddressPolicy::kAny, plain); !url)
    section.fail(key, fmt::format("is no address to call: {}", url.error()));
}

CamaraSimSwapConfig read_camara(Section& section, Mode mode) {
  CamaraSimSwapConfig out;
  read_url(section, "base_url", mode, "set the API's address up to its version, such as https://…/sim-swap/v2",
           out.base_url);
  if (out.base_url.ends_with('/')) out.base_url.pop_back();
  read_url(section, "token_url", mode, "set the address of the platform's token endpoint", out.token_url);
  require(section, "client_id", "set the client's id at the platform");
  section.text("client_id", out.client_id);
  require(section, "client_secret", "set it in countersign.secrets.toml");
  section.secret("client_secret", out.client_secret);
  section.text("scope", out.scope);
  if (!std::ranges::all_of(out.scope, [](char c) { return c >= ' ' && c <= '~' && c != '"' && c != '\\'; }))
    section.fail("scope", "must be names with spaces between them");
  const auto parse = [](std::string_view text) -> std::optional<bool> {
    if (text == "retrieve_date") return false;
    if (text == "check") return true;
    return std::nullopt;
  };
  section.parsed("operation", out.check, parse, "retrieve_date or check");
  Duration age = out.max_age;
  section.duration("max_age", age, hours(1), hours(2400));
  out.max_age = std::chrono::duration_cast<hours>(age);
  if (section.has("max_age") && (!out.check || age != out.max_age))
    section.fail("max_age", out.check ? "must be whole hours" : "is for operation = \"check\" alone; leave it out");
  return out;
}

TwilioLookupConfig read_lookup(Section& section) {
  TwilioLookupConfig out;
  out.twilio = read_twilio(section);
  std::vector<std::string> fields{"line_type_intelligence", "sim_swap"};
  section.texts("fields", fields);
  const auto has = [&](std::string_view name) { return std::ranges::find(fields, name) != fields.end(); };
  out.line_type = has("line_type_intelligence");
  out.sim_swap = has("sim_swap");
  const bool known = std::ranges::all_of(
      fields, [](const std::string& name) { return name == "line_type_intelligence" || name == "sim_swap"; });
  if (fields.empty() || !known) section.fail("fields", "must name line_type_intelligence, sim_swap or both");
  return out;
}

bool any_rule_asks_for_a_score(const Config& config) {
  const auto asks = [](const risk::RuleSet& set) {
    return std::ranges::any_of(set.rules,
                               [](const risk::Rule& rule) { return rule.when.asks(risk::Feature::kModelScore); });
  };
  return std::ranges::any_of(config.services, [&](const ServiceConfig& service) {
    return asks(risk_rules_of(config.risk, service.account, "")) ||
           asks(risk_rules_of(config.risk, service.account, service.name));
  });
}

bool is_type(std::string_view text) {
  return text == "*" || (!text.empty() && text.size() <= 64 && std::ranges::all_of(text, [](char c) {
           return is_letter_or_digit(c) || c == '.' || c == '_' || c == '-';
         }));
}

SignalConfig read_signal(Section& section, Mode mode) {
  SignalConfig out;
  // The time limit of a signal has a name of its own: a provider's is longer than anybody should wait here.
  if (section.has("timeout")) section.fail("timeout", "is called within here");
  std::string type;
  section.text("type", type);
  if (type == "camara_sim_swap") {
    out.source = read_camara(section, mode);
  } else if (type == "twilio_lookup") {
    out.source = read_lookup(section);
  } else if (type == "http_model") {
    out.source = HttpModelConfig{read_http_hook(section, mode, "features are")};
  } else {
    section.fail("type", type.empty() ? std::string("is missing; it is camara_sim_swap, twilio_lookup or http_model")
                                      : fmt::format("must be camara_sim_swap, twilio_lookup or http_model, but is "
                                                    "\"{}\"",
                                                    type));
    return out;
  }
  section.texts("types", out.types);
  for (const auto& each : out.types) {
    if (!is_type(each))
      section.fail("types", fmt::format("must have types of transactions, or \"*\" for all, but has \"{}\"", each));
  }
  if (section.has("cost")) {
    domain::Price cost;
    section.parsed("cost", cost, domain::parse_price, "a price such as \"0.01 USD\"");
    out.cost = cost;
  }
  Duration within = out.within;
  section.duration("within", within, milliseconds(100), seconds(60));
  out.within = std::chrono::duration_cast<milliseconds>(within);
  section.duration("remember", out.remember, Duration::zero(), hours(24));
  if (section.has("remember") && std::holds_alternative<HttpModelConfig>(out.source))
    section.fail("remember", "is for signals about a line; a model is asked each time");
  section.integer("per_hour", out.per_hour, 1, 10'000'000);
  section.finish();
  return out;
}

}  // namespace

void read_signals(Section& risk, Config& config) {
  for (auto& [name, section] : risk.named_sections("signals")) {
    if (!is_name(name)) section.fail_here("is no name of a signal; use a-z, 0-9, - and _");
    config.signals[name] = read_signal(section, config.mode);
  }
  risk.duration("sim_swap_acts", config.sim_swap_acts, Duration::zero(), hours(2400));
}

std::vector<std::string> lacks_of(const std::string& name, const SignalConfig& signal, const Config& config) {
  std::vector<std::string> lacks;
  if (signal.types.empty())
    lacks.push_back(fmt::format(
        "risk.signals.{}.types is not set: it is never asked; name types of transactions, or \"*\" for all", name));
  const bool is_model = std::holds_alternative<HttpModelConfig>(signal.source);
  if (!config.money.currency.empty() && !is_model && !signal.cost)
    lacks.push_back(fmt::format("risk.signals.{}.cost is not set: what it costs is not counted in budgets", name));
  if (is_model && !signal.types.empty() && !any_rule_asks_for_a_score(config))
    lacks.push_back(fmt::format(
        "no rule asks for model_score: risk.signals.{} is asked only where a rule set by the API does", name));
  if (const auto* camara = std::get_if<CamaraSimSwapConfig>(&signal.source);
      camara != nullptr && camara->check && camara->max_age > hours(240))
    lacks.push_back(
        fmt::format("risk.signals.{}.max_age is above 240h: some carriers keep less, and answer OUT_OF_RANGE", name));
  if (signal.within > milliseconds(3'000))
    lacks.push_back(
        fmt::format("risk.signals.{}.within is {}: so long can a hold take", name, to_text(Duration(signal.within))));
  return lacks;
}

std::string to_text(const SignalConfig& signal) {
  std::string text = "CAMARA SIM Swap";
  if (std::holds_alternative<TwilioLookupConfig>(signal.source)) text = "Twilio Lookup";
  if (std::holds_alternative<HttpModelConfig>(signal.source)) text = "own model";
  std::string types;
  for (const auto& type : signal.types) types += (types.empty() ? "" : ", ") + (type == "*" ? "all types" : type);
  return fmt::format("{}, within {}, for {}", text, to_text(Duration(signal.within)),
                     types.empty() ? "nothing" : types);
}

}  // namespace countersign::main
