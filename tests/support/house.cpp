#include "support/house.h"

#include <cstdlib>
#include <iostream>

#include "base/encoding.h"
#include "domain/standing/notices.h"
#include "store/migrations/migrations.h"
#include "store/postgres/postgres_store.h"
#include "store/repository/accounts.h"
#include "store/repository/events.h"
#include "store/repository/factors.h"
#include "store/sqlite/sqlite_store.h"
#include "support/postgres_cluster.h"
#include "support/settings.h"
#include "usecase/standing.h"
#include "usecase/wording.h"

namespace countersign::testing {

namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

/// As the configuration has them.
usecase::Limits default_limits() {
  usecase::Limits limits;
  limits.resend_waits = {seconds(30), seconds(60), seconds(120), seconds(300)};
  limits.sends_per_contact = {5, minutes(10)};
  limits.sends_per_subject = {10, hours(1)};
  limits.sends_per_address = {20, hours(1)};
  limits.sends_per_ip = {20, minutes(10)};
  limits.sends_per_account = {10'000, hours(24)};
  limits.sends_per_country = {1'000, hours(24)};
  limits.checks_per_ip = {60, minutes(10)};
  return limits;
}

}  // namespace

std::unique_ptr<store::Store> new_test_store() {
  const char* const wanted = std::getenv("CS_TEST_STORE");
  auto store = wanted == nullptr ? store::open_sqlite_in_memory()
                                 : store::open_postgres({.url = SecretString(PostgresCluster::shared().new_database()),
                                                         .clock = system_clock(),
                                                         .random = system_random()});
  CS_CHECK(store.has_value());
  return *std::move(store);
}

House::House() : House(new_test_store()) {}

House::House(std::unique_ptr<store::Store> store)
    : store_(std::move(store)),
      sealer_(test_keyring()),
      digester_(test_keyring()),
      context_{settings_, store::Vault(sealer_, digester_), event_ids_} {
  const auto migrated = store::migrate(*store_, store::all_migrations(), clock_.now());
  if (!migrated) broken(migrated.error());
  furnish();
}

void House::furnish() {
  const auto ids = in([](store::Tx& tx, Moment& moment) {
    const AccountId account = store::ensure_account(tx, "default", moment);
    const ServiceId own = store::ensure_service(tx, account, "default", moment);
    return std::tuple(account, own, store::ensure_service(tx, account, "upstream", moment));
  });
  account_ = std::get<0>(ids);
  usecase::AccountSettings account{account_, "default", default_limits(), {}, {}};
  const std::vector<std::string> policies{"any", "strict"};
  auto& own = account.services.emplace_back(test_service(std::get<1>(ids), "default", policies));
  own.standing.max_min_kinds = 2;
  for (const auto channel : {Channel::kSms, Channel::kCall, Channel::kWhatsapp, Channel::kEmail}) {
    own.roads[channel] = {"double", false};
  }
  account.services.emplace_back(test_service(std::get<2>(ids), "upstream", policies)).roads[Channel::kSms] = {
      "verifier", true};
  settings_.accounts.emplace(account_, std::move(account));
  settings_.public_url = "https://verify.example.com";
  settings_.node = "node-1";

  domain::Policy any;
  using enum domain::Method;
  any.any_of = {kSms, kCall, kWhatsapp, domain::Method::kEmail, kTotp};
  settings_.policies["any"] = any;
  any.min_kinds = 2;
  settings_.policies["strict"] = any;

  caller_ = {account_, "api:test", "request-1", std::nullopt};
  request_.type = "payout_account.change";
  request_.identity = kIdentity;
  request_.contacts = {{Channel::kSms, std::string(kPhone)}};
  request_.display = {"Nova conta de repasse", domain::Amount{"12480.00", "BRL"}, "Casa do Samba Ltda", {}};
  request_.payload = kPayload;
}

Answer<usecase::Held> House::try_hold() {
  auto held = in([&](store::Tx& tx, Moment& moment) { return usecase::hold(tx, context_, caller_, request_, moment); });
  if (held) current_ = held->id;
  if (held && held->started) sent_.push_back(held->started->queued);
  return held;
}

TransactionId House::hold() {
  CS_CHECK(try_hold().has_value());
  return current_;
}

TransactionId House::hold(std::string_view policy) {
  request_.policy = std::string(policy);
  return hold();
}

Answer<usecase::Started> House::start(const usecase::StartRequest& request) {
  auto started = in([&](store::Tx& tx, Moment& moment) {
    return usecase::start_verification(tx, context_, caller_, request, moment);
  });
  if (started) sent_.push_back(started->queued);
  return started;
}

std::string House::code() const {
  CS_CHECK(!sent_.empty());
  return std::get<delivery::OutgoingMessage>(sent_.back().content).code.expose();
}

delivery::OutgoingMessage House::written(usecase::QueuedMessage message) {
  CS_CHECK(!usecase::write_text(context_, message, clock_.now()));
  return std::get<delivery::OutgoingMessage>(message.content);
}

std::string House::wrong_code() const {
  // No code that was ever sent.
  for (int number = 0;; ++number) {
    std::string candidate = std::to_string(100'000 + number);
    bool known = false;
    for (const auto& message : sent_) {
      const auto* ours = std::get_if<delivery::OutgoingMessage>(&message.content);
      known = known || (ours != nullptr && ours->code.expose() == candidate);
    }
    if (!known) return candidate;
  }
}

Answer<usecase::Approved> House::check(const TransactionId& id, std::string_view code) {
  auto answer = in([&](store::Tx& tx, Moment& moment) {
    return usecase::check(tx, context_, caller_, {id, SecretString(std::string(code)), {}, {}}, moment);
  });
  if (!answer) return fail(answer.error());
  return std::get<usecase::Approved>(*answer);
}

Answer<usecase::Approved> House::check_totp(std::string_view code, std::string_view factor) {
  auto answer = in([&](store::Tx& tx, Moment& moment) {
    const usecase::CheckRequest request{current_, SecretString(std::string(code)), std::string(factor), {}};
    return usecase::check(tx, context_, caller_, request, moment);
  });
  if (!answer) return fail(answer.error());
  return std::get<usecase::Approved>(*answer);
}

Answer<usecase::AskProvider> House::ask(std::string_view code) {
  auto answer = in([&](store::Tx& tx, Moment& moment) {
    return usecase::check(tx, context_, caller_, {current_, SecretString(std::string(code)), {}, {}}, moment);
  });
  if (!answer) return fail(answer.error());
  return std::get<usecase::AskProvider>(*std::move(answer));
}

Answer<usecase::Approved> House::conclude(const usecase::AskProvider& asked, delivery::VerifierVerdict verdict) {
  return in([&](store::Tx& tx, Moment& moment) {
    return usecase::conclude_check(tx, context_, caller_, asked, verdict, moment);
  });
}

Answer<usecase::Approved> House::conclude(const usecase::AskProvider& asked, const delivery::ProviderError& error) {
  return in([&](store::Tx& tx, Moment& moment) {
    return usecase::conclude_check(tx, context_, caller_, asked, fail(error), moment);
  });
}

Answer<usecase::Enrolment> House::enrol(std::string_view identity) {
  auto enrolment = in([&](store::Tx& tx, Moment& moment) {
    usecase::EnrolRequest request;
    request.identity = identity;
    request.name = "Telefone";
    return usecase::enrol_totp(tx, context_, caller_, request, moment);
  });
  if (enrolment) {
    factor_ = enrolment->id;
    seed_ = SecretString(*from_base32(enrolment->secret_base32.expose()));
  }
  return enrolment;
}

Answer<usecase::FactorView> House::confirm(std::string_view identity) { return confirm_with(totp_code(), identity); }

Answer<usecase::FactorView> House::confirm_with(std::string_view code, std::string_view identity) {
  return in([&](store::Tx& tx, Moment& moment) {
    return usecase::confirm_factor(tx, context_, caller_, identity, factor_, SecretString(std::string(code)), moment);
  });
}

Answer<Done> House::remove(const FactorId& factor, std::string_view identity) {
  return in([&](store::Tx& tx, Moment& moment) {
    return usecase::remove_factor(tx, context_, caller_, identity, factor, moment);
  });
}

std::string House::totp_code(std::int64_t steps) const {
  const crypto::TotpParameters parameters;
  return crypto::totp(seed_.expose(), crypto::totp_step(clock_.now(), parameters) + steps, parameters);
}

Answer<usecase::ContactView> House::add_contact(Channel channel, std::string_view address, std::string_view identity) {
  return in([&](store::Tx& tx, Moment& moment) {
    return usecase::add_contact(tx, context_, caller_, {std::string(identity)}, {channel, std::string(address)}, {},
                                moment);
  });
}

Answer<usecase::Claim> House::claim(std::string_view claimer) {
  return in(
      [&](store::Tx& tx, Moment& moment) { return usecase::claim(tx, context_, caller_, current_, claimer, moment); });
}

Answer<Done> House::ack(std::string_view fencing_token) {
  return in([&](store::Tx& tx, Moment& moment) {
    return usecase::acknowledge(tx, context_, caller_, current_, fencing_token, moment);
  });
}

Answer<usecase::Ended> House::cancel() {
  return in([&](store::Tx& tx, Moment& moment) { return usecase::cancel(tx, context_, caller_, current_, moment); });
}

Answer<usecase::Ended> House::deny() {
  return in([&](store::Tx& tx, Moment& moment) { return usecase::deny(tx, context_, caller_, current_, moment); });
}

domain::standing::Counts House::counts(const Id& source, std::string_view identity) {
  return in([&](store::Tx& tx, Moment&) {
    const auto subject = store::find_subject(tx, context_.vault, account_, identity);
    CS_CHECK(subject.has_value());
    const auto history = usecase::load_history(tx, context_, account_, *subject, service());
    return domain::standing::counts(history, source, now(), now());
  });
}

domain::standing::Counts House::counts(Channel channel, std::string_view address, std::string_view identity) {
  const auto source = in([&](store::Tx& tx, Moment&) {
    const auto subject = store::find_subject(tx, context_.vault, account_, identity);
    std::optional<Id> found;
    for (const auto& contact : store::contacts_of(tx, account_, *subject)) {
      if (contact.channel == channel && store::open_address(context_.vault, contact).expose() == address)
        found = contact.address_id.id;
    }
    return found;
  });
  return source ? counts(*source, identity) : domain::standing::Counts{};
}

domain::standing::History House::history(std::string_view identity) {
  return in([&](store::Tx& tx, Moment&) {
    const auto subject = store::find_subject(tx, context_.vault, account_, identity);
    CS_CHECK(subject.has_value());
    return usecase::load_history(tx, context_, account_, *subject, service());
  });
}

void House::tell_all(std::string_view identity) {
  in([&](store::Tx& tx, Moment& moment) {
    const auto subject = store::find_subject(tx, context_.vault, account_, identity);
    auto history = usecase::load_history(tx, context_, account_, *subject, service());
    const auto everyone = [](const domain::standing::Binding&) { return true; };
    const auto& rules = usecase::standing_rules(context_, account_, service());
    domain::standing::Change change{history, {}, {}, {}};
    for (const auto& binding : history.bindings) {
      for (const Id& other : others_to_tell(history, binding, rules, moment.now, everyone))
        change.history = told(change.history, binding.id, other, moment.now);
    }
    usecase::settle(tx, context_, caller_, history, std::move(change), moment);
    return Done{};
  });
}

int House::lapse() {
  return in([&](store::Tx& tx, Moment& moment) { return usecase::lapse_due(tx, context_, 100, moment); });
}

int House::expire() {
  return in([&](store::Tx& tx, Moment& moment) { return usecase::expire_lapsed(tx, context_, 100, moment); });
}

Answer<usecase::NewEndpoint> House::add_endpoint(std::string_view url) {
  return in([&](store::Tx& tx, Moment& moment) {
    return usecase::add_endpoint(tx, context_, caller_, {std::string(url), {}, {}}, moment);
  });
}

std::vector<usecase::QueuedMessage> House::due_messages() {
  return in([&](store::Tx& tx, Moment& moment) { return usecase::lease_due_messages(tx, context_, 100, moment); }).jobs;
}

void House::finish(const usecase::QueuedMessage& message, Result<delivery::Accepted, delivery::ProviderError> outcome) {
  const usecase::SentMessage sent{message, std::move(outcome)};
  in([&](store::Tx& tx, Moment& moment) {
    usecase::finish_message(tx, context_, sent, moment);
    return Done{};
  });
}

void House::give_back(const usecase::QueuedMessage& message) {
  in([&](store::Tx& tx, Moment& moment) {
    usecase::give_back(tx, context_, message, moment);
    return Done{};
  });
}

std::vector<usecase::WebhookJob> House::due_deliveries() {
  return in([&](store::Tx& tx, Moment& moment) { return usecase::lease_due_deliveries(tx, context_, 100, moment); })
      .jobs;
}

void House::finish(const usecase::WebhookJob& job, delivery::WebhookVerdict verdict, std::optional<int> status) {
  const delivery::WebhookOutcome outcome{verdict, status, std::nullopt, "said the test", seconds(1)};
  in([&](store::Tx& tx, Moment& moment) {
    usecase::finish_delivery(tx, context_, job.row, outcome, moment);
    return Done{};
  });
}

store::TransactionRow House::row() {
  return *in([&](store::Tx& tx, Moment&) { return store::find_transaction(tx, account_, current_); });
}

domain::TransactionStatus House::status() { return domain::status_at(row().state, now()); }

store::VerificationRow House::verification() {
  auto rows = in([&](store::Tx& tx, Moment&) { return store::verifications_of(tx, account_, current_); });
  CS_CHECK(!rows.empty());
  return std::move(rows.front());
}

std::optional<store::MessageState> House::message(const MessageId& id) {
  return in([&](store::Tx& tx, Moment&) { return store::find_message(tx, account_, id); });
}

bool House::has_payload() {
  return in(
      [&](store::Tx& tx, Moment&) { return store::open_payload(tx, context_.vault, account_, current_).has_value(); });
}

std::int64_t House::count(std::string_view table) {
  // One statement for each table: texts are never composed at run time.
  static const store::Sql kPayloads{"SELECT count(*) FROM payloads"};
  static const store::Sql kMessages{"SELECT count(*) FROM messages"};
  static const store::Sql kTransactions{"SELECT count(*) FROM transactions"};
  static const store::Sql kVerifications{"SELECT count(*) FROM verifications"};
  static const store::Sql kDeliveries{"SELECT count(*) FROM deliveries"};
  static const store::Sql kAttempts{"SELECT count(*) FROM delivery_attempts"};
  static const store::Sql kEvents{"SELECT count(*) FROM events"};
  static const store::Sql kIdempotency{"SELECT count(*) FROM idempotency"};
  static const store::Sql kCounters{"SELECT count(*) FROM counters"};
  static const store::Sql kStandings{"SELECT count(*) FROM standings"};
  const store::Sql* sql = table == "payloads"            ? &kPayloads
                          : table == "messages"          ? &kMessages
                          : table == "transactions"      ? &kTransactions
                          : table == "verifications"     ? &kVerifications
                          : table == "deliveries"        ? &kDeliveries
                          : table == "delivery_attempts" ? &kAttempts
                          : table == "events"            ? &kEvents
                          : table == "idempotency"       ? &kIdempotency
                          : table == "counters"          ? &kCounters
                          : table == "standings"         ? &kStandings
                                                         : nullptr;
  CS_CHECK(sql != nullptr);
  return in([&](store::Tx& tx, Moment&) {
    std::int64_t rows = -1;
    tx.one(*sql, {}, [&](const store::Row& row) { rows = row.integer(0); });
    return rows;
  });
}

std::vector<store::EventRow> House::all_events() {
  return in([&](store::Tx& tx, Moment&) { return store::list_events(tx, account_, {.limit = 10'000}).rows; });
}

std::vector<std::string> House::events() {
  std::vector<std::string> types;
  for (const auto& event : all_events()) {
    if (event.transaction == current_) types.push_back(event.type);
  }
  return types;
}

void House::broken(const store::StoreError& error) {
  std::cerr << "the store failed: " << error.detail << '\n';
  std::abort();
}

delivery::ProviderError unavailable(bool maybe_sent) {
  return {delivery::Fault::kUnavailable,
          delivery::PersonNotice::kTemporarilyUnavailable,
          "",
          "no answer",
          std::nullopt,
          maybe_sent};
}

}  // namespace countersign::testing
