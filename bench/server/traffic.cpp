#include "bench/server/traffic.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <iterator>
#include <thread>

#include "base/check.h"
#include "base/encoding.h"

namespace countersign::bench {

namespace {

/// Minimum of prepared objects per connection at the start of a phase, and the time limit for preparing them.
constexpr std::size_t kMaterial = 16;
constexpr std::chrono::milliseconds kPatience{60'000};

/// The value of the text member `name`, which must not contain escapes; empty if absent.
std::string_view text_member(std::string_view json, std::string_view name) {
  const auto key = fmt::format("\"{}\":\"", name);
  const auto at = json.find(key);
  if (at == std::string_view::npos) return {};
  json.remove_prefix(at + key.size());
  return json.substr(0, json.find('"'));
}

std::string_view path_of(std::string_view url) {
  const auto at = url.find("/verify/");
  return at == std::string_view::npos ? std::string_view() : url.substr(at);
}

/// Each person also has a network address.
std::string address_of(std::uint32_t person) {
  return fmt::format("10.{}.{}.{}", person >> 16 & 0xFF, person >> 8 & 0xFF, person & 0xFF);
}

std::uint64_t own_cpu_ns() {
  rusage usage{};
  CS_CHECK(::getrusage(RUSAGE_SELF, &usage) == 0);
  const auto of = [](const timeval& t) {
    return static_cast<std::uint64_t>(t.tv_sec) * 1'000'000'000U + static_cast<std::uint64_t>(t.tv_usec) * 1'000U;
  };
  return of(usage.ru_utime) + of(usage.ru_stime);
}

double in_milliseconds(std::chrono::nanoseconds time) { return static_cast<double>(time.count()) / 1e6; }

}  // namespace

Traffic::Traffic(ServerAddress server, CodeBoard& board, std::string api_key)
    : server_(server), board_(board), api_key_(std::move(api_key)) {
  std::string pair = api_key_;
  pair[pair.find('.')] = ':';
  basic_ = to_base64(pair);
}

Phase Traffic::hello(int connections, Milliseconds duration) {
  return run(connections, duration, 0, &Traffic::choose_hello);
}
Phase Traffic::hold(int connections, Milliseconds duration) {
  return run(connections, duration, 0, &Traffic::choose_hold);
}

// No connection may run out: on a slow disk more objects are prepared first, and each phase ends while some are left.
Phase Traffic::create(int connections, Milliseconds duration) {
  const auto few = static_cast<std::size_t>(connections) * kMaterial;
  if (held_.size() < few) run(connections, kPatience, few, &Traffic::choose_hold);
  return run(connections, duration, held_.size() - few / kMaterial, &Traffic::choose_create);
}
Phase Traffic::check(int connections, Milliseconds duration) {
  const auto few = static_cast<std::size_t>(connections) * kMaterial;
  if (started_.size() < few) create(connections, kPatience);
  return run(connections, duration, started_.size() - few / kMaterial, &Traffic::choose_check);
}
Phase Traffic::pair(int connections, Milliseconds duration) {
  const auto few = static_cast<std::size_t>(connections) * kMaterial;
  if (held_.size() < few) run(connections, kPatience, few, &Traffic::choose_hold);
  return run(connections, duration, 2 * (held_.size() - 2 * few / kMaterial), &Traffic::choose_of_pair);
}
Phase Traffic::road(int connections, std::size_t pairs, const std::function<void()>& settle) {
  const auto wanted = pairs + pairs / 2;  // Some connections start several before their first code arrives.
  if (held_.size() < wanted) run(connections, kPatience, wanted - held_.size(), &Traffic::choose_hold);
  return run(connections, kPatience, 2 * pairs, &Traffic::choose_of_road, settle);
}
Phase Traffic::verify_pair(int connections, Milliseconds duration, Numbers numbers) {
  if (verify_service_.empty()) run(1, kPatience, 1, &Traffic::choose_verify_services);
  const auto few = static_cast<std::size_t>(connections) * kMaterial;
  numbers_ = Numbers::kNew;
  if (numbers == Numbers::kKnown && known_.size() < few) {
    const auto pairs = few - known_.size() + 3 * static_cast<std::size_t>(connections);
    run(connections, kPatience, 2 * pairs, &Traffic::choose_of_verify_pair);
  }
  numbers_ = numbers;
  return run(connections, duration, 0, &Traffic::choose_of_verify_pair);
}
Phase Traffic::release(int connections, Milliseconds duration) {
  const auto few = static_cast<std::size_t>(connections) * kMaterial;
  if (verified_.size() < few) pair(connections, kPatience);
  return run(connections, duration, 2 * (verified_.size() - 2 * few / kMaterial), &Traffic::choose_of_release);
}

Phase Traffic::page(int connections, Milliseconds duration) {
  // A recent transaction, so that it is open.
  run(1, kPatience, 1, &Traffic::choose_hold);
  return run(connections, duration, 0, &Traffic::choose_page);
}

Phase Traffic::run(int connections, Milliseconds duration, std::uint64_t requests, Choose choose,
                   const std::function<void()>& settle) {
  lanes_.clear();
  lanes_.resize(static_cast<std::size_t>(connections));
  LoadOptions options;
  options.port = server_.port;
  options.connections = connections;
  options.duration = duration;
  options.requests = requests;
  const auto wrong_before = wrong_;
  const auto checks_before = checks_;
  const auto cpu_before = cpu_of(server_.pid);
  const auto own_before = own_cpu_ns();
  const auto result = run_load(
      options,
      [&](int connection) -> std::string_view {
        auto& lane = lanes_[static_cast<std::size_t>(connection)];
        (this->*choose)(lane);
        return lane.bytes;
      },
      [&](int connection, int status, std::string_view body) {
        on_response(lanes_[static_cast<std::size_t>(connection)], status, body);
      });
  if (settle) settle();
  const auto own_after = own_cpu_ns();
  const auto cpu_after = cpu_of(server_.pid);
  wrong_ += result.broken;
  for (auto& lane : lanes_) std::move(lane.started.begin(), lane.started.end(), std::back_inserter(started_));

  const auto each = static_cast<double>(std::max<std::uint64_t>(1, result.responses)) * 1000;
  Phase phase{.per_second = result.per_second(),
              .p50_ms = in_milliseconds(result.latency.percentile(0.5)),
              .p99_ms = in_milliseconds(result.latency.percentile(0.99)),
              .thread_cpu_us = {},
              .client_cpu_us = static_cast<double>(own_after - own_before) / each,
              .requests = result.responses,
              .checks = checks_ - checks_before,
              .wrong = wrong_ - wrong_before};
  for (const auto& [thread, nanoseconds] : cpu_after) {
    const auto before = cpu_before.find(thread);
    const auto spent = static_cast<double>(nanoseconds - (before == cpu_before.end() ? 0 : before->second)) / each;
    phase.thread_cpu_us[thread] = spent;
    phase.server_cpu_us += spent;
  }
  return phase;
}

void Traffic::choose_hello(Lane& lane) {
  lane.kind = Kind::kHello;
  if (lane.bytes.empty()) lane.bytes = "GET /healthz HTTP/1.1\r\nHost: verify.example.com\r\n\r\n";
}

void Traffic::choose_hold(Lane& lane) {
  lane.kind = Kind::kHold;
  lane.transaction = {"", next_person_++};
  CS_CHECK(lane.transaction.person < board_.phones());
  post(
      lane, "/v1/transactions",
      fmt::format(
          R"({{"type":"payout_account.change","subject":{{"identity":"organizer-{0}","contacts":[{{"channel":"sms","address":"{1}"}}]}},)"
          R"("display":{{"title":"Nova conta de repasse","amount":{{"value":"12480.00","currency":"BRL"}},"payee":"Casa do Samba Ltda",)"
          R"("lines":[{{"label":"Conta","value":"Itaú final 3661"}}]}},"payload":{{"bank":"341","branch":"2545","account":"02366-1",)"
          R"("holder":"Casa do Samba Ltda","document":"12345678000195"}}}})",
          lane.transaction.person, phone_of(lane.transaction.person)));
}

void Traffic::choose_create(Lane& lane) {
  lane.kind = Kind::kCreate;
  CS_CHECK(!held_.empty());
  lane.transaction = std::move(held_.front());
  held_.pop_front();
  post(lane, fmt::format("/v1/transactions/{}/verifications", lane.transaction.id),
       fmt::format(R"({{"channel":"sms","end_user_ip":"{}"}})", address_of(lane.transaction.person)));
}

void Traffic::choose_check(Lane& lane) {
  lane.kind = Kind::kCheck;
  auto& from = lane.started.empty() ? started_ : lane.started;
  CS_CHECK(!from.empty());
  lane.transaction = std::move(from.front());
  from.pop_front();
  const auto code = board_.code_of(lane.transaction.person);
  CS_CHECK(code.has_value());  // The provider received it before the start was answered.
  post(lane, fmt::format("/v1/transactions/{}/checks", lane.transaction.id),
       fmt::format(R"({{"code":"{}","end_user_ip":"{}"}})", *code, address_of(lane.transaction.person)));
}

void Traffic::choose_of_pair(Lane& lane) {
  const bool check = lane.last == Kind::kCreate && lane.started.size() > 1;
  if (check)
    choose_check(lane);
  else
    choose_create(lane);
  lane.last = lane.kind;
}

void Traffic::choose_of_road(Lane& lane) {
  const auto has_come = [&] { return board_.code_of(lane.started.front().person).has_value(); };
  // With several codes under way the client waits, so that there are about as many checks as starts.
  constexpr std::size_t kUnderWay = 2;
  const auto patience = std::chrono::steady_clock::now() + kPatience;
  while (lane.started.size() > kUnderWay && !has_come()) {
    CS_CHECK(std::chrono::steady_clock::now() < patience);
    std::this_thread::sleep_for(std::chrono::microseconds(100));
  }
  if (!lane.started.empty() && has_come())
    choose_check(lane);
  else if (!held_.empty())
    choose_create(lane);
  else
    choose_hold(lane);
  lane.last = Kind::kCreate;  // What it starts stays with it.
}

void Traffic::choose_verify_services(Lane& lane) {
  lane.kind = Kind::kVerifyServices;
  lane.bytes =
      fmt::format("GET /v2/Services HTTP/1.1\r\nHost: verify.example.com\r\nAuthorization: Basic {}\r\n\r\n", basic_);
}

void Traffic::choose_of_verify_pair(Lane& lane) {
  if (lane.sent.size() > 1) {
    lane.transaction = {"", lane.sent.front()};
    lane.sent.pop_front();
    const auto code = board_.code_of(lane.transaction.person);
    CS_CHECK(code.has_value());
    lane.kind = Kind::kVerifyCheck;
    return post_form(lane, verify_service_ + "/VerificationCheck",
                     fmt::format("To=%2B{}&Code={}", phone_of(lane.transaction.person).substr(1), *code));
  }
  lane.kind = Kind::kVerify;
  lane.transaction = {"", next_to_verify()};
  post_form(lane, verify_service_ + "/Verifications",
            fmt::format("To=%2B{}&Channel=sms", phone_of(lane.transaction.person).substr(1)));
}

std::uint32_t Traffic::next_to_verify() {
  if (numbers_ == Numbers::kNew) {
    CS_CHECK(next_person_ < board_.phones());
    return next_person_++;
  }
  CS_CHECK(!known_.empty());
  const auto person = known_.front();
  known_.pop_front();
  return person;
}

void Traffic::choose_of_release(Lane& lane) {
  if (lane.claimed) {
    lane.kind = Kind::kAck;
    lane.transaction = *std::move(lane.claimed);
    lane.claimed.reset();
    return post(lane, fmt::format("/v1/transactions/{}/ack", lane.transaction.id),
                fmt::format(R"({{"fencing_token":"{}"}})", lane.transaction.fencing_token));
  }
  lane.kind = Kind::kClaim;
  CS_CHECK(!verified_.empty());
  lane.transaction = std::move(verified_.front());
  verified_.pop_front();
  post(lane, fmt::format("/v1/transactions/{}/claim", lane.transaction.id), "{}", "Idempotency-Key: worker-1\r\n");
}

void Traffic::choose_page(Lane& lane) {
  lane.kind = Kind::kPage;
  if (!lane.bytes.empty()) return;
  lane.bytes = fmt::format(
      "GET {} HTTP/1.1\r\nHost: verify.example.com\r\nAccept: text/html\r\nAccept-Language: pt-BR,pt;q=0.9\r\n"
      "User-Agent: Mozilla/5.0\r\n\r\n",
      page_path_);
}

void Traffic::post(Lane& lane, std::string_view path, std::string_view body, std::string_view more_headers) {
  lane.bytes.clear();
  fmt::format_to(std::back_inserter(lane.bytes),
                 "POST {} HTTP/1.1\r\nHost: verify.example.com\r\nAuthorization: Bearer {}\r\n"
                 "Content-Type: application/json\r\nAccept: application/json\r\nUser-Agent: box-office/1.0\r\n{}"
                 "Content-Length: {}\r\n\r\n{}",
                 path, api_key_, more_headers, body.size(), body);
}

void Traffic::post_form(Lane& lane, std::string_view path, std::string_view body) const {
  lane.bytes.clear();
  fmt::format_to(std::back_inserter(lane.bytes),
                 "POST {} HTTP/1.1\r\nHost: verify.example.com\r\nAuthorization: Basic {}\r\n"
                 "Content-Type: application/x-www-form-urlencoded\r\nAccept: application/json\r\n"
                 "User-Agent: twilio-node/5.11.2 (linux x64) node/v18\r\nContent-Length: {}\r\n\r\n{}",
                 path, basic_, body.size(), body);
}

void Traffic::on_response(Lane& lane, int status, std::string_view body) {
  if (accept(lane, status, body)) return;
  if (wrong_++ == 0) fmt::print(stderr, "wrong answer: {} {}\n  to: {}\n", status, body, lane.bytes);
}

bool Traffic::accept(Lane& lane, int status, std::string_view body) {
  auto& transaction = lane.transaction;
  switch (lane.kind) {
    case Kind::kHello:
      return status == 200 && text_member(body, "status") == "ok";
    case Kind::kHold:
      transaction.id = text_member(body, "id");
      if (status != 201 || !transaction.id.starts_with("TX")) return false;
      held_.push_back(std::move(transaction));
      page_path_ = path_of(text_member(body, "verify_url"));
      return true;
    case Kind::kCreate:
      if (status != 201 || text_member(body, "transaction") != transaction.id) return false;
      (lane.last == Kind::kCreate ? lane.started : started_).push_back(std::move(transaction));
      return true;
    case Kind::kCheck:
      if (status != 200 || text_member(body, "status") != "verified") return false;
      ++checks_;
      verified_.push_back(std::move(transaction));
      return true;
    case Kind::kVerifyServices:
      verify_service_ = fmt::format("/v2/Services/{}", text_member(body, "sid"));
      return status == 200 && verify_service_.find("/VA") != std::string::npos;
    case Kind::kVerify:
      lane.sent.push_back(transaction.person);
      return status == 201 && text_member(body, "status") == "pending";
    case Kind::kVerifyCheck:
      known_.push_back(transaction.person);
      return status == 201 && text_member(body, "status") == "approved";
    case Kind::kClaim:
      transaction.fencing_token = text_member(body, "fencing_token");
      if (status != 200 || transaction.fencing_token.empty()) return false;
      lane.claimed = std::move(transaction);
      return true;
    case Kind::kAck:
      return status == 200 && text_member(body, "status") == "released";
    case Kind::kPage:
      return status == 200 && body.find("Casa do Samba Ltda") != std::string_view::npos;
  }
  return false;
}

}  // namespace countersign::bench
