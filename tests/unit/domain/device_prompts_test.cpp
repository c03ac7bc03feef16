#include "domain/device_prompts.h"

#include <gtest/gtest.h>

#include "some.h"

namespace countersign::domain {
namespace {

DevicePrompts asked_times(int times) {
  DevicePrompts prompts;
  for (int i = 0; i < times; ++i) prompts = asked(prompts, kNoon + minutes(i));
  return prompts;
}

TEST(DevicePrompts, ThreeMayStayUnansweredWithinAnHour) {
  for (int times = 0; times < 3; ++times) EXPECT_FALSE(wait_to_ask(asked_times(times), kNoon + minutes(5))) << times;
  const auto prompts = asked_times(3);
  EXPECT_EQ(wait_to_ask(prompts, kNoon + minutes(5)), minutes(55)) << "from the first of them";
  EXPECT_EQ(wait_to_ask(prompts, kNoon + hours(1) - kTick), kTick);
  EXPECT_FALSE(wait_to_ask(prompts, kNoon + hours(1)));
  EXPECT_EQ(asked(prompts, kNoon + hours(1)).unanswered, 1);
}

TEST(DevicePrompts, AnApprovalForgetsThem) {
  auto prompts = refused(asked_times(3), kNoon);
  prompts = approved(prompts);
  EXPECT_EQ(prompts, DevicePrompts());
  EXPECT_FALSE(wait_to_ask(prompts, kNoon));
}

TEST(DevicePrompts, SilenceFollowsADenialAndDoubles) {
  DevicePrompts prompts = asked_times(1);
  WallTime now = kNoon;
  for (const Duration silence :
       {Duration(minutes(10)), Duration(minutes(20)), Duration(minutes(40)), Duration(minutes(80)),
        Duration(minutes(160)), Duration(minutes(320)), Duration(minutes(640)), Duration(minutes(1280)),
        Duration(hours(24)), Duration(hours(24))}) {
    prompts = refused(asked(prompts, now), now);
    EXPECT_EQ(wait_to_ask(prompts, now), silence);
    now += silence;
    EXPECT_EQ(wait_to_ask(prompts, now - kTick), kTick);
    EXPECT_FALSE(wait_to_ask(prompts, now));
  }
}

TEST(DevicePrompts, ADeniedOneIsAnswered) {
  auto prompts = asked_times(2);
  prompts = refused(prompts, kNoon);
  EXPECT_EQ(prompts.unanswered, 1);
  EXPECT_EQ(refused({}, kNoon).unanswered, 0);
}

}  // namespace
}  // namespace countersign::domain
