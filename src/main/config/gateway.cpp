#include <fmt/format.h>

#include <algorithm>

#include "base/ascii.h"
#include "contact/phone_number.h"
#include "main/config/parts.h"

namespace countersign::main {

namespace {

using contact::DeliveryReason;
using contact::DeliveryStage;
using delivery::BodyTemplate;
using delivery::GatewayAuth;
using delivery::GatewayOptions;
using delivery::GatewayOutcome;
using delivery::Pointer;
using delivery::ReportAuth;
using delivery::TextTemplate;

constexpr std::string_view kPointerForm = "a JSON pointer such as /messages/0/id, where * is every element";
constexpr std::size_t kRulesMax = 64;

template <class Word, std::size_t N>
auto one_of(const std::pair<std::string_view, Word> (&words)[N]) {
  return [&words](std::string_view text) -> std::optional<Word> {
    for (const auto& [name, word] : words) {
      if (name == text) return word;
    }
    return std::nullopt;
  };
}

constexpr std::pair<std::string_view, GatewayAuth> kAuths[] = {{"none", GatewayAuth::kNone},
                                                               {"basic", GatewayAuth::kBasic},
                                                               {"bearer", GatewayAuth::kBearer},
                                                               {"aws_sigv4", GatewayAuth::kAwsSigV4}};
constexpr std::pair<std::string_view, GatewayOutcome> kOutcomes[] = {
    {"invalid_address", GatewayOutcome::kInvalidAddress},
    {"opted_out", GatewayOutcome::kOptedOut},
    {"landline", GatewayOutcome::kLandline},
    {"unsupported", GatewayOutcome::kUnsupported},
    {"blocked", GatewayOutcome::kBlocked},
    {"rate_limited", GatewayOutcome::kRateLimited},
    {"later", GatewayOutcome::kLater},
    {"misconfigured", GatewayOutcome::kMisconfigured},
    {"rejected", GatewayOutcome::kRejected}};
constexpr std::pair<std::string_view, contact::Reports> kReports[] = {{"usable", contact::Reports::kUsable},
                                                                      {"unusable", contact::Reports::kUnusable},
                                                                      {"none", contact::Reports::kNone}};
constexpr std::pair<std::string_view, ReportAuth::Kind> kKinds[] = {{"token", ReportAuth::Kind::kToken},
                                                                    {"header", ReportAuth::Kind::kHeader},
                                                                    {"basic", ReportAuth::Kind::kBasic},
                                                                    {"hmac", ReportAuth::Kind::kHmac}};
constexpr std::pair<std::string_view, ReportAuth::Signs> kSigns[] = {
    {"body", ReportAuth::Signs::kBody},
    {"body.nonce.timestamp", ReportAuth::Signs::kBodyNonceTimestamp},
    {"parameters", ReportAuth::Signs::kParameters}};
constexpr std::pair<std::string_view, ReportAuth::Hash> kHashes[] = {
    {"sha1", ReportAuth::Hash::kSha1}, {"sha256", ReportAuth::Hash::kSha256}, {"sha512", ReportAuth::Hash::kSha512}};
constexpr std::pair<std::string_view, bool> kFormats[] = {{"form", false}, {"json", true}};
constexpr std::pair<std::string_view, bool> kAnswers[] = {{"json", false}, {"xml", true}};
constexpr std::pair<std::string_view, bool> kEncodings[] = {{"hex", false}, {"base64", true}};

bool is_header_name(std::string_view name) {
  return !name.empty() &&
         std::ranges::all_of(name, [](char c) { return is_letter_or_digit(c) || c == '-' || c == '_'; });
}

/// Keeps a reader of text templates and what variables they name.
class Templates {
 public:
  std::optional<TextTemplate> read(Section& section, std::string_view key) {
    std::string text;
    section.text(key, text);
    std::string unknown;
    auto parsed = TextTemplate::parse(text, &unknown);
    if (!parsed)
      section.fail(key, fmt::format("names {{{}}}, which is no variable (docs/sms-gateways.md)", unknown));
    else
      all_.push_back(*parsed);
    return parsed;
  }
  std::vector<std::pair<std::string, TextTemplate>> read_all(Section section) {
    std::vector<std::pair<std::string, TextTemplate>> out;
    for (const auto& name : section.names()) {
      if (auto value = read(section, name)) out.emplace_back(name, *std::move(value));
    }
    return out;
  }
  [[nodiscard]] bool have(delivery::Variable variable, const BodyTemplate& body) const {
    return delivery::has_variable(body, variable) ||
           std::ranges::any_of(all_, [&](const TextTemplate& each) { return each.has(variable); });
  }

