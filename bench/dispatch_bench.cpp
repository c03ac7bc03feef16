// Codes per second handed over to a provider that answers after 200 ms, by the courier of the server: text composed,
// signed HTTP hook, result written to SQLite with every commit synced. Beside it a bare multi loop of libcurl with as
// many connections and the same body. The provider is a process of its own.
//
//     dispatch_bench [rounds] [messages] [at once]
//
// Both cases run in every round; the table shows medians. "us" is the processor time of this process for a message,
// "KiB" what is resident beyond the start, "threads" those of the process while it sends.

#include <curl/curl.h>
#include <fmt/format.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <fstream>
#include <map>
#include <semaphore>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "base/check.h"
#include "bench/server/loopback.h"
#include "delivery/code_limits.h"
#include "delivery/providers/http_hook.h"
#include "store/sqlite/sqlite_store.h"
#include "support/fixture.h"
#include "support/settings.h"
#include "usecase/outbox/courier.h"
#include "usecase/verify_api/hooks.h"

namespace countersign::bench {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr auto kAnswerAfter = std::chrono::milliseconds(200);
constexpr std::string_view kProvider = "double";

/// Accepts everything `kAnswerAfter` after it has read it. One thread with one epoll, in a child of this process.
class Provider {
 public:
  Provider() : listening_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    CS_CHECK(::bind(listening_, reinterpret_cast<const sockaddr*>(&address), size) == 0);
    CS_CHECK(::listen(listening_, SOMAXCONN) == 0);
    CS_CHECK(::getsockname(listening_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
    port_ = ntohs(address.sin_port);
    child_ = ::fork();
    CS_CHECK(child_ >= 0);
    if (child_ == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      serve();
    }
    ::close(listening_);
  }
  ~Provider() {
    ::kill(child_, SIGKILL);
    ::waitpid(child_, nullptr, 0);
  }
  Provider(const Provider&) = delete;
  Provider& operator=(const Provider&) = delete;

  [[nodiscard]] std::string url() const { return fmt::format("http://127.0.0.1:{}/codes", port_); }

 private:
  struct Owed {
    SteadyClock::time_point at;
    int socket;
  };

  [[noreturn]] void serve() {
    epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
    watch(listening_);
    std::array<epoll_event, 256> events{};
    for (;;) {
      const auto now = SteadyClock::now();
      while (!owed_.empty() && owed_.front().at <= now) {
        static constexpr std::string_view kAnswer =
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 13\r\n\r\n{\"ref\":\"r-1\"}";
        static_cast<void>(::send(owed_.front().socket, kAnswer.data(), kAnswer.size(), MSG_NOSIGNAL));
        owed_.pop_front();
      }
      const int wait = owed_.empty() ? -1 : 1;
      const int count = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), wait);
      for (int i = 0; i < count; ++i) {
        const int fd = events.at(static_cast<std::size_t>(i)).data.fd;
        if (fd == listening_)
          take_connection();
        else
          receive(fd);
      }
    }
  }
  void watch(int fd) const {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = fd;
    CS_CHECK(::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) == 0);
  }
  void take_connection() {
    const int socket = ::accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) return;
    const int on = 1;
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    received_[socket];
    watch(socket);
  }
  void receive(int socket) {
    std::array<char, 16 * 1024> buffer{};
    auto& received = received_.at(socket);
    const auto got = ::recv(socket, buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (got <= 0) {
      ::close(socket);
      received_.erase(socket);
      return;
    }
    received.append(buffer.data(), static_cast<std::size_t>(got));
    const auto head_end = received.find("\r\n\r\n");
    if (head_end == std::string::npos) return;
    constexpr std::string_view kLength = "\r\nContent-Length: ";
    const auto at = received.find(kLength);
    CS_CHECK(at < head_end);
    std::size_t length = 0;
    std::from_chars(received.data() + at + kLength.size(), received.data() + head_end, length);
    if (received.size() < head_end + 4 + length) return;
    received.clear();  // A connection has one request at a time.
    owed_.push_back({SteadyClock::now() + kAnswerAfter, socket});
  }

  int listening_;
  int port_ = 0;
  pid_t child_ = 0;
  int epoll_ = -1;
  std::unordered_map<int, std::string> received_;
  std::deque<Owed> owed_;
};

double processor_seconds() {
  rusage used{};
  CS_CHECK(::getrusage(RUSAGE_SELF, &used) == 0);
  const auto seconds = [](timeval t) { return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6; };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

/// A line of /proc/self/status, such as `VmRSS` in KiB.
long own_status(std::string_view name) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(name) && line.size() > name.size() && line[name.size()] == ':')
      return std::strtol(line.c_str() + name.size() + 1, nullptr, 10);
  }
  return 0;
}

std::string own_threads() {
  std::map<std::string, int> names;
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
    std::ifstream file(task.path() / "comm");
    std::string name;
    if (std::getline(file, name)) ++names[name];
  }
  std::string text;
  for (const auto& [name, count] : names) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, name);
  return text;
}

