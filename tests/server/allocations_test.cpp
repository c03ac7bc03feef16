#include <fmt/format.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

#include "base/check.h"
#include "base/test_account.h"
#include "crypto/jws_key.h"
#include "main/open_store.h"
#include "main/server/server.h"
#include "main/settings.h"
#include "store/repository/accounts.h"
#include "support/counted_allocations.h"
#include "support/http_caller.h"
#include "usecase/api_keys.h"

namespace countersign::testing {
namespace {

/// Takes every message at once and keeps its code, without an allocation of its own.
class CodeKeeper final : public delivery::Sender {
 public:
  void send(delivery::OutgoingMessage message, delivery::ProviderDone<delivery::Accepted> done) override {
    {
      const std::lock_guard lock(mutex_);
      last_ = std::move(message.code);
    }
    done(delivery::Accepted{"SM1"});
  }
  [[nodiscard]] std::string_view name() const override { return "keeper"; }
  [[nodiscard]] bool supports(delivery::Channel) const override { return true; }

  [[nodiscard]] std::string last_code() {
    const std::lock_guard lock(mutex_);
    return last_.expose();
  }

 private:
  std::mutex mutex_;
  SecretString last_;
};

/// The server as in production, but for its provider.
class ServerInProduction {
 public:
  ServerInProduction() : config_(config_in(new_folder())), key_(make_database(config_)) {
    server_ = std::make_unique<main::Server>(
        config_, main::Server::Parts{system_clock(), system_random(), {{std::string("keeper"), &keeper_}}});
    const auto started = server_->start();
    CS_CHECK(started.has_value());
    caller_ = std::make_unique<HttpCaller>(server_->url(), key_);
  }
  ~ServerInProduction() {
    caller_.reset();
    server_.reset();
    std::error_code ignored;
    std::filesystem::remove_all(config_.data_dir, ignored);
  }
  ServerInProduction(const ServerInProduction&) = delete;
  ServerInProduction& operator=(const ServerInProduction&) = delete;

  HttpCaller& caller() { return *caller_; }
  CodeKeeper& keeper() { return keeper_; }

 private:
  static std::filesystem::path new_folder() {
    std::string name = (std::filesystem::temp_directory_path() / "countersign-allocations-XXXXXX").string();
    CS_CHECK(::mkdtemp(name.data()) != nullptr);
    return name;
  }

  static main::Config config_in(const std::filesystem::path& folder) {
    constexpr domain::Rate kPlenty{1'000'000, std::chrono::hours(24)};
    auto& random = system_random();
    main::Config config;
    config.listen = {{*IpAddress::parse("127.0.0.1"), 0}};
    config.public_url = "https://verify.example.com";
    config.data_dir = folder;
    config.store.sqlite_path = folder / "countersign.db";
    config.log_requests = main::RequestLog::kOff;
    config.secrets.seal_keys.push_back({1, SecretString(random.bytes(32))});
    config.secrets.current_seal_key = 1;
    config.secrets.lookup_key = SecretString(random.bytes(32));
    config.secrets.signing_key = crypto::SigningKey::generate(crypto::JwsAlgorithm::kEdDsa, random).to_pkcs8_pem();
    config.limits.sends_per_account = kPlenty;
    config.limits.sends_per_country = kPlenty;
    config.policies["sms"].any_of.add(domain::Method::kSms);
    auto& account = config.accounts.emplace_back();
    account.name = "default";
    account.limits = config.limits;
    main::ServiceConfig service;
    service.account = "default";
    service.name = service.friendly_name = service.totp_issuer = service.branding.name = "Bilheteria";
    service.locale = "pt-BR";
    service.origin_host = "verify.example.com";
    service.channels[contact::Channel::kSms] = "keeper";
    service.policies = {"sms"};
    config.services.push_back(std::move(service));
    return config;
  }

