#include <fmt/format.h>

#include <algorithm>

#include "base/ascii.h"
#include "base/ip.h"
#include "contact/email_address.h"
#include "contact/host_name.h"
#include "domain/display.h"
#include "main/config/parts.h"
#include "main/config/provider_parts.h"

namespace countersign::main {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

void require(Section& section, std::string_view key, std::string_view advice) {
  if (!section.has(key)) section.fail(key, fmt::format("is missing; {}", advice));
}

void read_timeout(Section& section, milliseconds& out) {
  Duration value = out;
  section.duration("timeout", value, seconds(1), seconds(60));
  out = std::chrono::duration_cast<milliseconds>(value);
}

namespace {

std::string_view sid_form(std::string_view prefix) {
  if (prefix == "AC") return "Twilio's account SID: AC and 32 hex digits";
  if (prefix == "VA") return "the SID of a Verify service: VA and 32 hex digits";
  if (prefix == "MG") return "the SID of a messaging service: MG and 32 hex digits";
  return "the SID of an API key: SK and 32 hex digits";
}

void read_sid(Section& section, std::string_view key, std::string_view prefix, std::string& out) {
  const auto parse = [&](std::string_view text) -> std::optional<std::string> {
    const bool is_sid =
        text.size() == 34 && text.starts_with(prefix) &&
        std::ranges::all_of(text.substr(2), [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); });
    return is_sid ? std::optional(std::string(text)) : std::nullopt;
  };
  section.parsed(key, out, parse, sid_form(prefix));
}

}  // namespace

TwilioCredentials read_twilio(Section& section) {
  TwilioCredentials twilio;
  require(section, "account_sid", "set it, or TWILIO_ACCOUNT_SID for the provider called twilio");
  read_sid(section, "account_sid", "AC", twilio.account_sid);
  section.secret("auth_token", twilio.auth_token);
  twilio.user = twilio.account_sid;
  twilio.password = twilio.auth_token;
  if (section.has("api_key_sid")) {
    read_sid(section, "api_key_sid", "SK", twilio.user);
    require(section, "api_key_secret", "an API key needs its secret");
    section.secret("api_key_secret", twilio.password);
  } else {
    require(section, "auth_token",
            "set it in countersign.secrets.toml, or TWILIO_AUTH_TOKEN for the provider called twilio");
  }
  section.parsed("base_url", twilio.base_url, parse_origin, "an origin such as https://verify.twilio.com");
  read_timeout(section, twilio.timeout);
  return twilio;
}

HttpHookConfig read_http_hook(Section& section, Mode mode, std::string_view what) {
  HttpHookConfig out;
  require(section, "url", fmt::format("set the address that {} posted to", what));
  section.text("url", out.url);
  section.flag("private_addresses", out.private_addresses);
  // Plain HTTP sends codes in clear; acceptable only within the operator's own network.
  const bool may_be_plain = out.private_addresses || mode == Mode::kDevelopment;
  if (!out.url.starts_with("https://") && !(may_be_plain && out.url.starts_with("http://"))) {
    section.fail("url", fmt::format("must start with https://, but is \"{}\"", out.url));
  }
  require(section, "secret", "set the shared secret, whsec_…, in countersign.secrets.toml");
  SecretString secret;
  section.secret("secret", secret);
  SecretString previous;
  section.secret("previous_secret", previous);
  for (auto* each : {&secret, &previous}) {
    if (each->expose().empty()) continue;
    if (!each->expose().starts_with("whsec_")) section.fail("secret", "must start with whsec_");
    out.secrets.push_back(std::move(*each));
  }
  read_timeout(section, out.timeout);
  return out;
}

