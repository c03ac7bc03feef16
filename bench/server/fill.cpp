#include "base/check.h"
#include "bench/server/codes.h"
#include "bench/server/world.h"
#include "crypto/keyring.h"
#include "main/settings.h"
#include "store/migration.h"
#include "store/migrations/migrations.h"
#include "store/repository/counters.h"
#include "store/repository/events.h"
#include "store/repository/messages.h"
#include "store/repository/subjects.h"
#include "store/repository/transactions.h"
#include "store/repository/verifications.h"
#include "store/sqlite/sqlite_store.h"

namespace countersign::bench {

namespace {

constexpr auto kHistory = std::chrono::days(21);
constexpr auto kCountersKept = std::chrono::days(2);
constexpr std::uint32_t kToCommit = 20'000;

/// Writes the rows that one verification leaves after its transaction is released.
class Past {
 public:
  Past(const main::Config& config, const usecase::Settings& settings)
      : keyring_(*crypto::Keyring::make(config.secrets.seal_keys, config.secrets.current_seal_key,
                                        config.secrets.lookup_key)),
        sealer_(keyring_),
        digester_(keyring_),
        vault_(sealer_, digester_),
        account_(account_of(settings)),
        policy_(settings.policies.begin()->second),
        display_(canonical_json(domain::to_json({"Nova conta de repasse",
                                                 domain::Amount{"12480.00", "BRL"},
                                                 "Casa do Samba Ltda",
                                                 {{"Conta", "Itaú final 3661"}}}))) {}

  void write(store::Tx& tx, std::uint32_t n, WallTime when) {
    Moment moment{when, system_random()};
    // From the far end, so that these people differ from those of the load.
    const auto phone = phone_of(99'999'999 - n);
    const auto subject = store::ensure_subject(tx, vault_, account_.id, "organizer-past-" + std::to_string(n), moment);
    const auto contact = store::ensure_contact(
        tx, vault_, {account_.id, subject, account_.services.front().id, contact::Channel::kSms, phone, phone}, moment);
    const auto verification = VerificationId::make(moment);
    const auto held = write_transaction(tx, subject, contact, verification, moment);
    write_message(tx, held, verification, moment);
    write_events(tx, held, n, moment);
    if (when > system_clock().now() - kCountersKept) {
      const domain::Rate rate{1, std::chrono::hours(1)};
      for (const auto* what : {"send ip 10.1.", "check ip 10.1."})
        CS_CHECK(store::count_in_counter(tx, account_.id, what + std::to_string(n), rate, when));
    }
  }

 private:
  domain::Transaction write_transaction(store::Tx& tx, const SubjectId& subject, const store::ContactRow& contact,
                                        const VerificationId& verification, Moment& moment) {
    store::TransactionRow row;
    row.state.id = TransactionId::make(moment);
    row.state.account = account_.id;
    row.state.service = account_.services.front().id;
    row.state.subject = subject;
    row.state.policy = policy_;
    row.state.created_at = moment.now;
    row.state.expires_at = moment.now + std::chrono::minutes(30);
    row.type = "payout_account.change";
    row.locale = "pt-BR";
    row.display_sealed = store::seal_display(vault_, row.state.id, display_, moment.random);
    row.display_hash = row.payload_hash = row.binding_hash = row.token_digest = moment.random.bytes(32);
    row.state.status = domain::TransactionStatus::kReleased;
    row.state.proofs = {{domain::Method::kSms,
                         contact.address_id.id,
                         moment.now,
                         contact.id,
                         {domain::standing::Counted::kFounding, moment.now, {}}}};
    store::put_verification(tx, row, past_verification(row.state, verification, contact.id, moment));
    store::insert_transaction(tx, row);
    row.state.verified_at = row.state.claimable_until = row.state.claimed_at = row.state.ended_at = moment.now;
    row.claimer_digest = row.token_digest;
    store::save_transaction(tx, row);
    return row.state;
  }

  store::VerificationRow past_verification(const domain::Transaction& held, const VerificationId& id,
                                           const ContactId& contact, Moment& moment) {
    store::VerificationRow row;
    row.state.id = id;
    row.state.account = account_.id;
    row.state.transaction = held.id;
    row.state.contact = contact;
    row.state.status = domain::VerificationStatus::kApproved;
    row.state.code = {moment.random.bytes(32), moment.now};
    row.state.attempts = row.state.sends = 1;
    row.state.created_at = row.state.last_sent_at = row.state.expires_at = moment.now;
    row.provider = "capture";
    return row;
  }

  void write_message(store::Tx& tx, const domain::Transaction& held, const VerificationId& verification,
                     Moment& moment) {
    const auto id = MessageId::make(moment);
    store::insert_message(tx, {account_.id, id, held.id, verification, contact::Channel::kSms, "capture", "", 1,
                               moment.now, "node-past", moment.now});
    store::finish_message(tx, account_.id, id, store::MessageStatus::kSent, "SM" + id.text().substr(2), std::nullopt,
                          moment.now);
  }

  void write_events(store::Tx& tx, const domain::Transaction& held, std::uint32_t n, Moment& moment) {
    const std::string source = digester_.blind_index("source", std::to_string(n));
    const std::string request = held.id.text().substr(2);
    const std::string data =
        R"({"verification":"VE0193f0a1b2c3d4e5f60718293a4b5c6d","channel":"sms","contact":"CT0193f0a1b2c3d4e5f60718293a4b5c6d","send":1})";
    for (const auto* type : {"transaction.held", "verification.started", "check.approved", "transaction.verified",
                             "transaction.claimed", "transaction.released"}) {
      store::append_event(tx, event_ids_,
                          {account_.id,
                           {},
                           type,
                           held.id,
                           held.subject,
                           "api:SK0193f0a1b2c3d4e5f60718293a4b5c6d",
                           source,
                           request,
                           data,
                           moment.now},
                          moment);
    }
  }

  crypto::Keyring keyring_;
  crypto::Sealer sealer_;
  crypto::Digester digester_;
  store::Vault vault_;
  store::EventIds event_ids_;
  const usecase::AccountSettings& account_;
  const domain::Policy& policy_;
  std::string display_;  // In its canonical form.
};

}  // namespace

void fill_database(const main::Config& config, std::uint32_t verifications) {
  // Keyed digests are in random order: writing is fast only while their indexes stay in memory.
  auto opened =
      store::open_sqlite({.file = config.store.sqlite_path, .cache_kib = 512 * 1024, .checkpoint_pages = 200'000});
  CS_CHECK(opened);
  auto& store = **opened;
  CS_CHECK(store::migrate(store, store::all_migrations(), system_clock().now()));
  const auto settings = main::make_settings(config, store, system_clock(), system_random());
  CS_CHECK(settings);
  Past past(config, *settings);
  const WallTime begin = system_clock().now() - kHistory;
  const auto step = Duration(kHistory) / (std::int64_t{verifications} + 1);
  for (std::uint32_t from = 0; from < verifications; from += kToCommit) {
    const auto to = std::min(verifications, from + kToCommit);
    CS_CHECK(store.transact_now([&](store::Tx& tx) {
      for (std::uint32_t n = from; n < to; ++n) past.write(tx, n, begin + step * n);
      return Done{};
    }));
  }
}

}  // namespace countersign::bench
