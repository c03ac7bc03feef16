// Links: cs_delivery cs_base

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "delivery/providers/http_hook.h"
#include "delivery/providers/twilio_messaging.h"
#include "delivery/providers/twilio_verify.h"
#include "delivery/webhook_sender.h"

// Whatever a provider's server answers: every parser returns a verdict, approves only what the answer approves, and
// quotes nothing of a body in log text. Input: a status (two bytes), the length of a Retry-After (one byte), that
// header, the body.

namespace countersign::delivery {
namespace {

constexpr std::string_view kSid = "VEaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

void read_everything(const HttpResult& result, WallTime now) {
  const bool success = result->status >= 200 && result->status <= 299;

  const auto created = read_verification_created(result, now);
  CS_CHECK(!created || (success && created->sid.starts_with("VE")));

  const auto checked = read_verification_checked(result, {std::string(kSid), SecretString(), {}, {}}, false, now);
  if (checked && *checked == VerifierVerdict::kApproved) {
    CS_CHECK(success && result->body.find(kSid) != std::string::npos);
    CS_CHECK(result->body.find("true") != std::string::npos);
  }

  const auto canceled = read_verification_canceled(result, now);
  CS_CHECK(canceled || !canceled.error().detail.empty());

  const auto sent = read_message_created(result, now);
  CS_CHECK(!sent || success);
  CS_CHECK(sent || sent.error().detail.size() < 200);

  const auto hooked = read_hook_answer(result, MessageId{}, now);
  CS_CHECK(hooked.has_value() == success);

  const auto judged = judge_webhook_answer(result, now);
  CS_CHECK((judged.verdict == WebhookVerdict::kDelivered) == success);
  CS_CHECK(!judged.retry_after || *judged.retry_after >= Duration::zero());
}

}  // namespace
}  // namespace countersign::delivery

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace countersign;
  constexpr std::size_t kHead = 3;
  if (size < kHead) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t header_length = std::min<std::size_t>(data[2], size - kHead);
  delivery::HttpAnswer answer;
  answer.status = 100 + (data[0] * 256 + data[1]) % 500;
  answer.headers = {{"retry-after", std::string(input.substr(kHead, header_length))}};
  answer.body = input.substr(kHead + header_length);
  const std::string body = answer.body;
  delivery::read_everything(delivery::HttpResult(std::move(answer)), from_micros(1'795'348'800'000'000));
  if (const auto form = body.find('\n'); form != std::string::npos) {
    const auto report = delivery::parse_status_callback(
        {{"MessageSid", "SM1"}, {"MessageStatus", body.substr(0, form)}, {"ErrorCode", body.substr(form + 1)}});
    CS_CHECK(!report || (report->stage == contact::DeliveryStage::kFailed) == report->reason.has_value());
  }
  return 0;
}
