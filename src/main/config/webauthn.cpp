#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

#include "base/encoding.h"
#include "base/time.h"
#include "main/config/files.h"
#include "main/config/metadata_file.h"
#include "main/config/parts.h"
#include "main/config/public_suffix_list.h"
#include "main/config/public_suffix_rules.h"
#include "webauthn/aaguid.h"
#include "webauthn/rp_id.h"

namespace countersign::main {

namespace {

using webauthn::UserVerification;

constexpr std::string_view kLocalhost = "localhost";
constexpr std::array kKeys{
    std::string_view("rp_id"),          std::string_view("origins"),       std::string_view("related_origins"),
    std::string_view("android_apps"),   std::string_view("apple_apps"),    std::string_view("user_verification"),
    std::string_view("strict_counter"), std::string_view("attestation"),   std::string_view("anchors"),
    std::string_view("metadata"),       std::string_view("metadata_root"), std::string_view("aaguid_allow"),
    std::string_view("aaguid_deny")};

/// Without the port that goes without saying, as browsers write it.
std::string as_browsers_write(std::string_view origin) {
  const std::string_view port = origin.starts_with("https://") ? ":443" : ":80";
  if (origin.ends_with(port)) origin.remove_suffix(port.size());
  return std::string(origin);
}

/// Browsers offer passkeys to secure contexts alone.
bool is_secure(std::string_view origin) {
  return origin.starts_with("https://") || host_of_origin(origin) == kLocalhost;
}

std::optional<std::string> parse_page_origin(std::string_view text) {
  auto origin = parse_origin(text);
  if (!origin || !is_secure(*origin)) return std::nullopt;
  return as_browsers_write(*origin);
}

std::optional<UserVerification> parse_user_verification(std::string_view text) {
  if (text == "required") return UserVerification::kRequired;
  if (text == "preferred") return UserVerification::kPreferred;
  if (text == "discouraged") return UserVerification::kDiscouraged;
  return std::nullopt;
}

std::optional<bool> parse_attestation(std::string_view text) {
  if (text == "none") return false;
  if (text == "trusted") return true;
  return std::nullopt;
}

/// The certificates of a PEM file; nothing if there is none, or something else in a certificate's place.
std::optional<std::vector<webauthn::Certificate>> parse_certificates(std::string_view pem) {
  constexpr std::string_view kBegin = "-----BEGIN CERTIFICATE-----";
  constexpr std::string_view kEnd = "-----END CERTIFICATE-----";
  std::vector<webauthn::Certificate> all;
  for (auto at = pem.find(kBegin); at != std::string_view::npos; at = pem.find(kBegin)) {
    pem.remove_prefix(at + kBegin.size());
    const auto end = pem.find(kEnd);
    if (end == std::string_view::npos) return std::nullopt;
    std::string text;
    std::ranges::copy_if(pem.substr(0, end), std::back_inserter(text), [](char c) { return c != '\n' && c != '\r'; });
    const auto der = from_base64(text);
    auto certificate = der ? webauthn::Certificate::parse(*der) : std::nullopt;
    if (!certificate) return std::nullopt;
    all.push_back(*std::move(certificate));
    pem.remove_prefix(end + kEnd.size());
  }
  return all.empty() ? std::nullopt : std::optional(std::move(all));
}

/// Nothing if the key is not set, or names a file with something else, which then is an error.
std::vector<webauthn::Certificate> read_certificates(Section& section, std::string_view key) {
  std::filesystem::path path;
  section.path(key, path);
  if (path.empty()) return {};
  const auto file = read_small_file(path);
  auto certificates = file ? parse_certificates(file->expose()) : std::nullopt;
  if (!file) section.fail(key, fmt::format("names {}, which {}", path.string(), file.error()));
  if (file && !certificates)
    section.fail(key, fmt::format("names {}, which must be certificates in PEM", path.string()));
  return certificates ? *std::move(certificates) : std::vector<webauthn::Certificate>();
}

/// What another service has read already, or a new one.
std::shared_ptr<MetadataFile> metadata_file(const Config& config, std::filesystem::path path,
                                            webauthn::MetadataTrust trust) {
  for (const auto& service : config.services) {
    if (service.webauthn && service.webauthn->metadata && service.webauthn->metadata->is(path, trust))
      return service.webauthn->metadata;
  }
  return std::make_shared<MetadataFile>(std::move(path), std::move(trust));
}

void read_metadata(Section& section, const Config& config, WebauthnConfig& out) {
  std::filesystem::path path;
  section.path("metadata", path);
  webauthn::MetadataTrust trust{read_certificates(section, "metadata_root")};
  if (path.empty() != !section.has("metadata_root"))
    section.fail(path.empty() ? "metadata" : "metadata_root",
                 "is missing; the metadata of FIDO needs a file and the root certificate that it leads to");
  if (path.empty() || trust.anchors.empty()) return;
  auto file = metadata_file(config, path, std::move(trust));
  if (!file->current()) {
    if (const auto read = file->read(system_clock().now()); !read)
      return section.fail("metadata", fmt::format("names {}, which {}", path.string(), read.error()));
  }
  out.metadata = std::move(file);
}

void read_attestation(Section& section, const Config& config, WebauthnConfig& out) {
  section.parsed("attestation", out.trusted_attestation, parse_attestation, "none or trusted");
  out.anchors = read_certificates(section, "anchors");
  read_metadata(section, config, out);
  if (out.trusted_attestation && !section.has("anchors") && !section.has("metadata"))
    section.fail("anchors",
                 "is missing; attestation = \"trusted\" needs a PEM file with the roots that you trust, or metadata");
  constexpr std::string_view kForm = "an AAGUID such as 2fc0579f-8113-47ea-b116-bb5a8db9202a";
  section.parsed_list("aaguid_allow", out.aaguid_allow, webauthn::aaguid_from_text, kForm);
  section.parsed_list("aaguid_deny", out.aaguid_deny, webauthn::aaguid_from_text, kForm);
  if (out.trusted_attestation) return;
  for (const std::string_view key : {"anchors", "metadata", "aaguid_allow", "aaguid_deny"}) {
    // What nobody vouches for, anybody can say.
    if (section.has(key)) section.fail(key, "has no effect without attestation = \"trusted\"; set that, too");
  }
}

/// Each origin must be a page that the browser lets use the RP ID. A page elsewhere is a related one.
void check_origins(Section& section, const WebauthnConfig& out) {
  for (const auto& origin : out.origins) {
    const auto problem = webauthn::judge_rp_id(out.rp_id, host_of_origin(origin), public_suffixes());
    if (!problem) continue;
    const bool elsewhere = problem->fault == webauthn::RpIdFault::kNotOfThisHost;
    section.fail(section.has("rp_id") ? "rp_id" : "origins",
                 fmt::format("cannot be used for the page {}: {}{}", origin, problem->remedy,
                             elsewhere ? " Or list that page in related_origins." : ""));
    return;
  }
}

}  // namespace

const webauthn::PublicSuffixList& public_suffixes() {
  static const auto kList = webauthn::PublicSuffixList::of_sorted(public_suffix_rules().front().bytes);
  return kList;
}

std::optional<WebauthnConfig> default_webauthn(const Config& config) {
  WebauthnConfig out;
  out.rp_id = host_of_origin(config.public_url);
  if (webauthn::judge_rp_id(out.rp_id, out.rp_id, public_suffixes())) return std::nullopt;
  const std::string origin = as_browsers_write(config.public_url);
  if (!is_secure(origin)) return std::nullopt;
  out.origins = {origin};
  return out;
}

bool page_may_ask(const WebauthnConfig& webauthn, std::string_view public_url) {
  const auto has = [&](const std::vector<std::string>& origins) {
    return std::ranges::find(origins, as_browsers_write(public_url)) != origins.end();
  };
  return has(webauthn.origins) || has(webauthn.related_origins);
}

std::string way_to_ask_on_page(const WebauthnConfig& webauthn, std::string_view public_url) {
  const std::string host = host_of_origin(public_url);
  const std::string page = as_browsers_write(public_url);
  if (!is_secure(page)) return fmt::format("{} is no secure page; set public_url to an https URL", page);
  if (!webauthn::judge_rp_id(webauthn.rp_id, host, public_suffixes()))
    return fmt::format("add {} to services.webauthn.origins", page);
  return fmt::format("{} is not at {}; set public_url to a host there, or add {} to services.webauthn.related_origins",
                     page, webauthn.rp_id, page);
}

void read_webauthn(Section section, const Config& config, ServiceConfig& service) {
  auto out = default_webauthn(config);
  const bool asked = std::ranges::any_of(kKeys, [&](std::string_view key) { return section.has(key); });
  if (!out && !asked) return section.finish();
  if (!out) out.emplace();
  section.text("rp_id", out->rp_id);
  if (out->rp_id.empty())
    return section.fail("rp_id", "is missing; name the host of your pages, such as verify.example.com");
  constexpr std::string_view kForm =
      "an https origin such as https://verify.example.com; for an app name the app in android_apps";
  section.parsed_list("origins", out->origins, parse_page_origin, kForm);
  section.parsed_list("related_origins", out->related_origins, parse_page_origin, kForm);
  if (out->origins.empty()) section.fail("origins", "is missing; name the pages that ask for passkeys");
  check_origins(section, *out);
  read_elsewhere(section, *out);
  section.parsed("user_verification", out->user_verification, parse_user_verification,
                 "required, preferred or discouraged");
  section.flag("strict_counter", out->strict_counter);
  read_attestation(section, config, *out);
  section.finish();
  service.webauthn = std::move(out);
}

}  // namespace countersign::main