 private:
  std::vector<TextTemplate> all_;
};

void read_pointer(Section& section, std::string_view key, std::optional<Pointer>& out) {
  section.parsed(key, out, [](std::string_view text) { return std::optional(Pointer::parse(text)); }, kPointerForm);
  if (section.has(key) && !out) section.fail(key, fmt::format("must be {}", kPointerForm));
}

void read_url(Section& section, bool may_be_plain, Templates& templates, GatewayOptions& out) {
  std::string text;
  section.text("url", text);
  if (auto url = templates.read(section, "url")) out.url = *std::move(url);
  // Scheme and host are literal: no message decides where the next one goes.
  const auto head = out.url.head();
  const auto host = head.find("://");
  const bool plain = head.starts_with("http://");
  if (!head.starts_with("https://") && !(may_be_plain && plain))
    return section.fail("url", fmt::format("must start with https://, but is \"{}\"", text));
  if (head.find('/', host + 3) == std::string_view::npos)
    return section.fail("url", "must have its host and a / before the first variable");
  if (text.find('@') < text.find('/', host + 3)) return section.fail("url", "must have no user or password");
  if (plain) out.plain_http = delivery::PlainHttp::kAllowed;
}

void read_body(Section& section, Templates& templates, BodyTemplate& out) {
  if (section.has("form") && section.has("json")) section.fail("json", "and form are both set; leave one out");
  if (section.has("json")) {
    std::string text;
    section.text("json", text);
    auto body = delivery::parse_json_template(text);
    if (!body) return section.fail("json", body.error());
    out = *std::move(body);
  } else if (section.has("form")) {
    out.form = BodyTemplate::Form::kForm;
    out.fields = templates.read_all(section.section("form"));
  }
}

bool has_header(const GatewayOptions& gateway, std::string_view name) {
  return std::ranges::any_of(gateway.headers, [&](const auto& h) { return lower_case(h.first) == name; });
}

/// Those that follow from the request, of which a gateway must not get two.
void refuse_own_headers(Section& section, const GatewayOptions& gateway) {
  for (const auto& [name, value] : gateway.headers) {
    const auto own = lower_case(name);
    if (own == "content-type" && gateway.body.form != BodyTemplate::Form::kNone)
      section.fail("headers", "has Content-Type, which form and json bring along; leave it out");
    if (own == "host" || own == "content-length" || own == "transfer-encoding" || own == "connection")
      section.fail("headers", fmt::format("has {}, which follows from the request; leave it out", name));
  }
}

/// A number of at most 15 digits, or a name of at most 11 letters, digits and spaces, which all networks show. [3GPP
/// TS 23.040, 9.1.2.5]
bool is_sender(std::string_view sender) {
  const auto digits = sender.starts_with('+') ? sender.substr(1) : sender;
  if (!digits.empty() && std::ranges::all_of(digits, is_digit)) return digits.size() <= 15;
  const bool plain = std::ranges::all_of(
      sender, [](char c) { return is_letter_or_digit(c) || c == ' ' || c == '-' || c == '_' || c == '.'; });
  return plain && !sender.empty() && sender.size() <= 11 && std::ranges::any_of(sender, is_letter);
}

void read_senders(Section section, GatewayOptions& out) {
  for (const auto& country : section.names()) {
    std::string sender;
    section.text(country, sender);
    if (country != "default" && !contact::is_phone_region(country))
      section.fail(country, "is no country; use an ISO 3166 code such as BR, or default");
    if (!is_sender(sender))
      section.fail(
          country,
          fmt::format("must be a number of at most 15 digits or a name of at most 11 plain letters, digits and "
                      "spaces, but is \"{}\"",
                      sender));
    out.senders[country == "default" ? "" : country] = sender;
  }
}

std::optional<delivery::ValueCheck> read_check(Section& section) {
  std::optional<Pointer> pointer;
  read_pointer(section, "pointer", pointer);
  delivery::ValueCheck check;
  section.texts("values", check.values);
  if (!pointer && check.values.empty()) return std::nullopt;
  if (!pointer) section.fail("pointer", "is missing; where do the values stand?");
  if (check.values.empty()) section.fail("values", "is missing; which values are meant?");
  check.pointer = pointer.value_or(Pointer());
  return check;
}

void read_answer(Section& section, GatewayOptions& out) {
  section.parsed("answer", out.xml, one_of(kAnswers), "json or xml");
  read_pointer(section, "id", out.id);
  if (section.has("success")) {
    auto success = section.section("success");
    out.success = read_check(success);
    success.finish();
  }
  if (!section.has("id") && !section.has("success"))
    section.fail("id", "and success are both missing; a page of HTML would pass for an accepted message");
  for (auto& each : section.sections("rules")) {
    int status = 0;
    each.integer("status", status, 100, 599);
    std::vector<int> statuses;
    if (status != 0) statuses.push_back(status);
    delivery::GatewayRule rule{std::move(statuses), read_check(each)};
    if (!each.has("outcome")) each.fail("outcome", "is missing");
    each.parsed("outcome", rule.outcome, one_of(kOutcomes),
                "invalid_address, unsupported, blocked, rate_limited, later, misconfigured or rejected");
    if (status == 0 && !rule.values) each.fail("status", "and pointer are both missing; what does the rule match?");
    each.finish();
    out.rules.push_back(std::move(rule));
  }
  if (out.rules.size() > kRulesMax) section.fail("rules", fmt::format("has more than {} entries", kRulesMax));
}

void read_auth(Section& section, const Templates& templates, GatewayOptions& out) {
  section.parsed("auth", out.auth, one_of(kAuths), "none, basic, bearer or aws_sigv4");
  section.text("user", out.user);
  section.secret("secret", out.secret);
  const bool names_secret = out.auth != GatewayAuth::kNone || templates.have(delivery::Variable::kSecret, out.body);
  if (names_secret && out.secret.expose().empty())
    section.fail("secret", "is missing; set it in countersign.secrets.toml");
  if (!names_secret && !out.secret.expose().empty())
    section.fail("secret", "is set, but nothing names it; set auth, or write {secret} where the gateway expects it");
  const bool names_user = out.auth == GatewayAuth::kBasic || out.auth == GatewayAuth::kAwsSigV4;
  if ((names_user || templates.have(delivery::Variable::kUser, out.body)) && out.user.empty())
    section.fail("user", "is missing; it is the name or key id that belongs to the secret");
  section.text("region", out.region);
  section.text("service", out.service);
  if (out.auth == GatewayAuth::kAwsSigV4 && (out.region.empty() || out.service.empty()))
    section.fail("region", "and service are needed for aws_sigv4, such as us-east-1 and sns");
  std::string url;
  section.text("url", url);
  const bool bare = url.find('/', url.find("://") + 3) + 1 == url.size() && out.query.empty();
  if (out.auth == GatewayAuth::kAwsSigV4 &&
      (!bare || out.method != "POST" || out.body.form == BodyTemplate::Form::kNone))
    section.fail("auth",
                 "is aws_sigv4, which signs a POST with a form or json to https://HOST/, without path and query");
  if (out.auth != GatewayAuth::kNone && has_header(out, "authorization"))
    section.fail("headers", "has Authorization, which auth makes; leave one out");
}

std::optional<delivery::GatewayState> parse_state(std::string_view text) {
  if (const auto stage = contact::parse_delivery_stage(text)) {
    const bool failed = stage == DeliveryStage::kFailed;
    return delivery::GatewayState{*stage, failed ? std::optional(DeliveryReason::kUnknown) : std::nullopt};
  }
  const auto reason = contact::parse_delivery_reason(text);
  return reason ? std::optional(delivery::GatewayState{DeliveryStage::kFailed, reason}) : std::nullopt;
}

/// The keys of a secret or signature, but its kind.
void read_signature(Section& report, ReportAuth& out) {
  report.text("user", out.user);
  if (out.kind == ReportAuth::Kind::kBasic && out.user.empty()) report.fail("user", "is missing for auth basic");
  std::string header;
  report.text("header", header);
  report.text("nonce_header", out.nonce_header);
  report.text("timestamp_header", out.timestamp_header);
  report.parsed("hash", out.hash, one_of(kHashes), "sha1, sha256 or sha512");
  report.parsed("encoding", out.base64, one_of(kEncodings), "hex or base64");
  report.text("prefix", out.prefix);
  report.parsed("signs", out.signs, one_of(kSigns), "body, body.nonce.timestamp or parameters");
  const bool needs_header = out.kind == ReportAuth::Kind::kHeader || out.kind == ReportAuth::Kind::kHmac;
  if (needs_header && !is_header_name(header))
    report.fail("header", "must name the header, or of parameters the one, in which the secret or signature stands");
  const bool by_nonce = out.kind == ReportAuth::Kind::kHmac && out.signs == ReportAuth::Signs::kBodyNonceTimestamp;
  if (by_nonce && (out.nonce_header.empty() || out.timestamp_header.empty()))
    report.fail("nonce_header", "and timestamp_header are needed for body.nonce.timestamp");
  out.header = out.signs == ReportAuth::Signs::kParameters ? header : lower_case(header);
  out.nonce_header = lower_case(out.nonce_header);
  out.timestamp_header = lower_case(out.timestamp_header);
}

void read_report_auth(Section& report, Section& provider, ReportAuth& out) {
  report.parsed("auth", out.kind, one_of(kKinds), "token, header, basic or hmac");
  provider.secret("report_secret", out.secret);
  if ((out.kind == ReportAuth::Kind::kToken) != out.secret.expose().empty())
    provider.fail("report_secret", out.kind == ReportAuth::Kind::kToken
                                       ? "is set, but report.auth is token, which needs none"
                                       : "is missing; set it in countersign.secrets.toml");
  read_signature(report, out);
}

void refuse_signed_json(Section& table, bool json, const ReportAuth& auth) {
  if (json && auth.kind == ReportAuth::Kind::kHmac && auth.signs == ReportAuth::Signs::kParameters)
    table.fail("signs", "is parameters, which a report in JSON does not have; use body");
}

/// What people write to a number at the gateway.
delivery::GatewayInbound read_inbound(Section inbound, Section& provider) {
  delivery::GatewayInbound out;
  inbound.parsed("format", out.json, one_of(kFormats), "form or json");
  read_pointer(inbound, "items", out.items);
  const auto needed = [&](std::string_view key, std::string_view question, Pointer& pointer) {
    std::optional<Pointer> found;
    read_pointer(inbound, key, found);
    if (!found) inbound.fail(key, fmt::format("is missing; {}", question));
    pointer = found.value_or(Pointer());
  };
  needed("from", "where does the person's number stand?", out.from);
  needed("text", "where does what she wrote stand?", out.text);
  read_pointer(inbound, "time", out.time);
  if (inbound.has("only")) {
    auto only = inbound.section("only");
    out.only = read_check(only);
    only.finish();
  }
  inbound.parsed("auth", out.auth.kind, one_of(kKinds), "header, basic or hmac");
  if (out.auth.kind == ReportAuth::Kind::kToken)
    inbound.fail("auth", "must be header, basic or hmac: whoever knew an address alone could stop anybody's messages");
  provider.secret("inbound_secret", out.auth.secret);
  if (out.auth.secret.expose().empty())
    provider.fail("inbound_secret", "is missing; set it in countersign.secrets.toml");
  read_signature(inbound, out.auth);
  refuse_signed_json(inbound, out.json, out.auth);
  inbound.finish();
  return out;
}

delivery::GatewayReports read_reports(Section report, Section& provider) {
  delivery::GatewayReports out;
  report.parsed("format", out.json, one_of(kFormats), "form or json");
  read_pointer(report, "items", out.items);
  read_pointer(report, "id", out.id);
  read_pointer(report, "our_id", out.our_id);
  read_pointer(report, "code", out.reason_code);
  std::optional<Pointer> state;
  read_pointer(report, "state", state);
  if (!state) report.fail("state", "is missing; where does the state of the message stand?");
  out.state = state.value_or(Pointer());
  auto states = report.section("states");
  for (const auto& name : states.names()) {
    delivery::GatewayState said{};
    states.parsed(name, said, parse_state,
                  "a stage (accepted, sent, delivered, read, failed) or the reason of a failure");
    out.states[lower_case(name)] = said;
  }
  if (out.states.empty()) report.fail("states", "is missing; which states mean delivered, which failed?");
  auto reasons = report.section("reasons");
  for (const auto& code : reasons.names())
    reasons.parsed(code, out.reasons[code], contact::parse_delivery_reason,
                   "invalid_address, unsupported_address, blocked, misconfigured, expired, unavailable, rejected or "
                   "unknown");
  read_report_auth(report, provider, out.auth);
  refuse_signed_json(report, out.json, out.auth);
  report.finish();
  return out;
}

}  // namespace

HttpGatewayConfig read_http_gateway(Section& section, Mode mode) {
  HttpGatewayConfig out;
  auto& gateway = out.gateway;
  Templates templates;
  bool private_addresses = false;
  section.flag("private_addresses", private_addresses);
  if (private_addresses) gateway.addresses = delivery::AddressPolicy::kAny;
  if (!section.has("url")) section.fail("url", "is missing; set the address at which the gateway takes messages");
  // Plain HTTP sends codes in clear; acceptable only within the operator's own network.
  read_url(section, private_addresses || mode == Mode::kDevelopment, templates, gateway);
  section.parsed(
      "method", gateway.method,
      [](std::string_view text) {
        const bool known = text == "POST" || text == "GET" || text == "PUT";
        return known ? std::optional(std::string(text)) : std::nullopt;
      },
      "POST, GET or PUT");
  gateway.query = templates.read_all(section.section("query"));
  gateway.headers = templates.read_all(section.section("headers"));
  for (const auto& [name, value] : gateway.headers) {
    if (!is_header_name(name)) section.fail("headers", fmt::format("names {}, which is no header", name));
    if (value.has(delivery::Variable::kText)) section.fail("headers", "has {text}, which may have several lines");
  }
  read_body(section, templates, gateway.body);
  refuse_own_headers(section, gateway);
  if (gateway.method == "GET" && gateway.body.form != BodyTemplate::Form::kNone)
    section.fail("method", "is GET, which has no body; use query in place of form and json");
  read_senders(section.section("senders"), gateway);
  read_auth(section, templates, gateway);
  read_answer(section, gateway);
  section.parsed("reports", out.reports, one_of(kReports), "usable, unusable or none");
  if (section.has("report")) gateway.reports = read_reports(section.section("report"), section);
  if (section.has("inbound")) gateway.inbound = read_inbound(section.section("inbound"), section);
  Duration timeout = gateway.timeout;
  section.duration("timeout", timeout, std::chrono::seconds(1), std::chrono::seconds(60));
  gateway.timeout = std::chrono::duration_cast<std::chrono::milliseconds>(timeout);

  const auto names = [&](delivery::Variable variable) { return templates.have(variable, gateway.body); };
  if (!names(delivery::Variable::kText))
    section.fail("json", "or form, or query must have {text}: nothing else has the code");
  if (!names(delivery::Variable::kTo) && !names(delivery::Variable::kDigits))
    section.fail("json", "or form, or query must have {to} or {digits}: to whom does the message go?");
  if (names(delivery::Variable::kSender) && !gateway.senders.contains(""))
    section.fail("senders", "must have default, since the template has {sender}");
  if (!names(delivery::Variable::kSender) && !gateway.senders.empty())
    section.fail("senders", "is set, but nothing names it; write {sender} where the gateway expects it");
  if (out.reports == contact::Reports::kUsable && !gateway.reports)
    section.fail("reports", "is usable, but there is no table report that says how they are read");
  if (gateway.reports && gateway.reports->id && !gateway.id)
    section.fail("id", "is missing, since report.id is compared with it; leave both out where the answer has none");
  if (names(delivery::Variable::kCallbackUrl) && !gateway.reports)
    section.fail("report", "is missing, since the template has {callback_url}");
  if (gateway.reports && gateway.reports->auth.kind == ReportAuth::Kind::kToken &&
      !names(delivery::Variable::kCallbackUrl))
    section.fail("report", "is believed by the token in {callback_url}, which the template does not have");
  out.bounds_life = names(delivery::Variable::kTtlSeconds) || names(delivery::Variable::kTtlMinutes) ||
                    names(delivery::Variable::kTtlMs) || names(delivery::Variable::kExpiresAt);
  return out;
}

std::vector<std::string> lacks_of(const std::string& name, const HttpGatewayConfig& config) {
  std::vector<std::string> lacks;
  const auto add = [&](std::string_view what) { lacks.push_back(fmt::format("gateway {} {}", name, what)); };
  if (!config.gateway.reports)
    add("has no table report: nobody learns that a message did not arrive");
  else if (config.gateway.reports->auth.kind != ReportAuth::Kind::kToken && !config.gateway.reports->our_id)
    add("has no report.our_id: at one address for all messages, no report is about a message of ours");
  // To a name nobody can answer.
  const auto& senders = config.gateway.senders;
  const bool answerable = senders.empty() || std::ranges::any_of(senders, [](const auto& sender) {
                            return std::ranges::none_of(sender.second, is_letter);
                          });
  if (!config.gateway.inbound && answerable)
    add("has no table inbound: who answers STOP is sent the next message, unless the gateway refuses it");
  if (!config.gateway.id) add("has no id: its messages cannot be looked up there");
  if (!config.bounds_life) add("has no {ttl_…} or {expires_at}: codes may arrive after they have ended");
  return lacks;
}

}  // namespace countersign::main
