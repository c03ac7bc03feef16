#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/function_ref.h"
#include "base/id.h"
#include "base/ip.h"
#include "contact/channel.h"
#include "contact/delivery.h"
#include "crypto/jws_key.h"
#include "delivery/push_endpoint.h"
#include "delivery/push_keys.h"
#include "domain/budget.h"
#include "domain/ceilings.h"
#include "domain/limits.h"
#include "domain/policy.h"
#include "domain/price.h"
#include "domain/standing/history.h"
#include "domain/verification.h"
#include "risk/guard.h"
#include "risk/pumping.h"
#include "risk/rule.h"
#include "webauthn/ceremony.h"

namespace countersign::usecase {

/// The provider of a channel, and whether it makes and checks the codes itself.
struct ChannelProvider {
  std::string name;  ///< Name of its entry in the configuration.
  bool checks_codes = false;
  /// The namespace of its pending verifications, shared by all entries that name it: the SID of a Verify service.
  /// Empty: the provider's own name.
  std::string upstream = {};
  std::set<contact::Channel> code_alone = {};  ///< Channels on which its messages show the code alone.

  /// Whether the person sees in the message what its code approves. Where not, it must be her own choice, and whoever
  /// asks for the code shows it; nor can notices go this way.
  [[nodiscard]] bool shows_display(contact::Channel channel) const { return !code_alone.contains(channel); }
  bool gateway = false;                                ///< It is described by the configuration (docs/sms-gateways.md).
  contact::Reports reports = contact::Reports::kNone;  ///< For whoever decides whether to send by another provider.
  /// What one message costs, by the country of its number; "" for all others. Empty: unknown.
  std::map<std::string, domain::Price, std::less<>> prices = {};

  /// nullopt if unknown. `country`: ISO 3166, or empty.
  [[nodiscard]] std::optional<domain::Price> price_to(std::string_view country) const;
};

/// The providers of a list after its first.
struct FurtherProviders {
  std::vector<ChannelProvider> providers = {};
  std::vector<int> weights = {};  ///< Of the first and of these, in order; empty: one after the other.
};

/// Sends some of a channel's messages through other providers than the channel's own.
struct RoutingRule {
  std::optional<contact::Channel> channel;  ///< Absent: every channel.
  std::vector<std::string> countries;       ///< Of phone numbers, as ISO 3166 codes; empty: all countries.
  int percent = 100;                        ///< Share of the addresses; always the same ones.
  ChannelProvider provider;                 ///< The first of its list.
  FurtherProviders further = {};
};

/// A list of providers in order of preference. Borrows from the settings; never empty.
using Preferred = std::vector<const ChannelProvider*>;

/// The learned share of a provider's weight, in thousandths (domain/conversion.h). Empty: all as configured.
using LearnedShare = std::function<int(std::string_view provider)>;

/// How a service asks for passkeys and security keys.
struct PasskeySettings {
  webauthn::RelyingParty party;  ///< With its related origins.
  webauthn::UserVerification user_verification = webauthn::UserVerification::kPreferred;
  bool strict_counter = false;  ///< A counter that went back, or changed backup eligibility, refuses; else it is noted.
  bool wants_attestation = false;  ///< Browsers are asked for the authenticator's own statement.
  webauthn::AttestationPolicy attestation;
  /// Whether a model of authenticator (its AAGUID, 16 bytes) is known by now to be revoked or compromised. Empty:
  /// nothing is known.
  std::function<bool(std::string_view aaguid, WallTime now)> model_fell = {};
  bool on_page = false;  ///< The hosted page is one of the party's origins, so that it can ask too.
};

/// Web Push of the server: what browsers subscribe with, and where messages may go.
struct PushServerSettings {
  /// Browsers subscribe with the current one; another one after a reload.
  std::shared_ptr<delivery::PushKeys> keys;
  delivery::PushEndpointRules endpoints;
};

/// Path of the hosted page that a notification opens, followed by transaction and prompt: `TX….prompt`.
inline constexpr std::string_view kHostedPushPage = "/approve/";

struct ServiceSettings {
  ServiceId id;
  std::string name;
  std::string friendly_name;  ///< Shown in messages.
  int code_length = 6;
  Duration code_ttl = std::chrono::minutes(10);
  domain::Loosened loosened;   ///< The ceilings that the configuration lifts for it, by name.
  std::string default_region;  ///< For phone numbers in national form.
  std::string locale = "en";
  std::string totp_issuer;
  std::string objection;    ///< In notices: whom to contact about an unrequested change. [STD-7]
  std::string origin_host;  ///< Of the page that asks for codes; empty: messages have no origin-bound line.
  std::optional<PasskeySettings> passkeys = {};               ///< nullopt: the service has none.
  std::string push_page = {};                                 ///< What a notification opens; empty: no Web Push.
  bool push_on_pages = false;                                 ///< That is the hosted page, which also enrols devices.
  std::map<contact::Channel, ChannelProvider> providers;      ///< The first of each channel's list.
  std::map<contact::Channel, FurtherProviders> further = {};  ///< The rest of the lists that have more than one.
  std::vector<RoutingRule> routing_rules;                     ///< The first rule that matches a message applies.
  /// The channels of a telephone line that `auto` chooses among, the preferred one first. [ADR 46]
  std::vector<contact::Channel> automatic = {contact::Channel::kSms, contact::Channel::kWhatsapp,
                                             contact::Channel::kCall};
  std::vector<std::string> policies;     ///< By name; the first is the default of a hold.
  std::vector<std::string> return_urls;  ///< Where pages may link back to, see domain::may_return_to.
  /// The services of the account that may count its sources, by name, and how long each waits. [STD-12]
  std::map<std::string, Duration, std::less<>> shared_with;
  domain::standing::Rules standing;  ///< How long new sources wait; `max_min_kinds` is taken from these policies.
  risk::RuleSet risk = {};           ///< Over those of the account.
  /// The hour of the day where the service is, 0 to 23. Empty: by UTC.
  std::function<int(WallTime)> local_hour = {};

