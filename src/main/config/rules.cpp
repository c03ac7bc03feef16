#include <fmt/format.h>

#include <algorithm>

#include "base/encoding.h"
#include "base/number.h"
#include "crypto/jws_key.h"
#include "domain/notice_text.h"
#include "main/config/parts.h"
#include "main/config/units.h"

namespace countersign::main {

namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

/// Never advise to generate new keys: without the old ones, the database cannot be opened.
constexpr std::string_view kRestore = "put back the one that the database was written under";

constexpr std::string_view kSigningKeyForm = "must be an Ed25519 or P-256 private key in PEM (\"BEGIN PRIVATE KEY\")";

/// A master key: exactly 32 bytes, in base64. The text itself never appears in an error.
void read_key(Section& section, std::string_view key, SecretString& out) {
  SecretString text;
  section.secret(key, text);
  auto bytes = from_base64(text.expose());
  if (!bytes) {
    section.fail(key, fmt::format("must be 32 bytes in base64; {}", kRestore));
  } else if (bytes->size() != crypto::Keyring::kKeySize) {
    section.fail(key, fmt::format("must be 32 bytes in base64, but is {} bytes; {}", bytes->size(), kRestore));
  } else {
    out = SecretString(std::move(*bytes));
  }
}

void read_seal_keys(Section section, SecretsConfig& out) {
  for (const auto& name : section.names()) {
    const auto id = parse_number<std::uint32_t>(name);
    if (!id || *id == 0) {
      section.fail(name, "is no key id; ids are whole numbers from 1");
      continue;
    }
    crypto::KeyringEntry entry{*id, {}};
    read_key(section, name, entry.key);
    out.seal_keys.push_back(std::move(entry));
  }
}

/// Refuses equal keys: it is unclear which of the two was meant.
bool all_different(const SecretsConfig& secrets) {
  std::vector<std::string_view> keys = {secrets.lookup_key.expose()};
  for (const auto& entry : secrets.seal_keys) keys.push_back(entry.key.expose());
  std::ranges::sort(keys);
  return std::ranges::adjacent_find(keys) == keys.end();
}

/// Two keys with one id would be in one JWKS document, and a receipt's key would be ambiguous.
void read_further_signing_keys(Section& section, SecretsConfig& out) {
  std::vector<std::string> ids;
  const auto is_new = [&](const std::string& kid) {
    if (std::ranges::find(ids, kid) != ids.end()) return false;
    ids.push_back(kid);
    return true;
  };
  if (const auto current = crypto::SigningKey::from_pkcs8_pem(out.signing_key.expose())) is_new(current->kid());

  section.secret("next_signing_key", out.next_signing_key);
  if (!out.next_signing_key.expose().empty()) {
    const auto next = crypto::SigningKey::from_pkcs8_pem(out.next_signing_key.expose());
    if (!next) section.fail("next_signing_key", kSigningKeyForm);
    if (next && !is_new(next->kid())) section.fail("next_signing_key", "is the key that signs already; leave it out");
  }

  section.text("retired_signing_keys", out.retired_signing_keys);
  const auto retired = crypto::public_keys_from_pem(out.retired_signing_keys);
  if (!retired) {
    section.fail("retired_signing_keys",
                 "must be Ed25519 or P-256 public keys in PEM (\"BEGIN PUBLIC KEY\"), one after the other, and no "
                 "private one");
    return;
  }
  for (const auto& key : *retired) {
    if (!is_new(key.kid()))
      section.fail("retired_signing_keys", fmt::format("has the key {} twice, or one that is in use", key.kid()));
  }
}

/// Where there is none, nothing is lost: there is no Web Push.
void read_push_keys(Section& section, SecretsConfig& out) {
  const auto read = [&](std::string_view name, SecretString& key) -> std::string {
    section.secret(name, key);
    if (key.expose().empty()) return {};
    const auto parsed = crypto::SigningKey::from_pkcs8_pem(key.expose());
    if (parsed && parsed->algorithm() == crypto::JwsAlgorithm::kEs256) return parsed->kid();
    section.fail(name, "must be a P-256 private key in PEM (\"BEGIN PRIVATE KEY\")");
    return {};
  };
  const auto current = read("push_key", out.push_key);
  const auto previous = read("previous_push_key", out.previous_push_key);
  if (!previous.empty() && previous == current)
    section.fail("previous_push_key", "is the key that is used already; leave it out");
  if (!previous.empty() && current.empty())
    section.fail("push_key", "is missing beside secrets.previous_push_key; `countersign keys add --push` makes one");
}

void read_within(Section& section, std::string_view key, int& out, const domain::Bounds<std::int64_t>& bounds) {
  section.integer(key, out, static_cast<int>(bounds.least), static_cast<int>(bounds.most));
}

/// Every rate of sending limits costs and nuisance, so none can be switched off.
void read_rates(Section& section, domain::Limits& out) {
  section.rate("sends_per_contact", out.sends_per_contact);
  if (out.sends_per_contact.max > 5 || out.sends_per_contact.per < minutes(10)) {
    section.fail("sends_per_contact",
                 fmt::format("must not allow more than \"5 per 10m\", but is \"{}\"", to_text(out.sends_per_contact)));
  }
  section.rate("sends_per_subject", out.sends_per_subject);
  section.rate("sends_per_address", out.sends_per_address);
  section.rate("sends_per_account", out.sends_per_account);
  section.rate("sends_per_ip", out.sends_per_ip);
  section.rate("sends_per_country", out.sends_per_country);
  section.integer("strangers_share", out.strangers_share, 1, 100);
  section.rate("checks_per_ip", out.checks_per_ip);
  section.rate("checks_per_account", out.checks_per_account);
}

void read_failures(Section& section, domain::FailureRules& out) {
  int per_lock = static_cast<int>(out.per_lock);
  int disable_at = static_cast<int>(out.disable_at);
  section.integer("failures_per_lock", per_lock, 1, 5);
  section.duration("first_lock", out.first_lock, seconds(30), hours(1));
  section.duration("longest_lock", out.longest_lock, hours(1), hours(24));
  section.integer("failures_disable_at", disable_at, 1, 100);
  out.per_lock = per_lock;
  out.disable_at = disable_at;
}

void read_objection_text(Section& section, std::string& out) {
  if (!section.has("objection")) return;
  section.text("objection", out);
  if (const auto fault = domain::objection_fault(out)) section.fail("objection", *fault);
}

}  // namespace

