// Ten thousand subscriptions at a push service that answers after 100 ms: pushes per second, and memory for each that
// is in flight, beside what so many connections could carry at most.
//
//     push_send_bench [subscriptions]
//
// The push service is a process of its own, so that its memory is not measured.

#include <fmt/format.h>
#include <malloc.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <latch>
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
    const testing::HttpServer service([](const testing::ServerRequest&) {
      std::this_thread::sleep_for(kAnswersAfter);
      return testing::ServerReply{.status = 201};
    });
    port = service.port();
    CS_CHECK(write(ends[1], &port, sizeof port) == sizeof port);
    for (;;) pause();
  }
  CS_CHECK(read(ends[0], &port, sizeof port) == sizeof port);
  return {child, port};
}

int run(std::size_t subscriptions) {
  const auto [child, port] = start_service();
  std::vector<testing::PushBrowser> browsers(kBrowsers);
  const crypto::VapidKey key(crypto::SigningKey::generate(crypto::JwsAlgorithm::kEs256, system_random()),
                             "mailto:ops@countersign.dev");
  delivery::HttpClient http({.concurrent_max = kConnections,
                             .concurrent_per_host_max = kConnections,
                             .waiting_max = subscriptions,
                             .waiting_per_host_max = subscriptions},
                            system_clock());
  delivery::PushSender sender(
      http, system_clock(), system_random(), {key},
      {.rules = {.addresses = delivery::AddressPolicy::kAny, .plain_http = delivery::PlainHttp::kAllowed},
       .timeout = std::chrono::minutes(1)});
  std::latch answered(static_cast<std::ptrdiff_t>(subscriptions));
  std::atomic<std::size_t> accepted = 0;
  const std::size_t before = mallinfo2().uordblks;
  const auto begun = std::chrono::steady_clock::now();
  for (std::size_t i = 0; i < subscriptions; ++i) {
    const auto& browser = browsers[i % kBrowsers];
    sender.send({.endpoint = fmt::format("http://127.0.0.1:{}/push/{:022}", port, i),
                 .to = *crypto::PushRecipient::from_bytes(browser.point(), browser.auth()),
                 .key = key.point(),
                 .text = R"({"web_push":8030,"notification":{"title":"Palco: approve or refuse"}})",
                 .topic = "prompt",
                 .ttl = std::chrono::seconds(180)},
                [&](const delivery::PushOutcome& outcome) {
                  if (outcome.verdict == delivery::PushVerdict::kAccepted) ++accepted;
                  answered.count_down();
                });
  }
  const auto handed = std::chrono::steady_clock::now();
  const auto load = http.load();
  const std::size_t in_flight = load.running + load.waiting;
  const std::size_t used = mallinfo2().uordblks;
  answered.wait();
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  const double most = static_cast<double>(kConnections) / std::chrono::duration<double>(kAnswersAfter).count();
  const double rate = static_cast<double>(subscriptions) / seconds;
  fmt::print("{} pushes accepted of {}, handed over in {:.2f} s\n", accepted.load(), subscriptions,
             std::chrono::duration<double>(handed - begun).count());
  fmt::print("{:.0f} per second over {} connections; of {:.0f} that they could carry: {:.2f}\n", rate, kConnections,
             most, rate / most);
  fmt::print("{:.1f} KB for each of {} in flight\n",
             static_cast<double>(used - before) / static_cast<double>(std::max<std::size_t>(in_flight, 1)) / 1024,
             in_flight);
  return accepted == subscriptions ? 0 : 1;
}

}  // namespace
}  // namespace countersign::bench

int main(int argc, char** argv) {
  return countersign::bench::run(argc > 1 ? static_cast<std::size_t>(std::max(1, std::atoi(argv[1]))) : 10'000);
}
