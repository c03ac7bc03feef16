#include "support/fixture.h"

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
#include "support/patient_options.h"
#include "support/postgres_cluster.h"
#include "support/settings.h"
#include "usecase/subject/standing.h"
#include "usecase/verification/message_text.h"
#include "usecase/verify_api/hooks.h"

namespace countersign::testing {

namespace {

using std::chrono::seconds;

/// The configuration's defaults, but strangers may use all.
domain::Limits default_limits() {
  domain::Limits limits;
  limits.strangers_share = 100;
  return limits;
}

constexpr const char* kEngine = "CS_TEST_STORE";

/// That database of PostgreSQL; in memory where there is none.
std::unique_ptr<store::Store> opened(const std::string& url) {
  auto store = url.empty() ? store::open_sqlite_in_memory() : store::open_postgres(patient_options(url));
  CS_CHECK(store.has_value());
  return *std::move(store);
}

}  // namespace

std::unique_ptr<store::Store> new_test_store() {
  return opened(std::getenv(kEngine) == nullptr ? std::string() : PostgresCluster::shared().new_database());
}

Fixture::Fixture() : Fixture(std::getenv(kEngine) == nullptr ? nullptr : std::make_unique<KeptDatabase>(), nullptr) {}

Fixture::Fixture(std::unique_ptr<store::Store> store) : Fixture(nullptr, std::move(store)) {}

Fixture::Fixture(std::unique_ptr<KeptDatabase> database, std::unique_ptr<store::Store> store)
    : database_(std::move(database)),
      store_(store ? std::move(store) : opened(database_ ? database_->url() : std::string())),
      sealer_(test_keyring()),
      digester_(test_keyring()),
      context_{settings_, store::Vault(sealer_, digester_), event_ids_} {
  const auto migrated = store::migrate(*store_, store::all_migrations(), clock_.now());
  if (!migrated) broken(migrated.error());
  furnish();
}

void Fixture::furnish() {
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
    own.providers[channel] = {"double", false};
  }
  account.services.emplace_back(test_service(std::get<2>(ids), "upstream", policies)).providers[Channel::kSms] = {
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

Answer<usecase::Held> Fixture::try_hold() {
  auto held =
      in([&](store::Tx& tx, Moment& moment) { return usecase::hold({tx, context_, caller_, moment}, request_); });
  if (held) current_ = held->id;
  if (held && held->started) sent_.push_back(held->started->queued);
  return held;
}

TransactionId Fixture::hold() {
  CS_CHECK(try_hold().has_value());
  return current_;
}

TransactionId Fixture::hold(std::string_view policy) {
  request_.policy = std::string(policy);
  return hold();
}

Answer<usecase::Started> Fixture::start(const usecase::StartRequest& request) {
  auto started = in([&](store::Tx& tx, Moment& moment) {
    return usecase::start_verification({tx, context_, caller_, moment}, request);
  });
  if (started) sent_.push_back(started->queued);
  return started;
}

std::string Fixture::code() const {
  CS_CHECK(!sent_.empty());
  return std::get<delivery::OutgoingMessage>(sent_.back().content).code.expose();
}

delivery::OutgoingMessage Fixture::written(usecase::QueuedMessage message) {
  CS_CHECK(!usecase::write_text(context_, message, clock_.now()));
  return std::get<delivery::OutgoingMessage>(message.content);
}

std::string Fixture::wrong_code() const {
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

Answer<usecase::Approved> Fixture::check(const TransactionId& id, std::string_view code) {
  auto answer = in([&](store::Tx& tx, Moment& moment) {
    return usecase::check({tx, context_, caller_, moment}, {id, SecretString(std::string(code)), {}, {}});
  });
  if (!answer) return fail(answer.error());
  return std::get<usecase::Approved>(*answer);
}

Answer<usecase::Approved> Fixture::check_totp(std::string_view code, std::string_view factor) {
  auto answer = in([&](store::Tx& tx, Moment& moment) {
    const usecase::CheckRequest request{current_, SecretString(std::string(code)), std::string(factor), {}};
    return usecase::check({tx, context_, caller_, moment}, request);
  });
  if (!answer) return fail(answer.error());
  return std::get<usecase::Approved>(*answer);
}

Answer<usecase::AskProvider> Fixture::ask(std::string_view code) {
  auto answer = in([&](store::Tx& tx, Moment& moment) {
    return usecase::check({tx, context_, caller_, moment}, {current_, SecretString(std::string(code)), {}, {}});
  });
  if (!answer) return fail(answer.error());
  return std::get<usecase::AskProvider>(*std::move(answer));
}

Answer<usecase::Approved> Fixture::conclude(const usecase::AskProvider& asked, delivery::VerifierVerdict verdict) {
  return in([&](store::Tx& tx, Moment& moment) {
    return usecase::conclude_check({tx, context_, caller_, moment}, asked, verdict);
  });
}

Answer<usecase::Approved> Fixture::conclude(const usecase::AskProvider& asked, const delivery::ProviderError& error) {
  return in([&](store::Tx& tx, Moment& moment) {
    return usecase::conclude_check({tx, context_, caller_, moment}, asked, fail(error));
  });
}

Answer<usecase::Enrolment> Fixture::enrol(std::string_view identity) {
  auto enrolment = in([&](store::Tx& tx, Moment& moment) {
    usecase::EnrolRequest request;
    request.identity = identity;
    request.name = "Telefone";
    return usecase::enrol_totp({tx, context_, caller_, moment}, request);
  });
  if (enrolment) {
    factor_ = enrolment->id;
    seed_ = SecretString(*from_base32(enrolment->secret_base32.expose()));
  }
  return enrolment;
}

Answer<usecase::FactorView> Fixture::confirm(std::string_view identity) { return confirm_with(totp_code(), identity); }

Answer<usecase::FactorView> Fixture::confirm_with(std::string_view code, std::string_view identity) {
  return in([&](store::Tx& tx, Moment& moment) {
    return usecase::confirm_factor({tx, context_, caller_, moment}, identity, factor_, SecretString(std::string(code)));
  });
}

Answer<Done> Fixture::remove(const FactorId& factor, std::string_view identity) {
  return in([&](store::Tx& tx, Moment& moment) {
    return usecase::remove_factor({tx, context_, caller_, moment}, identity, factor);
  });
}

std::string Fixture::totp_code(std::int64_t steps) const {
  const crypto::TotpParameters parameters;
  return crypto::totp(seed_.expose(), crypto::totp_step(clock_.now(), parameters) + steps, parameters);
}

Answer<usecase::ContactView> Fixture::add_contact(Channel channel, std::string_view address,
                                                  std::string_view identity) {
  return in([&](store::Tx& tx, Moment& moment) {
    return usecase::add_contact({tx, context_, caller_, moment}, {std::string(identity)},
                                {channel, std::string(address)}, {});
  });
}

Answer<usecase::Claim> Fixture::claim(std::string_view claimer) {
  return in([&](store::Tx& tx, Moment& moment) {
    return usecase::claim({tx, context_, caller_, moment}, current_, claimer);
  });
}

Answer<Done> Fixture::ack(std::string_view fencing_token) {
  return in([&](store::Tx& tx, Moment& moment) {
    return usecase::acknowledge({tx, context_, caller_, moment}, current_, fencing_token);
  });
}

Answer<usecase::Ended> Fixture::cancel() {
  return in([&](store::Tx& tx, Moment& moment) { return usecase::cancel({tx, context_, caller_, moment}, current_); });
}

Answer<usecase::Ended> Fixture::deny() {
  return in([&](store::Tx& tx, Moment& moment) { return usecase::deny({tx, context_, caller_, moment}, current_); });
}

domain::standing::Counts Fixture::counts(const Id& source, std::string_view identity) {
  return in([&](store::Tx& tx, Moment&) {
    const auto subject = store::find_subject(tx, context_.vault, account_, identity);
    CS_CHECK(subject.has_value());
    const auto history = usecase::load_history(tx, context_, account_, *subject, service());
    return domain::standing::counts(history, source, now(), now());
  });
}

domain::standing::Counts Fixture::counts(Channel channel, std::string_view address, std::string_view identity) {
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

domain::standing::History Fixture::history(std::string_view identity) {
  return in([&](store::Tx& tx, Moment&) {
    const auto subject = store::find_subject(tx, context_.vault, account_, identity);
    CS_CHECK(subject.has_value());
    return usecase::load_history(tx, context_, account_, *subject, service());
  });
}

void Fixture::tell_all(std::string_view identity) {
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
    usecase::settle({tx, context_, caller_, moment}, history, std::move(change));
    return Done{};
  });
}

int Fixture::lapse() {
  return in([&](store::Tx& tx, Moment& moment) { return usecase::lapse_due(tx, context_, 100, moment); });
}

int Fixture::expire() {
  return in([&](store::Tx& tx, Moment& moment) { return usecase::expire_lapsed(tx, context_, 100, moment); });
}

Answer<usecase::NewEndpoint> Fixture::add_endpoint(std::string_view url) {
  return in([&](store::Tx& tx, Moment& moment) {
    return usecase::add_endpoint({tx, context_, caller_, moment}, {std::string(url), {}, {}});
  });
}

std::vector<usecase::QueuedMessage> Fixture::due_messages() {
  return in([&](store::Tx& tx, Moment& moment) { return usecase::lease_due_messages(tx, context_, 100, moment); }).jobs;
}

void Fixture::finish(const usecase::QueuedMessage& message,
                     Result<delivery::Accepted, delivery::ProviderError> outcome) {
  const usecase::SentMessage sent{message, std::move(outcome)};
  in([&](store::Tx& tx, Moment& moment) {
    usecase::finish_messages(tx, context_, {&sent, 1}, moment);
    return Done{};
  });
}

void Fixture::give_back(const usecase::QueuedMessage& message) {
  in([&](store::Tx& tx, Moment& moment) {
    usecase::give_back(tx, context_, message, moment);
    return Done{};
  });
}

std::vector<usecase::WebhookJob> Fixture::due_deliveries() {
  return in([&](store::Tx& tx, Moment& moment) {
           return usecase::lease_due_deliveries(tx, context_, 100, moment, usecase::verify_api::hook_attempt);
         })
      .jobs;
}

void Fixture::finish(const usecase::WebhookJob& job, delivery::WebhookVerdict verdict, std::optional<int> status) {
  const delivery::WebhookOutcome outcome{verdict, status, std::nullopt, "said the test", seconds(1)};
  in([&](store::Tx& tx, Moment& moment) {
    usecase::finish_delivery(tx, context_, job.row, outcome, moment);
    return Done{};
  });
}

store::TransactionRow Fixture::row() {
  return *in([&](store::Tx& tx, Moment&) { return store::find_transaction(tx, account_, current_); });
}

domain::TransactionStatus Fixture::status() { return domain::status_at(row().state, now()); }

store::VerificationRow Fixture::verification() {
  auto rows = in([&](store::Tx& tx, Moment&) {
    return store::verifications_of(tx, *store::find_transaction(tx, account_, current_));
  });
  CS_CHECK(!rows.empty());
  return std::move(rows.front());
}

void Fixture::put_back_verifications() {
  static const store::Sql kInsert{R"sql(
      INSERT INTO verifications (
        account_id, transaction_id, id, contact_id, channel, provider, provider_ref, status, code_digest,
        code_valid_until, previous_digest, previous_valid_until, attempts, sends, created_at, last_sent_at, expires_at,
        send_fault, sendings)
      VALUES (
        :account_id, :transaction_id, :id, :contact_id, :channel, :provider, :provider_ref, :status, :code_digest,
        :code_valid_until, :previous_digest, :previous_valid_until, :attempts, :sends, :created_at, :last_sent_at,
        :expires_at, :send_fault, :sendings)
  )sql"};
  static const store::Sql kClear{"DELETE FROM verifications WHERE account_id = ?1 AND transaction_id = ?2"};
  static const store::Sql kForget{"UPDATE transactions SET verifications = NULL WHERE account_id = ?1 AND id = ?2"};
  const auto digest = [](const std::optional<domain::SentCode>& code) {
    return code ? std::optional(store::Blob{code->digest}) : std::nullopt;
  };
  const auto validity = [](const std::optional<domain::SentCode>& code) {
    return code ? std::optional(code->valid_until) : std::nullopt;
  };
  in([&](store::Tx& tx, Moment&) {
    const auto rows = store::verifications_of(tx, *store::find_transaction(tx, account_, current_));
    tx.exec(kClear, {account_, current_});
    for (const auto& v : rows) {
      const auto& s = v.state;
      std::optional<std::string> sendings;  // Only those of standalone codes were recorded.
      for (const auto& one : v.sendings) {
        sendings = sendings.value_or("") + one.message.text() + ' ' + std::string(contact::to_text(one.channel)) + ' ' +
                   std::to_string(to_micros(one.sent_at)) + '\n';
      }
      tx.exec(kInsert, {{"account_id", s.account},
                        {"transaction_id", s.transaction},
                        {"id", s.id},
                        {"contact_id", s.contact},
                        {"channel", contact::to_text(s.channel)},
                        {"provider", v.provider},
                        {"provider_ref", v.provider_ref},
                        {"status", domain::to_text(s.status)},
                        {"code_digest", digest(s.code)},
                        {"code_valid_until", validity(s.code)},
                        {"previous_digest", digest(s.previous_code)},
                        {"previous_valid_until", validity(s.previous_code)},
                        {"attempts", s.attempts},
                        {"sends", s.sends},
                        {"created_at", s.created_at},
                        {"last_sent_at", s.last_sent_at},
                        {"expires_at", s.expires_at},
                        {"send_fault", v.send_fault},
                        {"sendings", sendings}});
    }
    CS_CHECK(tx.exec(kForget, {account_, current_}) == 1);
    return Done{};
  });
}

std::optional<store::MessageState> Fixture::message(const MessageId& id) {
  return in([&](store::Tx& tx, Moment&) { return store::find_message(tx, account_, id); });
}

bool Fixture::has_payload() {
  return in([&](store::Tx& tx, Moment&) {
    const auto found = store::find_transaction_to_release(tx, account_, current_);
    return found && found->payload;
  });
}

std::int64_t Fixture::count(std::string_view table) {
  // One statement for each table: texts are never composed at run time.
  static const store::Sql kPayloads{"SELECT count(*) FROM payloads"};
  static const store::Sql kMessages{"SELECT count(*) FROM messages"};
  static const store::Sql kTransactions{"SELECT count(*) FROM transactions"};
  static const store::Sql kVerifications{"SELECT count(*) FROM verifications"};
  static const store::Sql kDeliveries{"SELECT count(*) FROM deliveries"};
  static const store::Sql kAttempts{"SELECT count(*) FROM delivery_attempts"};
  static const store::Sql kEvents{"SELECT CAST(coalesce(sum(events), 0) AS {{bigint}}) FROM event_bundles"};
  static const store::Sql kIdempotency{"SELECT count(*) FROM idempotency"};
  static const store::Sql kCounters{"SELECT count(*) FROM counters"};
  static const store::Sql kStandings{"SELECT count(*) FROM standings"};
  static const store::Sql kRiskCounts{"SELECT count(*) FROM risk_counts"};
  static const store::Sql kRiskPeople{"SELECT count(*) FROM risk_people"};
  static const store::Sql kRiskLinks{"SELECT count(*) FROM risk_links"};
  static const store::Sql kRiskTyped{"SELECT count(*) FROM risk_typed"};
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
                          : table == "risk_counts"       ? &kRiskCounts
                          : table == "risk_people"       ? &kRiskPeople
                          : table == "risk_links"        ? &kRiskLinks
                          : table == "risk_typed"        ? &kRiskTyped
                                                         : nullptr;
  CS_CHECK(sql != nullptr);
  return in([&](store::Tx& tx, Moment&) {
    std::int64_t rows = -1;
    tx.one(*sql, {}, [&](const store::Row& row) { rows = row.integer(0); });
    return rows;
  });
}

std::vector<store::EventRow> Fixture::all_events() {
  return in([&](store::Tx& tx, Moment&) { return store::list_events(tx, account_, {.limit = 10'000}).rows; });
}

std::vector<std::string> Fixture::events() {
  std::vector<std::string> types;
  for (const auto& event : all_events()) {
    if (event.transaction == current_) types.push_back(event.type);
  }
  return types;
}

void Fixture::in_transaction(FunctionRef<void(store::Tx&, Moment&)> unit) {
  const auto done = store_->transact_now([&](store::Tx& tx) {
    Moment moment{clock_.now(), random_};
    unit(tx, moment);
    return Done{};
  });
  if (!done) broken(done.error());
}

void Fixture::broken(const store::StoreError& error) {
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
