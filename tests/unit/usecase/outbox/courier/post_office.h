#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "delivery/http_client.h"
#include "delivery/providers/http_hook.h"
#include "delivery/webhook_sender.h"
#include "support/doubles/http_server.h"
#include "support/fixture.h"
#include "usecase/outbox/courier.h"

namespace countersign::testing {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

/// A provider that is reached over real HTTP, and what it was given when. Its times are the fixture's.
class HookDouble {
 public:
  explicit HookDouble(const Clock& clock);

  /// What it answers from now on.
  void answer_with(HttpServer::Handler handler);
  [[nodiscard]] std::string url() const { return server_->url("/messages"); }

  struct Arrival {
    WallTime at;
    WallTime expires_at;
    std::string code;
  };
  /// By message; what was answered with 2xx alone.
  [[nodiscard]] std::map<std::string, std::vector<Arrival>> accepted() const;
  /// All requests, however they were answered.
  [[nodiscard]] std::map<std::string, int> requests() const;

 private:
  ServerReply take(const ServerRequest& request);

  const Clock& clock_;
  mutable std::mutex mutex_;
  HttpServer::Handler handler_ = [](const ServerRequest&) { return ServerReply{200}; };
  std::map<std::string, std::vector<Arrival>> accepted_;
  std::map<std::string, int> requests_;
  std::unique_ptr<HttpServer> server_;
};

/// A provider that makes codes, of which the tests here see what is ended there, and when.
class VerifierDouble final : public delivery::Verifier {
 public:
  ~VerifierDouble() override;
  void start(delivery::VerificationStart, delivery::ProviderDone<delivery::Accepted> done) override {
    done(delivery::Accepted{"VE1"});
  }
  void check(delivery::VerificationCheck, delivery::ProviderDone<delivery::VerifierVerdict> done) override {
    done(delivery::VerifierVerdict::kOver);
  }
  void cancel(std::string provider_ref, delivery::ProviderDone<Done> done) override;
  [[nodiscard]] std::string_view name() const override { return "verifier"; }
  [[nodiscard]] bool supports(Channel) const override { return true; }

  /// How long the answer to cancel() takes.
  std::atomic<milliseconds> latency = milliseconds(0);
  /// In the order in which they were asked for.
  [[nodiscard]] std::vector<std::string> ended() const;
  /// At a time.
  [[nodiscard]] int most() const { return most_; }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> ended_;
  std::vector<std::thread> endings_;
  std::atomic<int> under_way_ = 0;
  std::atomic<int> most_ = 0;
};

/// A provider that a test answers for. Not over HTTP: its answers are of every kind.
class SenderDouble final : public delivery::Sender {
 public:
  using Answer = Result<delivery::Accepted, delivery::ProviderError>;
  void send(delivery::OutgoingMessage message, delivery::ProviderDone<delivery::Accepted> done) override;
  [[nodiscard]] std::string_view name() const override { return "double"; }
  [[nodiscard]] bool supports(Channel) const override { return true; }

  void answer_with(std::function<Answer()> answer);
  void refuse_with(delivery::Fault fault, bool maybe_sent = false);
  /// All that it was given, however it was answered.
  [[nodiscard]] std::vector<delivery::OutgoingMessage> given() const;

 private:
  mutable std::mutex mutex_;
  std::function<Answer()> answer_ = [] { return Answer(delivery::Accepted{"W1"}); };
  std::vector<delivery::OutgoingMessage> given_;
};

/// A fixture whose codes go out by a real courier over real HTTP to a double. The fixture's time stands still but for
/// run(), where it goes with the machine's, or faster.
class PostOffice {
 public:
  struct Options {
    delivery::FairQueueLimits codes = {};
    milliseconds provider_timeout{10'000};
    std::filesystem::path database =
        {};                        ///< A file of SQLite, whose units wait in a queue; empty: the fixture's store.
    Duration period = seconds(1);  ///< By the machine's clock: how often the courier looks by itself.
  };
  PostOffice() : PostOffice(Options{}) {}
  explicit PostOffice(Options options);
  ~PostOffice();

  Fixture fixture;
  HookDouble hook;
  HookDouble second;  ///< Another provider like it, which carries what the settings give to it.
  VerifierDouble verifier;
  SenderDouble other;  ///< Of any channel; likewise.

  /// `faster` times as fast as the machine's clock, `step` is called again and again.
  void run(Duration how_long, int faster, const std::function<void(Duration gone)>& step = [](Duration) {});
  /// Until `done`, for at most `how_long`.
  void run_until(const std::function<bool()>& done, Duration how_long, int faster = 1);

  /// The message with a code for somebody new, which is not sent yet.
  usecase::QueuedMessage make_code();
  /// Somebody new is sent a code; answers the message.
  MessageId send_code();
  /// Another account like the fixture's.
  AccountId second_account();
  /// `count` webhooks that are due, to an endpoint of the fixture's account at that address.
  void queue_webhooks(const std::string& url, int count);
  void queue_webhooks(const WebhookEndpointId& endpoint, int count);  ///< In one unit.

  // Due in 60 s of the fixture's time:
  MessageId queue_notice(const SubjectId& subject, std::string_view to);
  /// Of a verification that is to be ended at `verifier`.
  void queue_end(const std::string& provider_ref);

  [[nodiscard]] usecase::Courier& courier() { return *courier_; }
  /// As a process that is asked to end and started again does.
  void restart(Duration drain);
  [[nodiscard]] std::vector<std::string> set_aside();
  [[nodiscard]] std::map<std::string, int> statuses();  ///< Of messages.
  [[nodiscard]] std::int64_t number(const store::Sql& sql);

 private:
  void start_courier();
  std::unique_ptr<delivery::HttpHook> hook_sender(const HookDouble& to);

  Options options_;
  delivery::HttpClient code_http_;
  delivery::HttpClient other_http_;
  delivery::WebhookSender webhooks_;
  std::unique_ptr<delivery::HttpHook> provider_;
  std::unique_ptr<delivery::HttpHook> second_provider_;
  usecase::Providers providers_;
  std::unique_ptr<usecase::Courier> courier_;
  std::vector<std::unique_ptr<usecase::Courier>> ended_;  ///< Until the store has ended, which may have units of them.
  int person_ = 0;
  std::mutex mutex_;
  std::vector<std::string> set_aside_;
};

}  // namespace countersign::testing