  /// With an API key, which it answers.
  static std::string make_database(const main::Config& config) {
    const auto store = main::open_store(config, system_clock(), system_random());
    CS_CHECK(store.has_value());
    const auto settings = main::make_settings(config, **store, system_clock(), system_random());
    CS_CHECK(settings.has_value());
    const auto live =
        std::ranges::find_if(settings->accounts, [](const auto& account) { return !is_test(account.first); });
    const auto keyring = crypto::Keyring::make(config.secrets.seal_keys, 1, config.secrets.lookup_key);
    Moment moment{system_clock().now(), system_random()};
    const auto key = usecase::issue_key(crypto::Digester(*keyring), live->first, "test", std::nullopt, moment);
    CS_CHECK((*store)->transact_now([&](store::Tx& tx) {
      store::insert_api_key(tx, key.row);
      return Done{};
    }));
    return key.text.expose();
  }

  main::Config config_;
  std::string key_;
  CodeKeeper keeper_;
  std::unique_ptr<main::Server> server_;
  std::unique_ptr<HttpCaller> caller_;
};

/// What the HTTP thread allocates for a request costs more than anything else that it computes: these numbers only
/// fall.
class Allocations : public ::testing::Test {
 protected:
  static constexpr int kRequests = 64;

  /// Of the server's I/O thread, for each of kRequests requests; what comes less often than once a request is left out.
  static std::uint64_t for_each(const std::function<void(int)>& request) {
    const auto before = settled();
    for (int i = 0; i < kRequests; ++i) request(i);
    return (settled() - before) / kRequests;
  }

  std::string hold(int person) {
    const auto held = server_.caller().post(
        "/v1/transactions",
        fmt::format(R"({{"type":"payout","subject":{{"identity":"person-{0}","contacts":[{{"channel":"sms",)"
                    R"("address":"+551198765{0:04}"}}]}},"display":{{"title":"Nova conta de repasse",)"
                    R"("amount":{{"value":"12480.00","currency":"BRL"}},"payee":"Casa do Samba Ltda"}},)"
                    R"("payload":{{"bank":"341"}}}})",
                    person));
    EXPECT_EQ(held.status, 201) << held.body;
    return "/v1/transactions/" + held.text("id");
  }
  void start(const std::string& transaction) {
    const auto started = server_.caller().post(
        transaction + "/verifications", fmt::format(R"({{"channel":"sms","end_user_ip":"{}"}})", next_address()));
    ASSERT_EQ(started.status, 201) << started.body;
  }
  void check(const std::string& transaction, const std::string& code) {
    const auto checked = server_.caller().post(
        transaction + "/checks", fmt::format(R"({{"code":"{}","end_user_ip":"{}"}})", code, next_address()));
    ASSERT_EQ(checked.status, 200) << checked.body;
  }

  ServerInProduction server_;

 private:
  /// Each person has one of its own: few messages are sent for one address.
  std::string next_address() { return fmt::format("203.0.113.{}", ++addresses_ % 250); }

  int addresses_ = 0;

  /// The answer is there before its thread has finished with the request.
  static std::uint64_t settled() {
    constexpr int kLooks = 5;  // Alike, one after the other: on a busy machine that thread may wait for its turn.
    auto last = allocations_of("http");
    for (int alike = 0; alike < kLooks;) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      const auto now = allocations_of("http");
      alike = now == last ? alike + 1 : 0;
      last = now;
    }
    return last;
  }
};

TEST_F(Allocations, OfAConstantAnswer) {
  const auto health = [&](int) { ASSERT_EQ(server_.caller().get("/healthz").status, 200); };
  for_each(health);
  EXPECT_LE(for_each(health), 5U);
}

TEST_F(Allocations, OfAStartAndACheck) {
  std::vector<std::string> held;
  std::vector<std::string> codes;
  for (int person = 0; person < 2 * kRequests; ++person) held.push_back(hold(person));
  const auto start_of = [&](int first) {
    return [&, first](int i) {
      start(held[static_cast<std::size_t>(first + i)]);
      codes.push_back(server_.keeper().last_code());
    };
  };
  const auto check_of = [&](int first) {
    return [&, first](int i) {
      const auto at = static_cast<std::size_t>(first + i);
      check(held[at], codes[at]);
    };
  };
  for_each(start_of(0));
  EXPECT_LE(for_each(start_of(kRequests)), 42U) << "of a start";
  for_each(check_of(0));
  EXPECT_LE(for_each(check_of(kRequests)), 22U) << "of a check";
}

}  // namespace
}  // namespace countersign::testing
