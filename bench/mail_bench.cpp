// Mails per second handed to a mail server on loopback, beside a bare loop of libcurl over as many kept connections.
//
//     mail_bench [rounds] [mails for each case]
//
// Servers: aiosmtpd, which Debian has, in a process of its own; and the small server of the tests, which is faster than
// the client, so that the client's own work shows. Both cases run in every round, so that ratios compare the same
// moment; the table shows medians over the rounds. "us" is the processor time of this process per mail, with that of
// the small server where it is this process's too.

#include <arpa/inet.h>
#include <curl/curl.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <latch>
#include <string>
#include <thread>
#include <vector>

#include "base/check.h"
#include "delivery/mail/mime.h"
#include "delivery/providers/smtp.h"
#include "support/doubles/closed_port.h"
#include "support/doubles/smtp_server.h"

namespace countersign::bench {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::size_t kConnections = 8;
constexpr std::string_view kText =
    "482913\n\nNew payout account\nR$ 12.480,00\nItaú final 3661\n\nValid for 10 minutes. Do not give it to anyone.\n";
constexpr std::string_view kHtml = "<p>482913</p><p>New payout account<br>R$ 12.480,00<br>Itaú final 3661</p>";

double processor_seconds() {
  rusage used{};
  CS_CHECK(getrusage(RUSAGE_SELF, &used) == 0);
  const auto seconds = [](timeval t) { return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6; };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

struct Figures {
  double per_second;
  double processor_us;
};

template <class Run>
Figures measured(std::size_t mails, Run run) {
  const double used = processor_seconds();
  const auto begun = SteadyClock::now();
  run();
  const double seconds = std::chrono::duration<double>(SteadyClock::now() - begun).count();
  return {static_cast<double>(mails) / seconds, (processor_seconds() - used) * 1e6 / static_cast<double>(mails)};
}

/// What is sent in the bare case: the same bytes each time, written beforehand.
std::string written_mail() {
  return delivery::write_mail({.from_name = "Palco",
                               .from = "codes@palco.example",
                               .to = "ana@example.com",
                               .subject = "482913 é o seu código",
                               .text = kText,
                               .html = kHtml,
                               .message_id = "VL01@palco.example",
                               .locale = "pt-BR",
                               .date = system_clock().now()});
}

struct Reading {
  const std::string* content;
  std::size_t at;
};

std::size_t read_some(char* out, std::size_t size, std::size_t count, void* from) {
  auto& reading = *static_cast<Reading*>(from);
  const std::size_t length = std::min(size * count, reading.content->size() - reading.at);
  std::memcpy(out, reading.content->data() + reading.at, length);
  reading.at += length;
  return length;
}

/// Each connection a thread with one handle.
void send_bare(int port, std::size_t mails, const std::string& content) {
  std::atomic<std::size_t> left = mails;
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < kConnections; ++i) {
    threads.emplace_back([&] {
      CURL* const easy = curl_easy_init();
      curl_slist* const to = curl_slist_append(nullptr, "ana@example.com");
      const std::string url = fmt::format("smtp://127.0.0.1:{}/palco.example", port);
      Reading reading{&content, 0};
      curl_easy_setopt(easy, CURLOPT_URL, url.c_str());
      curl_easy_setopt(easy, CURLOPT_MAIL_FROM, "bounces@palco.example");
      curl_easy_setopt(easy, CURLOPT_MAIL_RCPT, to);
      curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
      curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
      curl_easy_setopt(easy, CURLOPT_READFUNCTION, &read_some);
      curl_easy_setopt(easy, CURLOPT_READDATA, &reading);
      for (std::size_t before = left.load(); before > 0;) {
        if (!left.compare_exchange_weak(before, before - 1)) continue;
        reading.at = 0;
        CS_CHECK(curl_easy_perform(easy) == CURLE_OK);
        before = left.load();
      }
      curl_slist_free_all(to);
      curl_easy_cleanup(easy);
    });
  }
  for (auto& thread : threads) thread.join();
}

void send_ours(int port, std::size_t mails) {
  delivery::SmtpSenderOptions options;
  options.server.host = "127.0.0.1";
  options.server.port = port;
  options.server.tls = delivery::SmtpTls::kNone;
  options.server.helo = "palco.example";
  options.server.connections_max = kConnections;
  options.server.waiting_max = mails;
  options.from = "codes@palco.example";
  options.from_name = "Palco";
  options.return_path = "bounces@palco.example";
  delivery::SmtpSender sender(system_clock(), std::move(options));
  Moment moment{system_clock().now(), system_random()};
  std::latch done(static_cast<std::ptrdiff_t>(mails));
  for (std::size_t i = 0; i < mails; ++i) {
    delivery::OutgoingMessage message{MessageId::make(moment),
                                      delivery::Channel::kEmail,
                                      "ana@example.com",
                                      "482913 é o seu código",
                                      std::string(kText),
                                      SecretString("482913"),
                                      "pt-BR",
                                      moment.now + std::chrono::minutes(10),
                                      {}};
    message.html = kHtml;
    sender.send(std::move(message), [&](const auto& accepted) {
      CS_CHECK(accepted.has_value());
      done.count_down();
    });
  }
  done.wait();
}

/// aiosmtpd, which takes every mail and keeps none.
class DebianServer {
 public:
  DebianServer() {
    port_ = testing::ClosedPort().port();
    const std::string listen = fmt::format("127.0.0.1:{}", port_);
    const std::array<const char*, 9> arguments{"/usr/bin/python3",       "-m", "aiosmtpd",     "-n",   "-c",
                                               "aiosmtpd.handlers.Sink", "-l", listen.c_str(), nullptr};
    CS_CHECK(::posix_spawn(&child_, arguments[0], nullptr, nullptr, const_cast<char* const*>(arguments.data()),
                           environ) == 0);
    while (!answers()) std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  ~DebianServer() {
    ::kill(child_, SIGTERM);
    ::waitpid(child_, nullptr, 0);
  }
  DebianServer(const DebianServer&) = delete;
  DebianServer& operator=(const DebianServer&) = delete;
  [[nodiscard]] int port() const { return port_; }

 private:
  [[nodiscard]] bool answers() const {
    CS_CHECK(::waitpid(child_, nullptr, WNOHANG) == 0);  // It ended: the package python3-aiosmtpd is missing.
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(port_));
    const bool connected = ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    ::close(fd);
    return connected;
  }

