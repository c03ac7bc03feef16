#include <gtest/gtest.h>

#include "store/error.h"
#include "store/repository/device_material.h"
#include "store/repository/packed_text.h"
#include "store/repository/push_material.h"

// What is stored of devices is read as it was written, also by programs before this one, and nothing else is read.
namespace countersign::store {
namespace {

using namespace std::chrono_literals;

constexpr WallTime kThen(1'772'323'200'000'000us);
const std::string kPoint = "\x04" + std::string(64, 'k');

domain::PromptHistory some_prompts() {
  return {2, 3, {kThen, 7}, {{"", 1, kThen}, {std::string("\0network", 8), 2, kThen + 1us}}};
}

PushDevice a_browser() {
  return {kPoint,
          PushSubscription{"https://push.example.net/1", "\x04" + std::string(64, 'p'), std::string(16, 'a'),
                           "\x04" + std::string(64, 'v')},
          some_prompts(), 20'000};
}

void expect_alike(const PushDevice& read, const PushDevice& written) {
  EXPECT_EQ(read.public_key, written.public_key);
  EXPECT_EQ(read.prompts, written.prompts);
  EXPECT_EQ(read.used_day, written.used_day);
  ASSERT_EQ(read.subscription.has_value(), written.subscription.has_value());
  if (!read.subscription) return;
  EXPECT_EQ(read.subscription->endpoint, written.subscription->endpoint);
  EXPECT_EQ(read.subscription->point, written.subscription->point);
  EXPECT_EQ(read.subscription->auth, written.subscription->auth);
  EXPECT_EQ(read.subscription->vapid_key, written.subscription->vapid_key);
}

std::string packed(std::initializer_list<std::uint64_t> numbers) {
  std::string out;
  for (const auto number : numbers) append_packed_number(out, number);
  return out;
}

std::string packed(std::string_view text) {
  std::string out;
  append_packed_text(out, text);
  return out;
}

TEST(PushMaterial, IsReadAsItWasWritten) {
  expect_alike(decode_push_device(encode(a_browser())).value(), a_browser());
  PushDevice bare;
  bare.public_key = kPoint;
  expect_alike(decode_push_device(encode(bare)).value(), bare);
  const auto offer = decode_push_offer(encode(PushOffer{"challenge", kPoint})).value();
  EXPECT_EQ(offer.challenge, "challenge");
  EXPECT_EQ(offer.server_key, kPoint);
  EXPECT_EQ(decode_push_offer(encode(PushOffer{})).value().challenge, "");

  const DeviceMaterial phone{kPoint, some_prompts()};
  const auto read = decode_device_material(encode(phone)).value();
  EXPECT_EQ(read.point, phone.point);
  EXPECT_EQ(read.prompts, phone.prompts);
}

TEST(PushMaterial, NoneIsTakenForAnother) {
  const std::string all[] = {encode(PushOffer{"c", kPoint}), encode(a_browser()), encode(DeviceMaterial{kPoint, {}})};
  for (const auto& one : all) {
    EXPECT_EQ(decode_push_offer(one).has_value(), &one == &all[0]);
    EXPECT_EQ(decode_push_device(one).has_value(), &one == &all[1]);
    EXPECT_EQ(decode_device_material(one).has_value(), &one == &all[2]);
  }
  EXPECT_FALSE(decode_push_device(""));
  EXPECT_FALSE(decode_device_material(""));
}

TEST(PushMaterial, NothingElseIsRead) {
  const std::string browser = encode(a_browser());
  for (std::size_t size = 1; size < browser.size(); ++size)
    EXPECT_THROW((void)decode_push_device(browser.substr(0, size)), StoreFailure) << size;
  EXPECT_THROW((void)decode_push_device(browser + '\0'), StoreFailure);
  const std::string phone = encode(DeviceMaterial{kPoint, some_prompts()});
  for (std::size_t size = 1; size < phone.size(); ++size)
    EXPECT_THROW((void)decode_device_material(phone.substr(0, size)), StoreFailure) << size;
  EXPECT_THROW((void)decode_device_material(phone + '\0'), StoreFailure);
}

TEST(PushMaterial, AnOfferOfBeforeIsRead) {
  const auto offer = decode_push_offer("\x20" + packed("challenge")).value();
  EXPECT_EQ(offer.challenge, "challenge");
  EXPECT_EQ(offer.server_key, "");
  EXPECT_THROW((void)decode_push_offer("\x20" + packed("challenge") + packed("key") + '\0'), StoreFailure);
}

// The bytes that programs wrote before denials were counted for all.
TEST(PushMaterial, ABrowserOfBeforeIsRead) {
  const auto micros = static_cast<std::uint64_t>(to_micros(kThen));
  const auto to = *a_browser().subscription;
  const std::string written = "\x21" + packed(kPoint) + packed({1}) + packed(to.endpoint) + packed(to.point) +
                              packed(to.auth) + packed(to.vapid_key) + packed({2, micros, 7, 2}) + packed("") +
                              packed({1, micros}) + packed(std::string_view("\0network", 8)) +
                              packed({2, micros + 1, 20'000});
  expect_alike(decode_push_device(written).value(), a_browser());
  EXPECT_THROW((void)decode_push_device(written.substr(0, written.size() - 1)), StoreFailure);
}

TEST(PushMaterial, APhoneOfBeforeIsRead) {
  const auto micros = static_cast<std::uint64_t>(to_micros(kThen));
  const std::string begin = "\x40" + packed(kPoint);
  const auto fresh = decode_device_material(begin + packed({0, 0, 0})).value();
  EXPECT_EQ(fresh.point, kPoint);
  EXPECT_EQ(fresh.prompts, domain::PromptHistory());

  const auto asked = decode_device_material(begin + packed({3, micros, 0})).value().prompts;
  EXPECT_EQ(domain::why_not_prompted(asked, "", false, kThen + 24h)->why, domain::NotPrompted::Why::kUnanswered);
  EXPECT_EQ(asked.asked.start, kThen);

  // Silent until a moment, then as after one denial.
  const auto denied = decode_device_material(begin + packed({0, micros, 1, micros})).value().prompts;
  EXPECT_EQ(domain::why_not_prompted(denied, "", false, kThen - 1us)->retry_after, 1us);
  EXPECT_FALSE(domain::why_not_prompted(denied, "", false, kThen));
  EXPECT_FALSE(domain::why_not_prompted(denied, "another network", false, kThen - 1us));
  const auto often = decode_device_material(begin + packed({0, micros, 6, micros})).value().prompts;
  EXPECT_EQ(domain::why_not_prompted(often, "another network", false, kThen)->why, domain::NotPrompted::Why::kOff);
}

}  // namespace
}  // namespace countersign::store
