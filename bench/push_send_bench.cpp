// Ten thousand subscriptions at a push service that answers after 100 ms: pushes per second, and memory for each that
// is in flight, beside what so many connections could carry at most, and beside a bare loop of libcurl that posts as
// many bytes over as many connections, with nothing encrypted or signed. Most pushes in flight wait for a connection:
// those that have one are measured beside that, too.
//
//     push_send_bench [subscriptions]
//
// The push service is a process of its own, so that its memory is not measured.

#include <curl/curl.h>
#include <fmt/format.h>
#include <malloc.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <latch>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/check.h"
#include "crypto/vapid.h"
#include "delivery/push_sender.h"
#include "support/doubles/http_server.h"
#include "support/push_browser.h"

namespace countersign::bench {
namespace {

constexpr auto kAnswersAfter = std::chrono::milliseconds(100);
constexpr std::chrono::milliseconds kSlow =
    std::chrono::seconds(3);  ///< Time to look at connections that are all busy.
constexpr std::string_view kSlowPath = "/slow/";
constexpr std::size_t kConnections = 256;
constexpr std::size_t kBrowsers = 64;  ///< As many key pairs; each subscription has an endpoint of its own.

/// Runs the service in a child, and answers its port.
std::pair<pid_t, std::uint16_t> start_service() {
  int ends[2];
  CS_CHECK(pipe(ends) == 0);
  const pid_t child = fork();
  CS_CHECK(child >= 0);
  std::uint16_t port = 0;
  if (child == 0) {
    const testing::HttpServer service([](const testing::ServerRequest& request) {
      std::this_thread::sleep_for(request.path.starts_with(kSlowPath) ? kSlow : kAnswersAfter);
      return testing::ServerReply{.status = 201};
    });
    port = service.port();
    CS_CHECK(write(ends[1], &port, sizeof port) == sizeof port);
    for (;;) pause();
  }
  CS_CHECK(read(ends[0], &port, sizeof port) == sizeof port);
  return {child, port};
}

/// Bytes that malloc has given out, in its own arenas and by mmap.
std::size_t bytes_in_use() {
  const auto info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

std::size_t drop(char*, std::size_t size, std::size_t count, void*) { return size * count; }

struct Bare {
  double rate;         ///< Per second.
  double on_the_wire;  ///< Bytes for each handle that has a connection.
};

/// Posts so many bodies of a push's size, as fast as one thread with libcurl's multi interface does.
Bare bare_loop(std::uint16_t port, std::size_t posts) {
  const std::size_t before = bytes_in_use();
  std::size_t most = before;
  const std::string body(delivery::kPushPadded + 103, 'x');  // Of aes128gcm: 86 bytes of header, a delimiter, a tag.
  std::unique_ptr<CURLM, decltype(&curl_multi_cleanup)> multi(curl_multi_init(), curl_multi_cleanup);
  std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> headers(curl_slist_append(nullptr, "TTL: 180"),
                                                                      curl_slist_free_all);
  const std::string url = fmt::format("http://127.0.0.1:{}/push/bare", port);
  std::size_t begun = 0;
  std::size_t ended = 0;
  const auto start = [&](CURL* easy) {
    ++begun;
    curl_multi_add_handle(multi.get(), easy);
  };
  curl_multi_setopt(multi.get(), CURLMOPT_MAX_TOTAL_CONNECTIONS, static_cast<long>(kConnections));
  curl_multi_setopt(multi.get(), CURLMOPT_MAXCONNECTS, static_cast<long>(kConnections));
  std::vector<CURL*> handles;
  const auto from = std::chrono::steady_clock::now();
  while (handles.size() < std::min(kConnections, posts)) {
    CURL* easy = curl_easy_init();
    curl_easy_setopt(easy, CURLOPT_URL, url.c_str());
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body.data());
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, static_cast<long>(body.size()));
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers.get());
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, drop);
    handles.push_back(easy);
    start(easy);
  }
  while (ended < posts) {
    int running = 0;
    CS_CHECK(curl_multi_perform(multi.get(), &running) == CURLM_OK);
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi.get(), &left)) {
      if (message->msg != CURLMSG_DONE) continue;
      CS_CHECK(message->data.result == CURLE_OK);
      CURL* easy = message->easy_handle;
      ++ended;
      curl_multi_remove_handle(multi.get(), easy);
      if (begun < posts) start(easy);
    }
    most = std::max(most, bytes_in_use());
    if (ended < posts) CS_CHECK(curl_multi_poll(multi.get(), nullptr, 0, 1000, nullptr) == CURLM_OK);
  }
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - from).count();
  for (CURL* easy : handles) curl_easy_cleanup(easy);
  return {static_cast<double>(posts) / seconds,
          static_cast<double>(most - before) / static_cast<double>(handles.size())};
}

