#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "base/ip.h"
#include "contact/host_name.h"
#include "contact/phone_number.h"
#include "main/config/parts.h"
#include "main/config/provider_parts.h"

namespace countersign::main {

namespace {

/// The languages in which we write to people.
constexpr std::array<std::string_view, 3> kLanguages{"pt-BR", "en", "es"};

std::string_view language_of(std::string_view locale) { return locale.substr(0, locale.find('-')); }

/// Enough of BCP 47 for a key: `es`, `pt-BR`, `zh-Hant-HK`.
bool is_locale(std::string_view text) {
  return !text.empty() && text.size() <= 35 && is_letter(text.front()) && text.back() != '-' &&
         std::ranges::all_of(text, [](char c) { return is_letter_or_digit(c) || c == '-'; });
}

/// `pt_BR`, `en`, `es_MX`: as Meta writes them.
std::optional<std::string> parse_template_language(std::string_view text) {
  const bool well_formed = text.size() >= 2 && text.size() <= 12 && is_letter(text.front()) && text.back() != '_' &&
                           std::ranges::all_of(text, [](char c) { return is_letter_or_digit(c) || c == '_'; });
  return well_formed ? std::optional(std::string(text)) : std::nullopt;
}

std::optional<std::string> parse_digits(std::string_view text) {
  const bool digits = !text.empty() && text.size() <= 32 && std::ranges::all_of(text, is_digit);
  return digits ? std::optional(std::string(text)) : std::nullopt;
}

std::optional<std::string> parse_version(std::string_view text) {
  const auto dot = text.find('.');
  const bool well_formed = text.starts_with('v') && text.size() <= 8 && dot != std::string_view::npos &&
                           parse_digits(text.substr(1, dot - 1)) && parse_digits(text.substr(dot + 1));
  return well_formed ? std::optional(std::string(text)) : std::nullopt;
}

/// Meta: lower-case letters, digits and underscores, at most 512.
std::optional<std::string> parse_template_name(std::string_view text) {
  const bool well_formed = !text.empty() && text.size() <= 512 && std::ranges::all_of(text, [](char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || c == '_';
  });
  return well_formed ? std::optional(std::string(text)) : std::nullopt;
}

/// The table `key` of values by locale.
template <class Parse>
void read_by_locale(Section& section, std::string_view key, std::map<std::string, std::string, std::less<>>& out,
                    Parse parse, std::string_view form) {
  if (!section.has(key)) return;
  Section table = section.section(key);
  for (const auto& locale : table.names()) {
    if (!is_locale(locale)) table.fail(locale, "is no language; write it as in pt-BR, en or es");
    table.parsed(locale, out[locale], parse, form);
  }
}

void require_secret(Section& section, std::string_view key, SecretString& out, std::string_view advice) {
  require(section, key, fmt::format("{}, in countersign.secrets.toml", advice));
  section.secret(key, out);
}

/// Whether the Internet can reach an origin, as far as its name tells.
bool is_reachable(std::string_view origin) {
  const std::string host = host_of_origin(origin);
  const std::string_view bare = host;
  const bool bracketed = bare.starts_with('[') && bare.ends_with(']');
  if (const auto address = IpAddress::parse(bracketed ? bare.substr(1, bare.size() - 2) : bare))
    return address->is_public();
  constexpr std::array<std::string_view, 4> kPrivate{".localhost", ".local", ".internal", ".test"};
  return contact::is_host_name(host) &&
         std::ranges::none_of(kPrivate, [&](std::string_view end) { return host.ends_with(end); });
}

/// Languages of ours that `entries` lacks, so that another one stands in.
std::vector<std::string> languages_missing(std::string_view key, std::string_view what,
                                           const std::map<std::string, std::string, std::less<>>& entries) {
  std::vector<std::string> missing;
  for (const auto language : kLanguages) {
    const bool there = std::ranges::any_of(
        entries, [&](const auto& entry) { return language_of(entry.first) == language_of(language); });
    if (!there)
      missing.push_back(
          fmt::format("{} has no {} for {}: such messages come in another language", key, what, language));
  }
  return missing;
}

struct Lacks {
  const std::string& name;
  const Config& config;

  [[nodiscard]] std::string key(std::string_view of) const { return fmt::format("providers.{}.{}", name, of); }

