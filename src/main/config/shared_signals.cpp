#include <fmt/format.h>

#include <algorithm>

#include "delivery/webhook_url.h"
#include "main/config/files.h"
#include "main/config/parts.h"
#include "main/config/provider_parts.h"

namespace countersign::main {

namespace {

constexpr std::size_t kIssuerMax = 512;

void read_issuer(Section& section, std::string_view key, std::string& out) {
  section.text(key, out);
  if (out.size() > kIssuerMax) section.fail(key, "is longer than 512 bytes");
}

void read_keys(Section& section, const Config& config, SharedSignalsConfig& out) {
  std::filesystem::path file;
  section.path("jwks_file", file);
  section.text("jwks_url", out.jwks_url);
  if (file.empty() == out.jwks_url.empty()) {
    section.fail("jwks_url", file.empty() ? "is missing; set it, or jwks_file: the keys that the issuer signs with"
                                          : "and jwks_file are both set; leave one out");
    return;
  }
  if (!out.jwks_url.empty()) {
    const bool development = config.mode == Mode::kDevelopment;
    const auto url = delivery::read_webhook_url(
        out.jwks_url, development ? delivery::AddressPolicy::kAny : delivery::AddressPolicy::kPublicOnly,
        development ? delivery::PlainHttp::kAllowed : delivery::PlainHttp::kRefused);
    if (!url) section.fail("jwks_url", fmt::format("is no address to fetch from: {}", url.error()));
    return;
  }
  constexpr std::size_t kKeySetMax = std::size_t{64} * 1024;
  const auto text = read_public_file(file, kKeySetMax);
  if (!text) return section.fail("jwks_file", fmt::format("names {}, which {}", file.string(), text.error()));
  auto keys = crypto::read_key_set(*text);
  if (!keys || keys->empty())
    return section.fail("jwks_file", "must be a JSON Web Key Set with a key of RS256, ES256 or EdDSA that has a kid");
  out.keys = *std::move(keys);
}

void read_runs(Section& section, SharedSignalsConfig& out) {
  std::vector<std::string> runs;
  section.texts("runs", runs);
  for (const auto& what : runs) {
    if (what == "email")
      out.runs_mailboxes = true;
    else if (what == "phone")
      out.runs_lines = true;
    else
      section.fail("runs", fmt::format("must name email, phone or both, but has \"{}\"", what));
  }
}

SharedSignalsConfig read_receiver(const std::string& name, Section& section, const Config& config) {
  SharedSignalsConfig out;
  if (!config.accounts.empty()) out.account = config.accounts.front().name;
  section.text("account", out.account);
  if (std::ranges::find(config.accounts, out.account, &AccountConfig::name) == config.accounts.end())
    section.fail("account", fmt::format("is \"{}\", which is no account", out.account));
  require(section, "issuer", "set the `iss` of its tokens, such as https://accounts.example.com/");
  read_issuer(section, "issuer", out.issuer);
  out.audience = fmt::format("{}/v1/shared-signals/{}", config.public_url, name);
  read_issuer(section, "audience", out.audience);
  out.subject_issuer = out.issuer;
  read_issuer(section, "subject_issuer", out.subject_issuer);
  read_keys(section, config, out);
  out.algorithms = {crypto::ForeignAlgorithm::kRs256, crypto::ForeignAlgorithm::kEs256};
  section.parsed_list("algorithms", out.algorithms, crypto::parse_foreign_algorithm, "RS256, ES256 or EdDSA");
  if (out.algorithms.empty()) section.fail("algorithms", "must name at least one of RS256, ES256 and EdDSA");
  section.secret("authorization", out.authorization);
  read_runs(section, out);
  section.finish();
  return out;
}

}  // namespace

void read_shared_signals(Section& whole, Config& config) {
  for (auto& [name, section] : whole.named_sections("shared_signals")) {
    if (!is_name(name)) section.fail_here("is no name of an issuer; use a-z, 0-9, - and _");
    config.shared_signals[name] = read_receiver(name, section, config);
  }
}

}  // namespace countersign::main
