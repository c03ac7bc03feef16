#include "main/server/signals.h"

#include "base/check.h"
#include "delivery/signals/camara_sim_swap.h"
#include "delivery/signals/model_hook.h"
#include "delivery/signals/twilio_lookup.h"
#include "main/settings.h"

namespace countersign::main {

namespace {

delivery::PlainHttp plain_if_named(std::string_view url) {
  return url.starts_with("http://") ? delivery::PlainHttp::kAllowed : delivery::PlainHttp::kRefused;
}

/// Constructs the source of one entry of the configuration.
struct BuildSource {
  delivery::HttpClient& http;
  const Clock& clock;

  std::unique_ptr<delivery::SignalSource> operator()(const CamaraSimSwapConfig& c) const {
    delivery::ClientTokenOptions token{c.token_url, c.client_id, c.client_secret, c.scope, plain_if_named(c.token_url)};
    delivery::CamaraSimSwapOptions options{
        c.base_url, c.check ? delivery::SimSwapOperation::kCheck : delivery::SimSwapOperation::kRetrieveDate, c.max_age,
        plain_if_named(c.base_url)};
    return std::make_unique<delivery::CamaraSimSwap>(http, clock, std::move(token), std::move(options));
  }
  std::unique_ptr<delivery::SignalSource> operator()(const TwilioLookupConfig& c) const {
    return std::make_unique<delivery::TwilioLookup>(http, clock, account_of(c.twilio),
                                                    delivery::LookupFields{c.line_type, c.sim_swap});
  }
  std::unique_ptr<delivery::SignalSource> operator()(const HttpModelConfig& c) const {
    delivery::ModelHookOptions options;
    options.url = c.hook.url;
    for (const auto& secret : c.hook.secrets) {
      auto parsed = crypto::WebhookSecret::parse(secret.expose());
      CS_CHECK(parsed.has_value());  // Validated with the configuration.
      options.secrets.push_back(*std::move(parsed));
    }
    if (c.hook.private_addresses) options.addresses = delivery::AddressPolicy::kAny;
    options.plain_http = plain_if_named(c.hook.url);
    return std::make_unique<delivery::ModelHook>(http, clock, std::move(options));
  }
};

/// Nobody waits long for a signal: what does not start soon is refused.
delivery::HttpClientOptions pool() {
  delivery::HttpClientOptions options;
  options.concurrent_max = 128;
  options.concurrent_per_host_max = 64;
  options.waiting_max = 1'000;
  options.waiting_per_host_max = 500;
  return options;
}

}  // namespace

Signals::Signals(const Config& config, const Clock& clock, Random& random, delivery::SignalHooks hooks)
    : panel_(clock, random, std::move(hooks)), http_(pool(), clock) {
  for (const auto& [name, signal] : config.signals)
    panel_.add({name, signal.within, signal.remember, signal.per_hour},
               std::visit(BuildSource{http_, clock}, signal.source));
}

std::vector<api::SharedSignals> Signals::receivers(const Config& config, const usecase::Settings& settings,
                                                   const Clock& clock) {
  std::vector<api::SharedSignals> all;
  for (const auto& [name, c] : config.shared_signals) {
    const auto account = account_named(settings, c.account);
    if (!account) continue;
    api::SharedSignals out;
    out.receiver = {name,         *account,         c.issuer,    c.audience, c.subject_issuer,
                    c.algorithms, c.runs_mailboxes, c.runs_lines};
    out.authorization = c.authorization;
    if (c.jwks_url.empty()) {
      out.keys = std::make_shared<const std::vector<crypto::ForeignKey>>(c.keys);
    } else {
      delivery::HttpCall call;
      call.url = c.jwks_url;
      // In production it is https, and at a public address: the configuration names somebody else's server.
      if (config.mode == Mode::kDevelopment) call.addresses = delivery::AddressPolicy::kAny;
      call.plain_http = plain_if_named(c.jwks_url);
      out.fetched = std::make_shared<delivery::KeySet>(http_, clock, std::move(call));
    }
    all.push_back(std::move(out));
  }
  return all;
}

std::unique_ptr<Signals> make_signals(const Config& config, const Clock& clock, Random& random, api::Metrics& metrics) {
  if (config.signals.empty() && config.shared_signals.empty()) return nullptr;
  delivery::SignalHooks hooks;
  hooks.on_heard = [&metrics](std::string_view name, std::string_view outcome, Duration took) {
    metrics.on_signal(name, outcome, took);
  };
  return std::make_unique<Signals>(config, clock, random, std::move(hooks));
}

}  // namespace countersign::main