struct Figures {
  double per_second = 0;
  double processor_us = 0;
  long kib = 0;
  long threads = 0;
};

template <class Run>
Figures measured(std::size_t messages, long before, Run run) {
  std::atomic<bool> over = false;
  Figures figures;
  std::thread looks([&] {
    while (!over) {
      figures.kib = std::max(figures.kib, own_status("VmRSS") - before);
      figures.threads = std::max(figures.threads, own_status("Threads") - 1);  // Without this one.
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
  });
  const double used = processor_seconds();
  const auto begun = SteadyClock::now();
  run();
  const double seconds = std::chrono::duration<double>(SteadyClock::now() - begun).count();
  figures.per_second = static_cast<double>(messages) / seconds;
  figures.processor_us = (processor_seconds() - used) * 1e6 / static_cast<double>(messages);
  over = true;
  looks.join();
  return figures;
}

/// One thread: a multi loop that has `at_once` transfers under way, each with a handle that is used again.
void send_bare(const std::string& url, std::size_t messages, std::size_t at_once, const std::string& body) {
  CURLM* const multi = curl_multi_init();
  curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, static_cast<long>(at_once));
  curl_slist* const headers =
      curl_slist_append(curl_slist_append(nullptr, "Expect:"), "content-type: application/json");
  std::size_t begun = 0;
  std::size_t ended = 0;
  std::vector<CURL*> handles;
  const auto ignore = +[](char*, std::size_t size, std::size_t count, void*) { return size * count; };
  for (; begun < std::min(at_once, messages); ++begun) {
    CURL* const easy = handles.emplace_back(curl_easy_init());
    curl_easy_setopt(easy, CURLOPT_URL, url.c_str());
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body.c_str());
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, ignore);
    curl_multi_add_handle(multi, easy);
  }
  while (ended < messages) {
    int running = 0;
    CS_CHECK(curl_multi_perform(multi, &running) == CURLM_OK);
    int left = 0;
    bool any = false;
    while (const CURLMsg* message = curl_multi_info_read(multi, &left)) {
      CS_CHECK(message->msg == CURLMSG_DONE && message->data.result == CURLE_OK);
      any = true;
      ++ended;
      CURL* const easy = message->easy_handle;
      curl_multi_remove_handle(multi, easy);
      if (begun++ < messages) curl_multi_add_handle(multi, easy);
    }
    if (!any) CS_CHECK(curl_multi_poll(multi, nullptr, 0, 1000, nullptr) == CURLM_OK);
  }
  for (CURL* easy : handles) {
    curl_multi_remove_handle(multi, easy);
    curl_easy_cleanup(easy);
  }
  curl_multi_cleanup(multi);
  curl_slist_free_all(headers);
}

/// As the hook gets it.
std::string written_body() {
  Moment moment{system_clock().now(), system_random()};
  return delivery::hook_body({MessageId::make(moment),
                              contact::Channel::kSms,
                              "+5511987654321",
                              "",
                              "Bilheteria: 482913 autoriza Nova conta de repasse, BRL 12480.00, Casa do Samba Ltda",
                              SecretString("482913"),
                              "pt-BR",
                              moment.now + std::chrono::minutes(10),
                              {}});
}

/// Continuations run on the store's thread, which starts the next unit there.
class InPlace final : public Executor {
 public:
  void post(Task task) override { task(); }
  void post_all(std::vector<Task> tasks) override {
    for (auto& task : tasks) task();
  }
};

std::unique_ptr<store::Store> open(const std::filesystem::path& folder) {
  store::SqliteOptions options;
  options.file = folder / "dispatch.db";
  auto store = store::open_sqlite(std::move(options));
  CS_CHECK(store);
  return *std::move(store);
}

/// The courier with the product's queues and connections, and people who have asked for a code.
class Ours {
 public:
  Ours(const std::filesystem::path& folder, std::string url, int at_once)
      : fixture_(open(folder)),
        limits_(delivery::code_limits({{std::string(kProvider), at_once}})),
        http_(limits_.http, system_clock()),
        webhook_http_(delivery::webhook_client_options(1), system_clock()),
        webhooks_(webhook_http_, system_clock(), {}),
        hook_(http_, system_clock(), options_for(std::move(url))) {
    fixture_.limits() = testing::no_rates();
    fixture_.settings().hand_over_within = std::chrono::hours(1);  // Nobody else takes what waits here.
    providers_.senders[std::string(kProvider)] = &hook_;
  }