  /// The locale of a transaction: `chosen` by the application, else (if empty) the service's.
  [[nodiscard]] const std::string& locale_or(const std::string& chosen) const {
    return chosen.empty() ? locale : chosen;
  }
  /// The channel's own provider; null if the service does not have the channel.
  [[nodiscard]] const ChannelProvider* provider_for(contact::Channel channel) const;
  /// The provider for a message to `address`, a phone number in E.164 or an e-mail address.
  [[nodiscard]] const ChannelProvider* provider_for(contact::Channel channel, std::string_view address) const;
  /// Whether the provider of a message on the channel depends on its address, or on the state of several providers.
  [[nodiscard]] bool has_choice(contact::Channel channel) const;
  /// All that may carry a message to `address`, in order of preference; empty if the service does not have the channel.
  /// `share`: of the weights, if any was learned.
  [[nodiscard]] Preferred preferred_for(contact::Channel channel, std::string_view address,
                                        const LearnedShare& share = {}) const;
  /// Whether that list is one by weight.
  [[nodiscard]] bool is_weighted(contact::Channel channel, std::string_view address) const;
  /// Every provider that the service names, of `channel` alone or of all, and of all routing rules; once for each place
  /// that names it.
  void each_provider(FunctionRef<void(const ChannelProvider&)> look,
                     std::optional<contact::Channel> channel = {}) const;
  /// The entry named `provider`, if it is still configured.
  [[nodiscard]] const ChannelProvider* provider_of(contact::Channel channel, std::string_view name) const;

 private:
  [[nodiscard]] std::pair<const ChannelProvider*, const FurtherProviders*> list_for(contact::Channel channel,
                                                                                    std::string_view address) const;
};

/// What messages may cost on one UTC day. Where there is none, spending is counted and not limited.
struct Budgets {
  std::optional<domain::Budget> account = {};
  std::map<ServiceId, domain::Budget> services = {};
  /// By country as country_of() has it, for all services together; "" for each other one.
  std::map<std::string, domain::Budget, std::less<>> countries = {};

  [[nodiscard]] std::optional<domain::Budget> of_country(std::string_view country) const;
};

/// In which money budgets are.
struct MoneySettings {
  domain::Exchange exchange;
  std::int64_t dearest = 0;   ///< The highest price of all providers: what an unknown one counts as.
  std::int64_t cheapest = 1;  ///< The lowest above zero.
};

struct AccountSettings {
  AccountId id;
  std::string name;
  domain::Limits limits;
  IpFilter ip_filter;
  std::vector<ServiceSettings> services;  ///< The first is the default of a hold.
  Budgets budgets = {};
  risk::RuleSet risk = {};  ///< Over the built-in ones.

