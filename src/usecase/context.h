#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/function_ref.h"
#include "base/id.h"
#include "base/ip.h"
#include "contact/channel.h"
#include "crypto/jws_key.h"
#include "domain/ceilings.h"
#include "domain/limits.h"
#include "domain/policy.h"
#include "domain/standing/history.h"
#include "domain/verification.h"
#include "store/repository/events.h"
#include "store/repository/vault.h"

namespace countersign::usecase {

class Tally;

/// What may happen how often. Zero events in a rate mean: no limit.
struct Limits {
  int attempts_max = 5;
  int sends_max = 5;
  std::vector<Duration> resend_waits;
  domain::Rate sends_per_contact;  ///< To one person by one contact.
  domain::Rate sends_per_subject;  ///< To one person, whatever the contact.
  domain::Rate sends_per_address;  ///< To one number or mailbox, whoever asks; a subject that has proved it is exempt.
  domain::Rate sends_per_ip;       ///< Asked for from one address of an end user (IPv6: /64).
  domain::Rate sends_per_account;
  domain::Rate sends_per_country;  ///< To one calling code, within one account.
  int strangers_share = 100;       ///< Percent of the three above that people may use who never proved the contact.
  domain::Rate checks_per_ip;      ///< Wrong codes of people who never proved the contact.
  domain::Rate checks_per_account;
  domain::FailureRules failures;
};

/// Who drives a channel, and whether it makes and checks the codes itself.
struct Road {
  std::string provider;
  bool checks_codes = false;
  /// What its pending verifications are shared in, whichever entry of the configuration names it: the SID of a Verify
  /// service. Empty: the provider's own name.
  std::string upstream = {};
};

/// Diverts some of a channel's messages from its own road to another.
struct Route {
  std::optional<contact::Channel> channel;  ///< Absent: every channel.
  std::vector<std::string> countries;       ///< Of phone numbers, as ISO 3166 codes; empty: everywhere.
  int percent = 100;                        ///< Of the addresses. The same ones each time.
  Road road;
};

struct ServiceSettings {
  ServiceId id;
  std::string name;
  std::string friendly_name;  ///< In messages.
  int code_length = 6;
  Duration code_ttl = std::chrono::minutes(10);
  domain::Loosened loosened;   ///< Which ceilings the configuration lifts for it, by name.
  std::string default_region;  ///< For phone numbers in national form.
  std::string locale = "en";
  std::string totp_issuer;
  std::string objection;    ///< In notices: whom to contact about a change that one did not ask for. [STD-7]
  std::string origin_host;  ///< Of the page that asks for codes; empty: messages have no origin-bound line.
  std::map<contact::Channel, Road> roads;
  std::vector<Route> routes;             ///< The first that fits a message diverts it.
  std::vector<std::string> policies;     ///< By name; the first is used when a hold names none.
  std::vector<std::string> return_urls;  ///< Where pages may lead back to, see domain::may_return_to.
  domain::standing::Rules standing;      ///< How long new sources wait; `max_min_kinds` is of these policies.

  /// What a transaction speaks, where the application chose this for it or, as an empty text, nothing.
  [[nodiscard]] const std::string& locale_or(const std::string& chosen) const {
    return chosen.empty() ? locale : chosen;
  }
  /// The channel's own; null where the service has no such channel.
  [[nodiscard]] const Road* road(contact::Channel channel) const;
  /// That of a message to `address`, which is a phone number in E.164 or a mailbox.
  [[nodiscard]] const Road* road(contact::Channel channel, std::string_view address) const;
  /// The one that `provider` drives, if it is still among them.
  [[nodiscard]] const Road* road_of(contact::Channel channel, std::string_view provider) const;
};

struct AccountSettings {
  AccountId id;
  std::string name;
  Limits limits;
  IpFilter ip_filter;
  std::vector<ServiceSettings> services;  ///< The first is used when a hold names none.

  [[nodiscard]] const ServiceSettings* service(const ServiceId& wanted) const;
  [[nodiscard]] const ServiceSettings* service(std::string_view wanted_name) const;
};

/// Who "drives" all channels of test accounts: nobody. No provider of the configuration can have this name.
inline constexpr std::string_view kTestProvider = "test mode";

/// The twin of an account for its test keys: the same settings, but for services of its own, by `service_of`, all of
/// whose channels nobody drives. [ADR 26]
[[nodiscard]] AccountSettings test_twin_of(const AccountSettings& live,
                                           FunctionRef<ServiceId(const ServiceSettings&)> service_of);

/// The configuration as the use cases see it. Immutable after start.
struct Settings {
  std::string public_url;
  std::string node;                               ///< Name of this process among others, for leases.
  std::map<AccountId, AccountSettings> accounts;  ///< Live ones, and the test twin of each (base/test_account.h).
  std::map<std::string, domain::Policy, std::less<>> policies;
  Duration expires_in = std::chrono::minutes(30);
  Duration expires_in_max = std::chrono::hours(24);
  Duration claim_window = std::chrono::minutes(5);  ///< After verification. [TXN-8]
  Duration acknowledge_within{};  ///< From the claim to its end where nobody acknowledges; zero: for ever.
  Duration idempotency_kept = std::chrono::hours(24);
  Duration factor_confirm_within = std::chrono::minutes(30);
  /// A message or webhook that a node has taken on is handed over within this time, or given back.
  Duration hand_over_within = std::chrono::seconds(30);
  Duration longest_call =
      std::chrono::seconds(30);  ///< No provider or endpoint is given longer, all requests together.
  domain::Rate notices_per_contact = {10, std::chrono::hours(24)};  ///< To one address, apart from codes.
  bool test_mode = true;                           ///< Test keys and the links of test transactions work. [ADR 26]
  Duration test_data_kept = std::chrono::days(7);  ///< By the clock of the test account.
  bool private_webhooks = false;                   ///< Webhooks may go to private addresses and plain HTTP.

  [[nodiscard]] const AccountSettings& account(const AccountId& id) const;
  /// How long what a node has taken on is nobody else's: longer than it can take, so that nothing is sent twice.
  [[nodiscard]] Duration lease() const { return hand_over_within + longest_call; }
};

/// What every use case may need beside the database. One for the whole process; everything in it is thread-safe.
struct Context {
  const Settings& settings;
  store::Vault vault;
  store::EventIds& event_ids;
  Tally* tally = nullptr;  ///< Hears what is counted, if anybody wants to know (usecase/tally.h).
};

/// On whose behalf a use case runs.
struct Caller {
  AccountId account;
  std::string actor;  ///< For the audit trail: `api:SK…`, `person`, `system`.
  std::string request_id;
  std::optional<IpAddress> end_user;  ///< Address of the person, as the application or the page saw it.
  bool test_only = false;   ///< With test credentials: it sees test services alone (usecase/verify/service.h).
  bool may_vouch = false;   ///< By a key with the scope `vouch`. [STD-5]
  std::string locale = {};  ///< Of the person, where the call says it.

  /// On a page.
  [[nodiscard]] bool is_person() const { return actor == "person"; }
};

}  // namespace countersign::usecase
