#include "simulation/game/product.h"

#include <fmt/format.h>

#include <iostream>

#include "crypto/otp.h"
#include "simulation/game/product_in.h"
#include "store/migrations/migrations.h"
#include "store/repository/accounts.h"
#include "store/sqlite/sqlite_store.h"
#include "support/settings.h"
#include "usecase/outbox/endpoints.h"
#include "usecase/subject/decide_on_page.h"
#include "usecase/subject/enrol_on_page.h"
#include "usecase/subject/standing.h"
#include "usecase/verification/message_text.h"
#include "usecase/verification/page_work.h"

namespace countersign::simulation::game {

namespace {

using contact::Channel;

std::unique_ptr<store::Store> memory() {
  auto store = store::open_sqlite_in_memory();
  CS_CHECK(store.has_value());
  return *std::move(store);
}

/// As the configuration has them, but strangers may use all, and no address of an end user is counted.
domain::Limits limits_of_the_game() {
  domain::Limits limits;
  limits.strangers_share = 100;
  limits.sends_per_ip = limits.checks_per_ip = {};
  return limits;
}

}  // namespace

const std::vector<std::string>& Product::policies() {
  static const std::vector<std::string> names{"any",      "two",   "first-use",    "app",    "app-or-mail",
                                              "verified", "bound", "line-and-key", "device", "line-and-device"};
  return names;
}

Product::Product(std::uint64_t seed)
    : engine_(engine_of(seed)),
      store_(memory()),
      random_(seed),
      sealer_(testing::test_keyring()),
      digester_(testing::test_keyring()),
      context_{settings_, store::Vault(sealer_, digester_), event_ids_} {
  const auto migrated = store::migrate(*store_, store::all_migrations(), clock_.now());
  CS_CHECK(migrated.has_value());
  furnish();
  set_engine(settings_, account_, engine_);
  begin_process();
}

void Product::furnish() {
  const auto [account_id, own_id, upstream_id] = in([](store::Tx& tx, Moment& moment) {
    const AccountId account = store::ensure_account(tx, "default", moment);
    const ServiceId own = store::ensure_service(tx, account, std::string(kOwnService), moment);
    return std::tuple(account, own, store::ensure_service(tx, account, std::string(kUpstreamService), moment));
  });
  account_ = account_id;
  usecase::AccountSettings account{account_id, "default", limits_of_the_game(), {}, {}};
  for (const auto& [id, name] : {std::pair(own_id, kOwnService), std::pair(upstream_id, kUpstreamService)}) {
    auto& service = account.services.emplace_back(testing::test_service(id, name, policies()));
    for (const auto channel : {Channel::kSms, Channel::kCall, Channel::kWhatsapp, Channel::kEmail})
      service.providers[channel] = {"sender", false};
    service.standing.max_min_kinds = 2;
    service.objection = "support: 0800 123 4567";
    auto& passkeys = service.passkeys.emplace();
    passkeys.party.id = "verify.example.com";
    passkeys.party.origins = {"https://verify.example.com"};
    passkeys.on_page = true;
    passkeys.strict_counter = true;
    service.push_page = "https://shop.example.com/approve";
  }
  account.services.back().providers[Channel::kSms] = {"verifier", true};
  settings_.accounts.emplace(account_id, std::move(account));
  settings_.public_url = "https://verify.example.com";
  settings_.node = "node-1";
  testing::SeededRandom random(1);
  settings_.push.emplace().keys = std::make_shared<delivery::PushKeys>(std::vector{crypto::VapidKey(
      crypto::SigningKey::generate(crypto::JwsAlgorithm::kEs256, random), "mailto:ops@countersign.dev")});

  using enum domain::Method;
  domain::Policy any;
  any.any_of = {kSms, kCall, kWhatsapp, domain::Method::kEmail, kTotp, kWebauthn, kPush, kRecoveryCode};
  any.enrol = {kTotp, kWebauthn, kRecoveryCode};
  auto two = any;
  two.min_kinds = 2;
  auto first_use = any;
  first_use.any_of = {kSms, kTotp, kWebauthn};
  first_use.trust_on_first_use = true;
  auto app = any;
  app.any_of = {kTotp};
  auto app_or_mail = any;
  app_or_mail.any_of = {domain::Method::kEmail, kTotp, kRecoveryCode};
  app_or_mail.email_alone = true;
  auto verified = any;
  verified.any_of = {kWebauthn, kTotp};
  verified.user_verification = true;
  auto bound = any;
  bound.any_of = {kWebauthn, kCall};
  bound.device_bound = true;
  auto line_and_key = any;
  line_and_key.any_of = {kSms, kWebauthn};
  line_and_key.min_kinds = 2;
  auto device = any;
  device.any_of = {kPush};
  auto line_and_device = any;
  line_and_device.any_of = {kSms, kPush};
  line_and_device.min_kinds = 2;
  settings_.policies = {{"any", any},
                        {"two", two},
                        {"first-use", first_use},
                        {"app", app},
                        {"app-or-mail", app_or_mail},
                        {"verified", verified},
                        {"bound", bound},
                        {"line-and-key", line_and_key},
                        {"device", device},
                        {"line-and-device", line_and_device}};
  const auto endpoint = in([&](store::Tx& tx, Moment& moment) {
    return usecase::add_endpoint({tx, context_, caller("api:game"), moment},
                                 {"https://shop.example.com/hooks", {}, {}});
  });
  CS_CHECK(endpoint.has_value());
}

Answered Product::refusal_of(const usecase::Problem& problem) { return refused(problem); }

const domain::Policy& Product::policy(std::string_view name) const { return settings_.policies.find(name)->second; }

ServiceId Product::service_id(std::string_view name) const { return settings_.account(account_).service(name)->id; }

usecase::Caller Product::caller(std::string_view actor, bool may_vouch) const {
  usecase::Caller caller{account_, std::string(actor), "request", end_user_};
  caller.may_vouch = may_vouch;
  return caller;
}

std::string Product::app_code(std::string_view seed) const {
  const crypto::TotpParameters parameters;
  return crypto::totp(seed, crypto::totp_step(now(), parameters), parameters);
}

usecase::Answer<usecase::Held> Product::hold(const usecase::HoldRequest& request) {
  return in([&](store::Tx& tx, Moment& moment) {
    return usecase::hold({tx, context_, caller("api:game"), moment}, request);
  });
}

Answered Product::start(const TransactionId& id, const contact::Wanted& channel,
                        const std::optional<std::string>& contact, std::string_view actor, std::string_view work) {
  auto started = in([&](store::Tx& tx, Moment& moment) {
    const auto who = caller(actor);
    const usecase::Work unit{tx, context_, who, moment};
    const bool worked = usecase::accept_page_work(unit, id, work);
    return usecase::start_verification(unit, {id, channel, contact, worked});
  });
  if (started) deliver(std::move(started->queued));
  return answered(started);
}

Answered Product::check(const TransactionId& id, std::string_view code, const std::optional<std::string>& factor,
                        const std::optional<VerificationId>& verification, std::string_view actor) {
  const usecase::CheckRequest request{id, SecretString(std::string(code)), factor, verification};
  auto judged =
      in([&](store::Tx& tx, Moment& moment) { return usecase::check({tx, context_, caller(actor), moment}, request); });
  if (!judged) return refused(judged.error());
  if (const auto* approved = std::get_if<usecase::Approved>(&*judged)) return {true, {}, {}, approved->status};
  const auto& ask = std::get<usecase::AskProvider>(*judged);
  const auto verdict = judge_upstream(ask.check);
  const auto concluded = in([&](store::Tx& tx, Moment& moment) {
    return usecase::conclude_check({tx, context_, caller(actor), moment}, ask, verdict);
  });
  if (!concluded) return refused(concluded.error());
  return {true, {}, {}, concluded->status};
}

Answered Product::give(const usecase::SubjectAt& subject, const usecase::GivenContact& contact, bool vouch) {
  usecase::ContactTerms terms;
  terms.vouch = vouch;
  return answered(in([&](store::Tx& tx, Moment& moment) {
    return usecase::add_contact({tx, context_, caller("api:game", vouch), moment}, subject, contact, terms);
  }));
}

Answered Product::put(const usecase::SubjectAt& subject, const std::vector<usecase::GivenContact>& contacts) {
  return answered(in([&](store::Tx& tx, Moment& moment) {
    return usecase::put_contacts({tx, context_, caller("api:game"), moment}, subject, contacts, {});
  }));
}

std::vector<usecase::ContactView> Product::contacts(const usecase::SubjectAt& subject) {
  return in([&](store::Tx& tx, Moment& moment) {
           return usecase::list_contacts({tx, context_, caller("api:game"), moment}, subject);
         })
      .value_or(std::vector<usecase::ContactView>());
}

Answered Product::remove_contact(const usecase::SubjectAt& subject, const ContactId& id) {
  return answered(in([&](store::Tx& tx, Moment& moment) {
    return usecase::delete_contact({tx, context_, caller("api:game"), moment}, subject, id,
                                   domain::standing::GoneWhy::kLost);
  }));
}

Answered Product::suspect_contact(std::string_view identity, const ContactId& id) {
  return answered(in([&](store::Tx& tx, Moment& moment) {
    return usecase::suspect_contact({tx, context_, caller("api:game"), moment}, identity, id);
  }));
}

usecase::Answer<usecase::Enrolment> Product::enrol(const usecase::SubjectAt& subject) {
  usecase::EnrolRequest request;
  request.identity = subject.identity;
  request.name = "app";
  request.service = service_id(subject.service);
  return in([&](store::Tx& tx, Moment& moment) {
    return usecase::enrol_totp({tx, context_, caller("api:game"), moment}, request);
  });
}

Answered Product::confirm(std::string_view identity, const FactorId& id, std::string_view code, bool vouch) {
  usecase::ConfirmTerms terms;
  if (vouch) terms.as = usecase::BindFactor::kVouched;
  return answered(in([&](store::Tx& tx, Moment& moment) {
    return usecase::confirm_factor({tx, context_, caller("api:game", vouch), moment}, identity, id,
                                   SecretString(std::string(code)), terms);
  }));
}

usecase::Answer<usecase::NewCodes> Product::make_codes(const usecase::SubjectAt& subject) {
  return in([&](store::Tx& tx, Moment& moment) {
    return usecase::make_recovery_codes({tx, context_, caller("api:game"), moment},
                                        {subject.identity, "", service_id(subject.service)});
  });
}

Answered Product::confirm_codes(std::string_view identity, const FactorId& id, bool vouch) {
  usecase::ConfirmTerms terms;
  if (vouch) terms.as = usecase::BindFactor::kVouched;
  return answered(in([&](store::Tx& tx, Moment& moment) {
    return usecase::confirm_factor({tx, context_, caller("api:game", vouch), moment}, identity, id, std::nullopt,
                                   terms);
  }));
}

Answered Product::remove_factor(std::string_view identity, const FactorId& id) {
  return answered(in([&](store::Tx& tx, Moment& moment) {
    return usecase::remove_factor({tx, context_, caller("api:game"), moment}, identity, id);
  }));
}

Answered Product::suspect_factor(std::string_view identity, const FactorId& id) {
  return answered(in([&](store::Tx& tx, Moment& moment) {
    return usecase::suspect_factor({tx, context_, caller("api:game"), moment}, identity, id);
  }));
}

Answered Product::claim(const TransactionId& id, std::string_view claimer, std::string& payload) {
  const auto claimed = in([&](store::Tx& tx, Moment& moment) {
    return usecase::claim({tx, context_, caller("api:game"), moment}, id, claimer);
  });
  if (claimed) payload = claimed->payload.expose();
  return answered(claimed);
}

Answered Product::cancel(const TransactionId& id) {
  const auto ended = in(
      [&](store::Tx& tx, Moment& moment) { return usecase::cancel({tx, context_, caller("api:game"), moment}, id); });
  if (ended) end_upstream();
  return answered(ended);
}

Answered Product::deny(const TransactionId& id) {
  const auto ended =
      in([&](store::Tx& tx, Moment& moment) { return usecase::deny({tx, context_, caller("person"), moment}, id); });
  if (ended) end_upstream();
  return answered(ended);
}

std::optional<usecase::PersonView> Product::page(const TransactionId& id, std::string_view link) {
  return in([&](store::Tx& tx, Moment& moment) -> std::optional<usecase::PersonView> {
    const auto row = usecase::open_link(tx, context_, id, link);
    if (!row) return std::nullopt;
    return usecase::view_for_person(tx, context_, *row, moment.now);
  });
}

usecase::Answer<usecase::Addition> Product::begin_addition(const TransactionId& id, std::string_view link,
                                                           domain::Method method) {
  return in([&](store::Tx& tx, Moment& moment) -> usecase::Answer<usecase::Addition> {
    const auto row = usecase::open_link(tx, context_, id, link);
    if (!row) return usecase::refuse(usecase::Code::kNotFound);
    return usecase::begin_addition({tx, context_, caller("person"), moment}, *row,
                                   {"https://shop.example.com/", "pt-BR", method});
  });
}

std::optional<BindingId> Product::stopped(const TransactionId& id, std::string_view link) {
  const auto view = page(id, link);
  return view && view->stopped && view->stopped->may_decide ? std::optional(view->stopped->binding) : std::nullopt;
}

usecase::Answer<Product::Decision> Product::begin_decision(const TransactionId& id, std::string_view link, bool keep) {
  return in([&](store::Tx& tx, Moment& moment) -> usecase::Answer<Decision> {
    const auto row = usecase::open_link(tx, context_, id, link);
    if (!row) return usecase::refuse(usecase::Code::kNotFound);
    const auto view = usecase::view_for_person(tx, context_, *row, moment.now);
    if (!view.stopped) return usecase::refuse(usecase::Code::kNotStopped);
    const auto history = usecase::load_history(tx, context_, account_, row->state.subject, row->state.service);
    const auto begun = usecase::begin_decision({tx, context_, caller("person"), moment}, history, view.stopped->binding,
                                               keep, {"https://shop.example.com/", "pt-BR"});
    if (!begun) return fail(begun.error());
    return Decision{begun->id, begun->secret, view.stopped->binding};
  });
}

usecase::Answer<store::TransactionRow> Product::open_to_enrol(store::Tx& tx, const Moment& moment,
                                                              const TransactionId& id, std::string_view link,
                                                              bool proved_here) const {
  auto row = usecase::open_link(tx, context_, id, link);
  if (!row) return usecase::refuse(usecase::Code::kNotFound);
  const auto view = usecase::view_for_person(tx, context_, *row, moment.now);
  if (!view.may_enrol || (view.enrol_needs_proof && !proved_here))
    return usecase::refuse(usecase::Code::kMethodNotAllowed);
  return *std::move(row);
}

usecase::Answer<usecase::Enrolment> Product::enrol_here(const TransactionId& id, std::string_view link,
                                                        bool proved_here) {
  return in([&](store::Tx& tx, Moment& moment) -> usecase::Answer<usecase::Enrolment> {
    const auto row = open_to_enrol(tx, moment, id, link, proved_here);
    if (!row) return fail(row.error());
    return usecase::enrol_here({tx, context_, caller("person"), moment}, *row);
  });
}

usecase::Answer<usecase::NewCodes> Product::make_codes_here(const TransactionId& id, std::string_view link,
                                                            bool proved_here) {
  return in([&](store::Tx& tx, Moment& moment) -> usecase::Answer<usecase::NewCodes> {
    const auto row = open_to_enrol(tx, moment, id, link, proved_here);
    if (!row) return fail(row.error());
    return usecase::make_codes_here({tx, context_, caller("person"), moment}, *row);
  });
}

Answered Product::confirm_here(const TransactionId& id, std::string_view link, bool proved_here, const FactorId& factor,
                               const std::optional<std::string>& code) {
  return answered(in([&](store::Tx& tx, Moment& moment) -> usecase::Answer<usecase::FactorView> {
    const auto row = open_to_enrol(tx, moment, id, link, proved_here);
    if (!row) return fail(row.error());
    return usecase::confirm_here({tx, context_, caller("person"), moment}, *row, factor, "",
                                 code ? std::optional(SecretString(*code)) : std::nullopt);
  }));
}

}  // namespace countersign::simulation::game