  [[nodiscard]] const ServiceSettings* service(const ServiceId& wanted) const;
  [[nodiscard]] const ServiceSettings* service(std::string_view wanted_name) const;
  /// Whether all providers (of this channel) make and check codes. Who needs such a one has no store::Beside, because
  /// its claims belong to no subject; where only some do, that shows when the one is known.
  [[nodiscard]] bool checks_elsewhere() const { return elsewhere.all; }
  [[nodiscard]] bool checks_elsewhere(const contact::Wanted& wanted) const {
    return wanted.channel ? elsewhere.channels.contains(*wanted.channel) : !elsewhere.channels.empty();
  }

  /// What checks_elsewhere() answers. Set by settle(), once the services are known.
  struct Elsewhere {
    bool all = false;
    std::set<contact::Channel> channels = {};
  };
  Elsewhere elsewhere = {};
  risk::PumpingSettings pumping = {};  ///< Rules against codes that are asked for to be paid for.
  void settle();
};

/// A source of signals of the configuration (delivery/signals). It is asked before a transaction of one of these types
/// is held; `*` stands for all.
struct SignalSettings {
  std::string name;
  std::set<std::string, std::less<>> types;
  bool about_line = true;  ///< It is asked only where the person has a telephone line, or is given one.
  // What it can tell: `sim_swap_hours`, `line_type`, `model_score`.
  bool tells_sim_swap = true;
  bool tells_line_type = true;
  bool tells_score = true;
  std::optional<domain::Price> cost = {};  ///< Of a question; absent: nothing is counted.
};

/// Provider name of all channels of test accounts. No configured provider can have this name.
inline constexpr std::string_view kTestProvider = "test mode";

/// The test twin of an account: the same settings, with its own services, by `service_of`, whose channels all have
/// kTestProvider. [ADR 26]
[[nodiscard]] AccountSettings test_twin_of(const AccountSettings& live,
                                           FunctionRef<ServiceId(const ServiceSettings&)> service_of);

/// The configuration for the use cases. Immutable after start.
struct Settings {
  std::string public_url;
  std::string node;                               ///< Name of this process among all nodes, for leases.
  std::map<AccountId, AccountSettings> accounts;  ///< Live accounts, and the test twin of each (base/test_account.h).
  std::map<std::string, domain::Policy, std::less<>> policies;
  domain::TransactionTimes transactions;
  MoneySettings money = {};
  Duration idempotency_kept = std::chrono::hours(24);
  Duration factor_confirm_within = std::chrono::minutes(30);
  /// A node hands over a leased message or webhook within this time, or gives it back.
  Duration hand_over_within = std::chrono::seconds(30);
  Duration longest_call = std::chrono::seconds(30);  ///< Limit for one provider or endpoint, all requests together.
  domain::Rate notices_per_contact = {10, std::chrono::hours(24)};  ///< To one address, codes not included.
  risk::GuardTerms risk_guard = {};                                 ///< When a rule has gone wild.
  Duration review_within = std::chrono::hours(24);                  ///< For an operator's word; nobody's word refuses.
  bool review_by_two = false;                                       ///< Two different operators must allow it.
  bool test_mode = true;                            ///< Enables test keys and the links of test transactions. [ADR 26]
  Duration test_data_kept = std::chrono::days(7);   ///< By the clock of the test account.
  std::optional<PushServerSettings> push = {};      ///< nullopt: no service has Web Push.
  std::vector<SignalSettings> signals = {};         ///< Of live accounts: in test accounts nobody is asked.
  Duration sim_swap_acts = std::chrono::hours(72);  ///< A swap that old still makes a line wait anew; 0: none does.
  std::set<AccountId> shared_signals = {};          ///< Accounts that issuers of Shared Signals tell of people.
  bool private_webhooks = false;                    ///< Webhooks may use private addresses and plain HTTP.

  [[nodiscard]] const AccountSettings& account(const AccountId& id) const;
  /// Duration of a lease: longer than the work can take, so that nothing is sent twice.
  [[nodiscard]] Duration lease() const { return hand_over_within + longest_call; }
};

}  // namespace countersign::usecase