  /// Asks for so many codes, and keeps their messages.
  void prepare(std::size_t messages) {
    ready_.clear();
    ready_.reserve(messages);
    std::counting_semaphore<> ended(0);
    std::atomic<std::size_t> begun = 0;
    std::function<void()> next = [&] {
      const std::size_t number = begun++;
      if (number >= messages) return ended.release();
      fixture_.store().transact(
          home_,
          [this, number](store::Tx& tx) {
            Moment moment{system_clock().now(), system_random()};
            const usecase::Work work{tx, fixture_.context(), fixture_.caller(), moment};
            usecase::HoldRequest request = fixture_.request();
            request.identity = fmt::format("organizer-{}", number);
            request.contacts = {{contact::Channel::kSms, fmt::format("+55119{:08}", number)}};
            const auto held = usecase::hold(work, request);
            CS_CHECK(held.has_value());
            auto started = usecase::start_verification(work, {held->id, contact::Channel::kSms, {}});
            CS_CHECK(started.has_value());
            return std::move(started->queued);
          },
          [&, this](auto queued) {
            CS_CHECK(queued.has_value());
            ready_.push_back(*std::move(queued));
            next();
          });
    };
    constexpr int kClients = 64;
    for (int i = 0; i < kClients; ++i) next();
    for (int i = 0; i < kClients; ++i) ended.acquire();
  }

  /// Sends all of them, and waits until it is written that they are sent.
  void send() {
    constexpr std::ptrdiff_t kAhead = 1'500;  // In the courier: more than are under way, fewer than may wait.
    std::counting_semaphore<> room(kAhead);
    std::atomic<std::size_t> accepted = 0;
    usecase::CourierHooks hooks;
    hooks.on_message = [&](std::string_view, contact::Channel, std::string_view outcome) {
      CS_CHECK(outcome == "accepted");
      ++accepted;
      room.release();
    };
    hooks.on_problem = [](std::string_view what) { fmt::print(stderr, "{}\n", what); };
    const usecase::Background with{fixture_.store(), fixture_.context(), system_clock(), system_random()};
    usecase::Courier courier(with, providers_, webhooks_, usecase::verify_api::hook_attempt, std::move(hooks),
                             limits_.queue);
    const std::size_t messages = ready_.size();
    for (auto& message : ready_) {
      room.acquire();
      courier.deliver(std::move(message));
    }
    while (accepted < messages) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    threads_ = own_threads();
    CS_CHECK(courier.drain(system_clock().monotonic() + std::chrono::minutes(1)));
    courier.stop();
  }
  [[nodiscard]] const std::string& threads() const { return threads_; }

 private:
  static delivery::HttpHookOptions options_for(std::string url) {
    delivery::HttpHookOptions options;
    options.url = std::move(url);
    options.secrets.push_back(crypto::WebhookSecret::make(system_random()));
    options.channels = {contact::Channel::kSms};
    options.addresses = delivery::AddressPolicy::kAny;
    options.plain_http = delivery::PlainHttp::kAllowed;
    return options;
  }

  testing::Fixture fixture_;
  const delivery::CodeLimits limits_;
  delivery::HttpClient http_;
  delivery::HttpClient webhook_http_;
  delivery::WebhookSender webhooks_;
  delivery::HttpHook hook_;
  usecase::Providers providers_;
  InPlace home_;
  std::vector<usecase::QueuedMessage> ready_;
  std::string threads_;
};

template <class Value>
Value median(std::vector<Value> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

void print(std::string_view name, const std::vector<Figures>& rounds) {
  const auto of = [&](auto member) {
    std::vector<std::decay_t<decltype(rounds.front().*member)>> values;
    for (const auto& round : rounds) values.push_back(round.*member);
    return median(std::move(values));
  };
  fmt::print("{:5} {:6.0f}/s {:4.0f} us {:7} KiB {:3} threads\n", name, of(&Figures::per_second),
             of(&Figures::processor_us), of(&Figures::kib), of(&Figures::threads));
}

}  // namespace
}  // namespace countersign::bench

int main(int argc, char** argv) {
  using namespace countersign::bench;  // NOLINT(google-build-using-namespace)
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 3;
  const std::size_t messages = argc > 2 ? static_cast<std::size_t>(std::atoi(argv[2])) : 10'000;
  const int at_once = argc > 3 ? std::atoi(argv[3]) : 600;
  CS_CHECK(rounds > 0 && messages > 0 && at_once > 0);
  const Provider provider;  // Before there are threads.
  const auto folder = std::filesystem::current_path() / "dispatch-bench-data";
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  const long before = own_status("VmRSS");
  std::vector<Figures> bare;
  std::vector<Figures> ours;
  std::vector<double> ratios;
  {
    Ours sender(folder, provider.url(), at_once);
    const std::string body = written_body();
    for (int round = 0; round < rounds; ++round) {
      bare.push_back(measured(messages, before,
                              [&] { send_bare(provider.url(), messages, static_cast<std::size_t>(at_once), body); }));
      sender.prepare(messages);
      ours.push_back(measured(messages, own_status("VmRSS"), [&] { sender.send(); }));
      ratios.push_back(ours.back().per_second / bare.back().per_second);
    }
    fmt::print("{} messages, {} at once, answers after {} ms\n", messages, at_once, kAnswerAfter.count());
    print("bare", bare);
    print("ours", ours);
    fmt::print("ratio {:.2f}; while sending: {}\n", median(ratios), sender.threads());
  }
  std::filesystem::remove_all(folder);
}
