#include "support/doubles/push_service_double.h"

#include <algorithm>
#include <charconv>

#include "base/time.h"

namespace countersign::testing {

namespace {

constexpr std::size_t kBodyMax = 4096;
constexpr std::size_t kTopicMax = 32;

std::optional<int> number(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

bool is_topic(std::string_view text) {
  return text.size() <= kTopicMax && text.find_first_not_of(
                                         "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                         "0123456789-_") == std::string_view::npos;
}

}  // namespace

PushServiceDouble::PushServiceDouble() : server_([this](const ServerRequest& request) { return take(request); }) {}

PushServiceDouble::Subscribed PushServiceDouble::subscribe(std::string_view vapid_point) {
  const std::lock_guard lock(mutex_);
  const std::string path = "/push/device-" + std::to_string(devices_.size() + 1);
  const auto& device = devices_.emplace(path, Device{PushBrowser(), std::string(vapid_point)}).first->second;
  return {server_.url(path), device.browser.p256dh_text(), device.browser.auth_text()};
}

void PushServiceDouble::end(std::string_view endpoint) {
  const std::lock_guard lock(mutex_);
  for (auto& [path, device] : devices_) {
    if (server_.url(path) == endpoint) device.ended = true;
  }
}

void PushServiceDouble::answer_next(ServerReply reply) {
  const std::lock_guard lock(mutex_);
  answers_.push_back(std::move(reply));
}

std::vector<PushServiceDouble::Received> PushServiceDouble::received() const {
  const std::lock_guard lock(mutex_);
  return received_;
}

std::vector<std::string> PushServiceDouble::faults() const {
  const std::lock_guard lock(mutex_);
  return faults_;
}

ServerReply PushServiceDouble::refuse(int status, std::string why) {
  faults_.push_back(why);
  return {.status = status, .body = R"({"reason":")" + why + R"("})"};
}

ServerReply PushServiceDouble::take(const ServerRequest& request) {
  const std::lock_guard lock(mutex_);
  if (!answers_.empty()) {
    auto reply = std::move(answers_.front());
    answers_.pop_front();
    return reply;
  }
  if (request.method != "POST") return refuse(405, "MethodNotAllowed");
  const auto found = devices_.find(request.path);
  if (found == devices_.end()) return {.status = 404};
  const Device& device = found->second;
  const std::string endpoint = server_.url(request.path);
  if (const auto why =
          why_not_vapid(request.header("authorization"), endpoint, system_clock().now(), device.vapid_point);
      !why.empty())
    return refuse(403, why == "key" ? "VapidPkHashMismatch" : "BadJwtToken");
  if (device.ended) return {.status = 410, .body = R"({"reason":"Unregistered"})"};
  const auto ttl = number(request.header("ttl"));
  if (!ttl || *ttl < 0) return refuse(400, "BadTtl");
  const auto urgency = request.header("urgency");
  if (urgency != "very-low" && urgency != "low" && urgency != "normal" && urgency != "high")
    return refuse(400, "BadUrgency");
  if (!is_topic(request.header("topic"))) return refuse(400, "BadWebPushTopic");
  if (request.header("content-encoding") != "aes128gcm") return refuse(400, "BadContentEncoding");
  if (request.body.size() > kBodyMax) return refuse(413, "PayloadTooLarge");
  auto text = device.browser.read(request.body);
  if (!text) return refuse(400, "the browser cannot read it");
  received_.push_back({endpoint, *std::move(text), std::string(request.header("topic")), std::string(urgency), *ttl});
  return {.status = 201, .headers = {{"Location", endpoint + "/message"}}};
}

}  // namespace countersign::testing
