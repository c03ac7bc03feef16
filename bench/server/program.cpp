#include "bench/server/program.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <chrono>
#include <csignal>
#include <fstream>
#include <iterator>
#include <thread>
#include <vector>

#include "base/check.h"
#include "bench/server/loopback.h"

namespace countersign::bench {

namespace {

constexpr auto kPatience = std::chrono::seconds(20);
constexpr auto kLook = std::chrono::milliseconds(20);

/// As in world.cpp: every limit on, the budgets of the whole account and of a country raised.
std::string config_of(const std::filesystem::path& folder, std::string_view codes_url, std::uint16_t metrics_port) {
  return fmt::format(
      R"(public_url = "https://verify.example.com"
data_dir = "{}"
connections_per_peer = 0
lame_duck = "0s"
[log]
level = "warning"
[metrics]
listen = "127.0.0.1:{}"
[webhooks]
private_addresses = true
[limits]
sends_per_account = "1000000000 per 24h"
sends_per_country = "1000000000 per 24h"
[risk]
pumping = "shadow"
[policies.sms]
any_of = ["sms"]
[providers.carrier]
type = "http_hook"
url = "{}"
private_addresses = true
[[services]]
name = "box-office"
friendly_name = "Bilheteria"
locale = "pt-BR"
policies = ["sms"]
[services.notices]
objection = "support: 0800 123 4567"
[services.channels]
sms = "carrier"
)",
      (folder / "data").string(), metrics_port, codes_url);
}

/// Starts the program with its standard output in `out`, or in /dev/null.
pid_t launch(const std::vector<std::string>& arguments, const std::filesystem::path& out = "/dev/null") {
  const pid_t pid = ::fork();
  CS_CHECK(pid >= 0);
  if (pid > 0) return pid;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  const int file = ::open(out.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  ::dup2(file, STDOUT_FILENO);
  std::vector<char*> argv;
  for (const auto& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  ::execv(argv[0], argv.data());
  ::_exit(127);
}

void run_program(const std::vector<std::string>& arguments, const std::filesystem::path& out = "/dev/null") {
  int status = 0;
  const pid_t pid = launch(arguments, out);
  CS_CHECK(::waitpid(pid, &status, 0) == pid && status == 0);
}

/// The sample of a metric without labels.
std::uint64_t sample(std::string_view metrics, std::string_view name) {
  const auto at = metrics.find(fmt::format("\n{} ", name));
  CS_CHECK(at != std::string_view::npos);
  metrics.remove_prefix(at + name.size() + 2);
  double value = 0;
  std::from_chars(metrics.data(), metrics.data() + metrics.size(), value);
  return static_cast<std::uint64_t>(value);
}

}  // namespace

std::uint16_t free_port() {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  auto address = loopback(0);
  socklen_t size = sizeof address;
  CS_CHECK(::bind(fd, reinterpret_cast<const sockaddr*>(&address), size) == 0);
  CS_CHECK(::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0);
  ::close(fd);
  return ntohs(address.sin_port);
}

std::string ask(std::uint16_t port, const std::string& request) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const auto address = loopback(port);
  std::string answer;
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
      ::send(fd, request.data(), request.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(request.size())) {
    std::array<char, 16 * 1024> buffer{};
    for (ssize_t got = 0; (got = ::recv(fd, buffer.data(), buffer.size(), 0)) > 0;)
      answer.append(buffer.data(), static_cast<std::size_t>(got));
  }
  ::close(fd);
  if (!answer.starts_with("HTTP/1.1 2")) return {};
  return answer.substr(answer.find("\r\n\r\n") + 4);
}

Program::Program(const std::filesystem::path& binary, const std::filesystem::path& folder, std::string_view codes_url)
    : port_(free_port()), metrics_port_(free_port()) {
  std::filesystem::create_directories(folder.parent_path());
  run_program({binary, "init", "--dir", folder, "--public-url", "https://verify.example.com"});
  const std::string config = folder / "countersign.toml";
  std::ofstream(config) << config_of(folder, codes_url, metrics_port_);
  ::setenv("COUNTERSIGN_PROVIDER_CARRIER_SECRET", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", 1);
  run_program({binary, "api-key", "create", "--config", config, "--name", "load"}, folder / "key");
  std::ifstream(folder / "key") >> api_key_;
  pid_ = launch({binary, "serve", "--config", config, "--listen", fmt::format("127.0.0.1:{}", port_)});
  const auto begun = std::chrono::steady_clock::now();
  while (ask(port_, "GET /readyz HTTP/1.1\r\nHost: verify.example.com\r\nConnection: close\r\n\r\n").empty()) {
    CS_CHECK(std::chrono::steady_clock::now() - begun < kPatience);
    std::this_thread::sleep_for(kLook);
  }
}

Program::~Program() {
  ::kill(pid_, SIGTERM);
  int status = 0;
  ::waitpid(pid_, &status, 0);
}

void Program::subscribe(std::string_view url) const {
  const auto body = fmt::format(R"({{"url":"{}","events":["*"]}})", url);
  const auto answer = ask(port_, fmt::format("POST /v1/webhook_endpoints HTTP/1.1\r\nHost: verify.example.com\r\n"
                                             "Authorization: Bearer {}\r\nContent-Type: application/json\r\n"
                                             "Connection: close\r\nContent-Length: {}\r\n\r\n{}",
                                             api_key_, body.size(), body));
  CS_CHECK(!answer.empty());
}

Program::Written Program::written() const {
  const auto metrics =
      ask(metrics_port_, "GET /metrics HTTP/1.1\r\nHost: verify.example.com\r\nConnection: close\r\n\r\n");
  return {sample(metrics, "countersign_store_units_total"), sample(metrics, "countersign_store_commits_total")};
}

}  // namespace countersign::bench
