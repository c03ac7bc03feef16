#include "delivery/push_sender.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/ascii.h"
#include "base/check.h"
#include "base/trace.h"
#include "delivery/backoff.h"

namespace countersign::delivery {

namespace {

constexpr std::size_t kPushAnswerMax = std::size_t{16} * 1024;
constexpr std::size_t kPushShownMax = 200;  ///< Of the answer's body, in the log.
constexpr std::size_t kPushTopicMax = 32;   ///< RFC 8030, section 5.4.
/// A prompt that comes late is of no use.
constexpr std::chrono::milliseconds kPushConnectTimeout{5'000};

PushVerdict push_verdict_of(int status) {
  if (status >= 200 && status < 300) return PushVerdict::kAccepted;
  if (status == 404 || status == 410) return PushVerdict::kGone;
  if (status == 429 || status >= 500) return PushVerdict::kRetry;
  return PushVerdict::kRefused;
}

/// An endpoint's own fault, which no other attempt mends.
PushVerdict push_verdict_of(HttpFault fault) {
  const bool lasting = fault == HttpFault::kRefusedAddress || fault == HttpFault::kOther;
  return lasting ? PushVerdict::kRefused : PushVerdict::kRetry;
}

std::string_view path_of_endpoint(std::string_view endpoint) {
  const auto scheme = endpoint.find("://");
  const auto slash = scheme == std::string_view::npos ? scheme : endpoint.find('/', scheme + 3);
  return slash == std::string_view::npos ? std::string_view() : endpoint.substr(slash);
}

/// The beginning of the body in one line of ASCII, without the endpoint. [LOG-6]
std::string shown_answer(std::string_view body, std::string_view endpoint) {
  std::string text(body.substr(0, kPushAnswerMax));
  const std::string_view path = path_of_endpoint(endpoint);
  if (path.size() > 1) {
    for (auto at = text.find(path); at != std::string::npos; at = text.find(path, at))
      text.replace(at, path.size(), "[endpoint]");
  }
  text.resize(std::min(text.size(), kPushShownMax));
  std::ranges::replace_if(text, [](char c) { return c < ' ' || c > '~'; }, ' ');
  return text;
}

bool is_push_topic(std::string_view text) {
  return text.size() <= kPushTopicMax &&
         std::ranges::all_of(text, [](char c) { return is_letter_or_digit(c) || c == '-' || c == '_'; });
}

}  // namespace

PushOutcome judge_push_answer(const HttpResult& result, std::string_view endpoint, WallTime now) {
  if (!result) {
    const auto& error = result.error();
    return {.verdict = push_verdict_of(error.fault),
            .detail = fmt::format("{}: {}", name_of(error.fault), error.detail)};
  }
  const auto header = result->header("retry-after");
  PushOutcome outcome{.verdict = push_verdict_of(result->status),
                      .status = result->status,
                      .retry_after = header ? parse_retry_after(*header, now) : std::nullopt,
                      .detail = fmt::format("HTTP status {}", result->status),
                      .duration = result->duration};
  if (outcome.verdict != PushVerdict::kAccepted && !result->body.empty())
    outcome.detail += ": " + shown_answer(result->body, endpoint);
  return outcome;
}

PushSender::PushSender(HttpClient& http, const Clock& clock, Random& random, std::shared_ptr<const PushKeys> keys,
                       PushSenderOptions options)
    : http_(http), clock_(clock), random_(random), keys_(std::move(keys)), options_(std::move(options)) {}

PushSender::PushSender(HttpClient& http, const Clock& clock, Random& random, std::vector<crypto::VapidKey> keys,
                       PushSenderOptions options)
    : PushSender(http, clock, random, std::make_shared<const PushKeys>(std::move(keys)), std::move(options)) {}

void PushSender::send(PushMessage message, std::move_only_function<void(PushOutcome)> done) {
  CS_CHECK(is_push_topic(message.topic) && message.text.size() <= crypto::kPushTextMax);
  const auto key = keys_->find(message.key);
  if (!key)
    return done({.verdict = PushVerdict::kRefused, .detail = "subscribed with a key that is not in the configuration"});
  if (const auto endpoint = read_push_endpoint(message.endpoint, options_.rules); !endpoint)
    return done({.verdict = PushVerdict::kRefused, .detail = "the endpoint " + endpoint.error()});

  auto span = trace::Span::below_current(trace::Kind::kClient);
  span.name("push");
  HttpCall call;
  call.method = "POST";
  call.headers = {{"Authorization", key->authorization(origin_of_endpoint(message.endpoint), clock_.now())},
                  {"Content-Encoding", "aes128gcm"},
                  {"Content-Type", "application/octet-stream"},
                  {"TTL", std::to_string(message.ttl.count())},
                  {"Urgency", "high"}};
  if (!message.topic.empty()) call.headers.emplace_back("Topic", message.topic);
  call.body = crypto::encrypt_push(message.to, message.text, kPushPadded, random_);
  call.url = message.endpoint;
  call.connect_timeout = kPushConnectTimeout;
  call.total_timeout = options_.timeout;
  call.response_max = kPushAnswerMax;
  call.addresses = options_.rules.addresses;
  call.plain_http = options_.rules.plain_http;
  http_.send(std::move(call), [&clock = clock_, span = std::move(span), endpoint = std::move(message.endpoint),
                               done = std::move(done)](const HttpResult& result) mutable {
    if (result) span.set("http.response.status_code", result->status);
    auto outcome = judge_push_answer(result, endpoint, clock.now());
    if (outcome.verdict != PushVerdict::kAccepted)
      span.fail(result ? std::to_string(result->status) : std::string(name_of(result.error().fault)));
    span.end();
    done(std::move(outcome));
  });
}

}  // namespace countersign::delivery