void read_secrets(Section section, std::string_view where, SecretsConfig& out) {
  const auto missing = [&](std::string_view variable) {
    return fmt::format(
        "is missing: {}, and {} is not set; {} (`countersign init` makes keys for a new installation alone)", where,
        variable, kRestore);
  };
  read_seal_keys(section.section("seal_keys"), out);
  int current = out.seal_keys.size() == 1 ? static_cast<int>(out.seal_keys.front().id) : 0;
  section.integer("current_seal_key", current, 1, std::numeric_limits<int>::max());
  out.current_seal_key = static_cast<std::uint32_t>(current);
  if (out.seal_keys.empty()) {
    section.fail("seal_keys", missing("COUNTERSIGN_SEAL_KEY"));
  } else if (current == 0) {
    section.fail("current_seal_key", "is missing; name the id of the key that seals new data");
  } else if (std::ranges::none_of(out.seal_keys, [&](const auto& e) { return e.id == out.current_seal_key; })) {
    section.fail("current_seal_key", fmt::format("is {}, but secrets.seal_keys has no such key", current));
  }

  if (section.has("lookup_key")) {
    read_key(section, "lookup_key", out.lookup_key);
  } else {
    section.fail("lookup_key", missing("COUNTERSIGN_LOOKUP_KEY"));
  }
  if (!all_different(out)) section.fail("lookup_key", "and the sealing keys must all be different");

  section.secret("signing_key", out.signing_key);
  if (!section.has("signing_key")) {
    section.fail("signing_key", missing("COUNTERSIGN_SIGNING_KEY"));
  } else {
    if (!crypto::SigningKey::from_pkcs8_pem(out.signing_key.expose())) {
      section.fail("signing_key", kSigningKeyForm);
    }
  }
  read_further_signing_keys(section, out);
  read_push_keys(section, out);
  section.finish();
}

void read_limits(Section section, domain::Limits& out) {
  read_within(section, "attempts_max", out.attempts_max, domain::attempts_bounds());
  read_within(section, "sends_max", out.sends_max, domain::sends_bounds());
  section.durations("resend_waits", out.resend_waits);
  if (out.resend_waits.empty() || out.resend_waits.front() < seconds(30) || !std::ranges::is_sorted(out.resend_waits)) {
    section.fail("resend_waits", "must start with at least 30s and never become shorter");  // THR-7
  }
  read_rates(section, out);
  read_failures(section, out.failures);
  section.finish();
}

void read_retention(Section section, RetentionConfig& out) {
  section.duration("messages", out.messages, hours(1), hours(24 * 30));  // PRV-1
  section.duration("transactions", out.transactions, hours(24), hours(24 * 3650));
  section.duration("audit", out.audit, hours(24), hours(24 * 3650));
  section.finish();
}

void read_test_mode(Section section, TestModeConfig& out) {
  section.flag("enabled", out.enabled);
  section.duration("keep", out.keep, hours(1), hours(24 * 30));
  section.finish();
}

void read_transactions(Section section, domain::TransactionTimes& out) {
  section.duration("expires_in_max", out.expires_in_max, minutes(1), hours(24 * 30));
  section.duration("expires_in", out.expires_in, minutes(1), hours(24 * 30));
  section.duration("claim_window", out.claim_window, seconds(10), minutes(5));  // TXN-8
  section.duration("acknowledge_within", out.acknowledge_within, Duration::zero(), hours(24 * 3650));
  if (out.acknowledge_within > Duration::zero() && out.acknowledge_within < hours(1))
    section.fail("acknowledge_within", "must be at least 1h, or 0s for no limit: whoever has claimed may be at work");
  if (out.expires_in > out.expires_in_max) {
    section.fail("expires_in", fmt::format("is {}, longer than transactions.expires_in_max, {}",
                                           to_text(out.expires_in), to_text(out.expires_in_max)));
  }
  section.finish();
}

void read_notices(Section section, NoticesConfig& out) {
  read_objection_text(section, out.objection);
  section.rate("per_contact", out.per_contact);
  if (out.per_contact.max > 50 || out.per_contact.per < hours(24)) {
    section.fail("per_contact",
                 fmt::format("must not allow more than \"50 per 24h\", but is \"{}\"", to_text(out.per_contact)));
  }
  section.finish();
}

void read_objection(Section section, const Config& config, ServiceConfig& service) {
  service.objection = config.notices.objection;
  if (service.objection.empty() && !domain::objection_fault(service.branding.support_contact))
    service.objection = service.branding.support_contact;
  read_objection_text(section, service.objection);
  if (service.objection.empty() && config.mode == Mode::kDevelopment) service.objection = "support";
  if (service.objection.empty()) {
    section.fail("objection",
                 "is missing; say in notices.objection whom people should contact about a change that they did not ask "
                 "for, such as \"support: 0800 123 4567\"");
  }
  section.finish();
}

}  // namespace countersign::main