  std::vector<std::string> operator()(const WhatsappCloudConfig& c) const {
    auto lacks = languages_missing(key("languages"), "template", c.languages);
    if (!config.public_url.starts_with("https://") || !is_reachable(config.public_url))
      lacks.push_back(fmt::format(
          "{}/callbacks/whatsapp/{} cannot be reached by Meta: it needs https and a public name; failures after the "
          "send stay unknown",
          config.public_url, name));
    return lacks;
  }
  std::vector<std::string> operator()(const TwilioMessagingConfig& c) const {
    const bool by_whatsapp = std::ranges::any_of(config.services, [&](const ServiceConfig& service) {
      const auto found = service.channels.find(contact::Channel::kWhatsapp);
      return found != service.channels.end() && found->second == name;
    });
    if (!by_whatsapp) return {};
    if (!c.whatsapp_content.empty()) return languages_missing(key("whatsapp_content"), "template", c.whatsapp_content);
    return {fmt::format("{} is not set: WhatsApp takes free text only from whom the person wrote to within 24 hours",
                        key("whatsapp_content"))};
  }
  std::vector<std::string> operator()(const TwilioVoiceConfig&) const {
    if (is_reachable(config.public_url)) return {};
    return {
        fmt::format("{}/callbacks/twilio/voice/ cannot be reached by Twilio, which asks there for the code: nobody "
                    "would hear it",
                    config.public_url)};
  }
  std::vector<std::string> operator()(const auto&) const { return {}; }
};

}  // namespace

TwilioVoiceConfig read_twilio_voice(Section& section) {
  TwilioVoiceConfig out;
  out.twilio = read_twilio(section);
  if (section.has("api_key_sid") && !section.has("auth_token"))
    section.fail("auth_token", "is missing; Twilio asks for the code with a signature by it");
  require(section, "from", "set a number of the account that can call");
  const auto parse_number = [](std::string_view text) -> std::optional<std::string> {
    const auto number = contact::PhoneNumber::parse(text);
    return number ? std::optional(std::string(number->text())) : std::nullopt;
  };
  section.parsed("from", out.from, parse_number, "a number such as +15005550006");
  const auto parse_voice = [](std::string_view text) -> std::optional<std::string> {
    const bool is_voice = !text.empty() && text.size() <= 64 && std::ranges::all_of(text, [](char c) {
      return is_letter_or_digit(c) || c == '.' || c == '-' || c == '_' || c == '/';
    });
    return is_voice ? std::optional(std::string(text)) : std::nullopt;
  };
  read_by_locale(section, "voices", out.voices, parse_voice, "a voice of Twilio's such as Polly.Camila-Neural");
  return out;
}

void read_whatsapp_content(Section& section, std::map<std::string, std::string, std::less<>>& out) {
  const auto parse = [](std::string_view text) -> std::optional<std::string> {
    const bool is_sid = text.size() == 34 && text.starts_with("HX") && std::ranges::all_of(text.substr(2), [](char c) {
                          return is_digit(c) || (c >= 'a' && c <= 'f');
                        });
    return is_sid ? std::optional(std::string(text)) : std::nullopt;
  };
  read_by_locale(section, "whatsapp_content", out, parse, "the SID of a content template: HX and 32 hex digits");
}

WhatsappCloudConfig read_whatsapp_cloud(Section& section) {
  WhatsappCloudConfig out;
  require(section, "phone_number_id", "set Meta's id of the sending number");
  section.parsed("phone_number_id", out.phone_number_id, parse_digits, "digits: the id, not the number itself");
  require_secret(section, "access_token", out.access_token, "set the token of a system user");
  require_secret(section, "app_secret", out.app_secret, "set the app's secret, which signs Meta's reports");
  section.secret("previous_app_secret", out.previous_app_secret);
  require_secret(section, "verify_token", out.verify_token, "set a word of your own, the one you give at Meta");
  section.parsed("api_version", out.api_version, parse_version, "a version such as v26.0");
  require(section, "template", "set the name of an approved authentication template");
  section.parsed("template", out.template_name, parse_template_name, "a name of lower-case letters, digits and _");
  read_by_locale(section, "languages", out.languages, parse_template_language, "a language of Meta's such as pt_BR");
  if (out.languages.empty()) section.fail("languages", "is missing; set a template's language for each locale");
  section.parsed("base_url", out.base_url, parse_origin, "an origin such as https://graph.facebook.com");
  read_timeout(section, out.timeout);
  return out;
}

bool shows_display(const ProviderConfig& provider, contact::Channel channel) {
  if (std::holds_alternative<WhatsappCloudConfig>(provider)) return false;
  // A template shows the code alone; free text is taken, and reaches only who has written within the last day (63016).
  if (std::holds_alternative<TwilioMessagingConfig>(provider)) return channel != contact::Channel::kWhatsapp;
  // Twilio's text has the amount and the payee with PSD2 alone.
  const auto* verify = std::get_if<TwilioVerifyConfig>(&provider);
  return verify == nullptr || verify->psd2;
}

std::vector<std::string> lacks_of(const std::string& name, const ProviderConfig& provider, const Config& config) {
  return std::visit(Lacks{name, config}, provider);
}

}  // namespace countersign::main