/// Pushes to one service, and what becomes of them.
class Sending {
 public:
  Sending(delivery::HttpClient& http, std::uint16_t port)
      : http_(http),
        port_(port),
        browsers_(kBrowsers),
        key_(crypto::SigningKey::generate(crypto::JwsAlgorithm::kEs256, system_random()), "mailto:ops@countersign.dev"),
        sender_(http, system_clock(), system_random(), {key_},
                {.rules = {.addresses = delivery::AddressPolicy::kAny, .plain_http = delivery::PlainHttp::kAllowed},
                 .timeout = std::chrono::minutes(1)}) {}

  void send(std::string_view path, std::size_t count, std::latch& answered) {
    for (std::size_t i = 0; i < count; ++i) {
      const auto& browser = browsers_[i % kBrowsers];
      sender_.send({.endpoint = fmt::format("http://127.0.0.1:{}{}{:022}", port_, path, i),
                    .to = *crypto::PushRecipient::from_bytes(browser.point(), browser.auth()),
                    .key = key_.point(),
                    .text = R"({"web_push":8030,"notification":{"title":"Palco: approve or refuse"}})",
                    .topic = "prompt",
                    .ttl = std::chrono::seconds(180)},
                   [this, &answered](const delivery::PushOutcome& outcome) {
                     if (outcome.verdict == delivery::PushVerdict::kAccepted) ++accepted;
                     answered.count_down();
                   });
    }
  }

  /// Bytes for each push that has a connection.
  double on_the_wire() {
    std::latch answered(static_cast<std::ptrdiff_t>(kConnections));
    const std::size_t before = bytes_in_use();
    send(kSlowPath, kConnections, answered);
    std::size_t most = before;
    while (!answered.try_wait()) {
      if (http_.load().running == kConnections) most = std::max(most, bytes_in_use());
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return static_cast<double>(most - before) / kConnections;
  }

  std::atomic<std::size_t> accepted = 0;

 private:
  delivery::HttpClient& http_;
  std::uint16_t port_;
  std::vector<testing::PushBrowser> browsers_;
  crypto::VapidKey key_;
  delivery::PushSender sender_;
};

int run(std::size_t subscriptions) {
  const auto [child, port] = start_service();
  delivery::HttpClient http({.concurrent_max = kConnections,
                             .concurrent_per_host_max = kConnections,
                             .waiting_max = subscriptions,
                             .waiting_per_host_max = subscriptions},
                            system_clock());
  Sending sending(http, port);
  const double on_the_wire = sending.on_the_wire();
  sending.accepted = 0;
  std::latch answered(static_cast<std::ptrdiff_t>(subscriptions));
  const std::size_t before = bytes_in_use();
  const auto begun = std::chrono::steady_clock::now();
  sending.send("/push/", subscriptions, answered);
  const auto handed = std::chrono::steady_clock::now();
  const auto load = http.load();
  const std::size_t in_flight = load.running + load.waiting;
  const std::size_t used = bytes_in_use() - std::min(before, bytes_in_use());
  answered.wait();
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
  http.stop(std::chrono::milliseconds(0));
  const Bare bare = bare_loop(port, subscriptions);
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  const double most = static_cast<double>(kConnections) / std::chrono::duration<double>(kAnswersAfter).count();
  const double rate = static_cast<double>(subscriptions) / seconds;
  fmt::print("{} pushes accepted of {}, handed over in {:.2f} s\n", sending.accepted.load(), subscriptions,
             std::chrono::duration<double>(handed - begun).count());
  fmt::print("{:.0f} per second over {} connections; of {:.0f} that they could carry: {:.2f}\n", rate, kConnections,
             most, rate / most);
  fmt::print("{:.0f} per second by a bare loop of libcurl in the same run: {:.2f} of it\n", bare.rate,
             rate / bare.rate);
  fmt::print("{:.1f} KB for each of {} in flight\n",
             static_cast<double>(used) / static_cast<double>(std::max<std::size_t>(in_flight, 1)) / 1024, in_flight);
  fmt::print("{:.1f} KB for one that has a connection; by the bare loop {:.1f} KB\n", on_the_wire / 1024,
             bare.on_the_wire / 1024);
  return sending.accepted == subscriptions ? 0 : 1;
}

}  // namespace
}  // namespace countersign::bench

int main(int argc, char** argv) {
  return countersign::bench::run(argc > 1 ? static_cast<std::size_t>(std::max(1, std::atoi(argv[1]))) : 10'000);
}