  pid_t child_ = 0;
  int port_ = 0;
};

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

void compare(std::string_view server, int port, int rounds, std::size_t mails) {
  const std::string content = written_mail();
  std::vector<double> rates[2];
  std::vector<double> times[2];
  std::vector<double> ratios;
  for (int round = 0; round < rounds; ++round) {
    const Figures figures[2] = {measured(mails, [&] { send_bare(port, mails, content); }),
                                measured(mails, [&] { send_ours(port, mails); })};
    for (std::size_t i = 0; i < 2; ++i) {
      rates[i].push_back(figures[i].per_second);
      times[i].push_back(figures[i].processor_us);
    }
    ratios.push_back(figures[1].per_second / figures[0].per_second);
  }
  fmt::print("{:10} bare {:6.0f}/s {:4.0f} us   ours {:6.0f}/s {:4.0f} us   ratio {:.2f}\n", server, median(rates[0]),
             median(times[0]), median(rates[1]), median(times[1]), median(ratios));
}

}  // namespace
}  // namespace countersign::bench

int main(int argc, char** argv) {
  using namespace countersign::bench;  // NOLINT(google-build-using-namespace)
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 5;
  const std::size_t mails = argc > 2 ? static_cast<std::size_t>(std::atoi(argv[2])) : 2'000;
  CS_CHECK(rounds > 0 && mails > 0);
  curl_global_init(CURL_GLOBAL_ALL);
  {
    const DebianServer server;
    compare("aiosmtpd", server.port(), rounds, mails);
  }
  const countersign::testing::SmtpServer server;
  compare("the tests'", server.port(), rounds, mails);
}
