#pragma once

#include <string_view>

#include "main/config_reader.h"

namespace countersign::app {

// One function for each part of the configuration. They report to the section's reader.

/// `where` is what is said of a missing key: which file should hold it.
void read_secrets(Section section, std::string_view where, SecretsConfig& out);
void read_limits(Section section, LimitsConfig& out);
void read_retention(Section section, RetentionConfig& out);
void read_test_mode(Section section, TestModeConfig& out);
void read_transactions(Section section, TransactionsConfig& out);
void read_notices(Section section, NoticesConfig& out);

/// Providers, policies, accounts and services, which name one another, in that order. Needs mode, public_url and
/// limits.
void read_providers(Section& whole, Config& config);
void read_policies(Section& whole, Config& config);
void read_accounts(Section& whole, Config& config);
void read_services(Section& whole, Config& config);

/// A Verify service of Twilio keeps one pending verification for a number, whoever began it: refuses a service that
/// shares one with another account. `service` is not among the configuration's yet.
void check_verify_services(Section& section, const Config& config, const ServiceConfig& service);

/// The methods that people have at the service: by its channels, and by apps, which nobody has to carry anything for.
[[nodiscard]] domain::MethodSet offered_by(const ServiceConfig& service);

/// What check-config warns of: transactions whose approval is bound to nothing that the person saw. One sentence each.
[[nodiscard]] std::vector<std::string> weak_approvals(const Config& config, const ServiceConfig& service);

/// How a service looks on the pages, and the clock by which they tell the time.
void read_branding(Section section, ServiceConfig& service);
void read_time_zone(Section& section, ServiceConfig& service);

/// Whom people contact about a change: the service's own word, the server's, or how to reach support. Needs the
/// branding.
void read_objection(Section section, const Config& config, ServiceConfig& service);

/// What the development mode has where nothing is said: the inbox for every channel, an account, a service and a
/// policy, each called `default`.
void add_development_defaults(Config& config);

/// Whether a name from the configuration may be shown, logged and used in paths: `[a-z0-9][a-z0-9_-]{0,39}`.
[[nodiscard]] bool is_name(std::string_view text);

/// The origin in its canonical form, or nothing: http or https, a host, perhaps a port, and no more.
[[nodiscard]] std::optional<std::string> parse_origin(std::string_view text);
[[nodiscard]] std::string host_of_origin(std::string_view origin);

/// `[tracing]`, whole.
void read_tracing(Section tracing, Config& config);

}  // namespace countersign::app