namespace {

TwilioVerifyConfig read_twilio_verify(Section& section) {
  TwilioVerifyConfig out;
  out.twilio = read_twilio(section);
  require(section, "service_sid", "set it, or TWILIO_VERIFY_SERVICE_SID for the provider called twilio");
  read_sid(section, "service_sid", "VA", out.service_sid);
  section.flag("psd2", out.psd2);
  section.flag("custom_friendly_name", out.custom_friendly_name);
  return out;
}

TwilioMessagingConfig read_twilio_messaging(Section& section) {
  TwilioMessagingConfig out;
  out.twilio = read_twilio(section);
  section.text("from", out.from);
  read_sid(section, "messaging_service_sid", "MG", out.messaging_service_sid);
  section.text("whatsapp_from", out.whatsapp_from);
  read_whatsapp_content(section, out.whatsapp_content);
  if (!out.from.empty() && !out.messaging_service_sid.empty()) {
    section.fail("from", "and messaging_service_sid are both set; leave one out");
  }
  if (out.from.empty() && out.messaging_service_sid.empty() && out.whatsapp_from.empty()) {
    section.fail("from", "is missing; set from, messaging_service_sid or whatsapp_from");
  }
  return out;
}

std::optional<std::string> parse_mailbox(std::string_view text) {
  const auto address = contact::EmailAddress::parse(text);
  // Of our own only: no server need offer SMTPUTF8 for it.
  return address && !address->needs_smtputf8() ? std::optional(address->text()) : std::nullopt;
}

/// A name in DNS, an address, or `localhost`: a relay's name in an internal network may have one label.
std::optional<std::string> parse_mail_host(std::string_view text) {
  if (const auto address = IpAddress::parse(text))
    return !address->is_v4() ? fmt::format("[{}]", text) : std::string(text);
  const std::string name = lower_case(text);
  const bool one_label = !name.empty() && name.size() <= 63 && is_letter_or_digit(name.front()) &&
                         std::ranges::all_of(name, [](char c) { return is_letter_or_digit(c) || c == '-'; });
  return one_label || contact::is_host_name(name) ? std::optional(name) : std::nullopt;
}

std::optional<MailTls> parse_mail_tls(std::string_view text) {
  if (text == "starttls") return MailTls::kStartTls;
  if (text == "implicit") return MailTls::kImplicit;
  if (text == "none") return MailTls::kNone;
  return std::nullopt;
}

/// Of the 64 that a local part may have, `+` and a tag take 43. [RFC 5321, 4.5.3.1.1]
constexpr std::size_t kTaggedLocalPartMax = 21;

bool is_this_machine(const std::string& host) { return host == "localhost" || host == "127.0.0.1" || host == "[::1]"; }

SmtpConfig read_smtp(Section& section) {
  SmtpConfig out;
  require(section, "host", "set the mail server that takes your mail, such as smtp.example.com");
  section.parsed("host", out.host, parse_mail_host, "the name or address of a mail server, such as smtp.example.com");
  section.parsed("tls", out.tls, parse_mail_tls, "starttls, implicit or none");
  out.port = out.tls == MailTls::kImplicit ? 465 : 587;
  section.integer("port", out.port, 1, 65'535);
  // Codes and the password would cross the network in clear.
  if (out.tls == MailTls::kNone && !is_this_machine(out.host))
    section.fail("tls", "is none, which is only for a mail server on this machine; use starttls or implicit");
  if (out.tls == MailTls::kStartTls && out.port == 465)
    section.fail("port", "is 465, where TLS starts with the first byte; set tls to implicit, or the port to 587");
  section.text("user", out.user);
  section.secret("password", out.password);
  if (out.user.empty() != out.password.expose().empty())
    section.fail("user", "and password belong together; set both, or neither");
  require(section, "from", "set the address that people see as the sender");
  section.parsed("from", out.from, parse_mailbox, "an e-mail address such as codes@example.com");
  section.text("from_name", out.from_name);
  if (!domain::is_showable(out.from_name, 60))
    section.fail("from_name", "must be at most 60 characters without line breaks or invisible ones");
  out.return_path = out.from;
  std::string return_path = out.from;
  section.text("return_path", return_path);
  constexpr std::string_view kTag = "+{message}@";
  out.tags_returns = return_path.contains(kTag);
  if (out.tags_returns) return_path.replace(return_path.find(kTag), kTag.size(), "@");
  const auto returns = parse_mailbox(return_path);
  if (!returns)
    section.fail("return_path",
                 "must be an e-mail address such as bounces@example.com or bounces+{message}@example.com");
  else if (out.tags_returns && returns->find('@') > kTaggedLocalPartMax)
    section.fail("return_path",
                 fmt::format("must have at most {} characters before +{{message}}", kTaggedLocalPartMax));
  out.return_path = returns.value_or("");
  section.path("ca_file", out.ca_file);
  std::error_code ignored;
  if (!out.ca_file.empty() && !std::filesystem::is_regular_file(out.ca_file, ignored))
    section.fail("ca_file", fmt::format("names {}, which is no file", out.ca_file.string()));
  section.integer("connections", out.connections, 1, 64);
  read_timeout(section, out.timeout);
  return out;
}

void read_provider(const std::string& name, Section section, Config& config) {
  if (!is_name(name)) section.fail_here("is no provider name; use a-z, 0-9, - and _");
  if (!section.has("type")) {
    section.fail("type", name == "twilio"
                             ? "is missing; for Twilio Verify set TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and "
                               "TWILIO_VERIFY_SERVICE_SID together"
                             : "is missing; it is twilio_verify, twilio_messaging, twilio_voice, whatsapp_cloud, smtp, "
                               "http_hook, http_gateway or inbox");
    return;
  }
  if (section.has("cost")) read_prices(section.section("cost"), config.prices[name]);
  if (section.has("at_once")) section.integer("at_once", config.at_once[name], 1, 1000);
  std::string type;
  section.text("type", type);
  if (type == "twilio_verify") {
    config.providers[name] = read_twilio_verify(section);
  } else if (type == "twilio_messaging") {
    config.providers[name] = read_twilio_messaging(section);
  } else if (type == "http_hook") {
    config.providers[name] = read_http_hook(section, config.mode, "messages are");
  } else if (type == "http_gateway") {
    config.providers[name] = read_http_gateway(section, config.mode);
  } else if (type == "smtp") {
    config.providers[name] = read_smtp(section);
  } else if (type == "twilio_voice") {
    config.providers[name] = read_twilio_voice(section);
  } else if (type == "whatsapp_cloud") {
    config.providers[name] = read_whatsapp_cloud(section);
  } else if (type == "inbox") {
    config.providers[name] = InboxConfig{};
    if (config.mode == Mode::kProduction) {
      section.fail("type", "is inbox, which shows codes to everybody and is for development mode alone");
    }
  } else {
    section.fail("type", fmt::format("must be twilio_verify, twilio_messaging, twilio_voice, whatsapp_cloud, smtp, "
                                     "http_hook, http_gateway or inbox, but is \"{}\"",
                                     type));
    return;
  }
  section.finish();
}

constexpr std::string_view kMethodForm = "one of sms, call, whatsapp, email, totp, webauthn, push, recovery_code";

void read_methods(Section& section, std::string_view key, domain::MethodSet& out) {
  if (!section.has(key)) return;
  std::vector<domain::Method> methods;
  section.parsed_list(key, methods, domain::parse_method, kMethodForm);
  out = {};
  for (const auto method : methods) out.add(method);
}

domain::Policy read_policy(const std::string& name, Section section) {
  domain::Policy policy;
  if (!is_name(name)) section.fail_here("is no policy name; use a-z, 0-9, - and _");
  read_methods(section, "any_of", policy.any_of);
  section.integer("min_kinds", policy.min_kinds, 1, 3);
  section.flag("user_verification", policy.user_verification);
  section.flag("device_bound", policy.device_bound);
  section.flag("totp_alone", policy.totp_alone);
  section.flag("email_alone", policy.email_alone);
  section.flag("display_required", policy.display_required);
  section.flag("trust_on_first_use", policy.trust_on_first_use);
  read_methods(section, "enrol", policy.enrol);
  // Extends the wait of the service. [STD-3] The second name dates from before the rules of standing.
  section.duration("wait", policy.wait, Duration::zero(), hours(24 * 365));
  if (!section.has("wait")) {
    section.duration("contact_quiet_period", policy.wait, Duration::zero(), hours(24 * 365));
  } else if (section.has("contact_quiet_period")) {
    section.fail("contact_quiet_period", "is the older name of wait; leave it out");
  }
  if (const auto fault = domain::policy_fault(policy)) section.fail("any_of", fmt::format("does not work: {}", *fault));
  section.finish();
  return policy;
}

}  // namespace

void read_providers(Section& whole, Config& config) {
  for (auto& [name, section] : whole.named_sections("providers")) read_provider(name, section, config);
}

void read_policies(Section& whole, Config& config) {
  for (auto& [name, section] : whole.named_sections("policies")) config.policies[name] = read_policy(name, section);
}

}  // namespace countersign::main
