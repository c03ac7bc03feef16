#include "domain/sendings.h"

#include <gtest/gtest.h>

#include "support/fake_time.h"

// By which channels the codes of one verification went. [ADR 46]
namespace countersign::domain {
namespace {

using contact::Channel;
using Channels = std::vector<Channel>;

class SendingsTest : public ::testing::Test {
 protected:
  SendingsTest() {
    Moment moment{clock_.now(), random_};
    first_ = MessageId::make(moment);
    second_ = MessageId::make(moment);
  }
  Sending turn(const MessageId& message, Channel channel) const { return {message, channel, clock_.now()}; }

  countersign::testing::FakeClock clock_;
  countersign::testing::SeededRandom random_;
  MessageId first_{};
  MessageId second_{};
};

TEST_F(SendingsTest, AMessageThatWentOnCountsByItsLastChannel) {
  Sendings all{turn(first_, Channel::kWhatsapp)};
  EXPECT_EQ(sent_instead_of(all), std::nullopt);
  all = gone_on(std::move(all), turn(first_, Channel::kSms));
  EXPECT_EQ(messages_in(all), Sendings{turn(first_, Channel::kSms)});
  EXPECT_EQ(channels_used(all), Channels{Channel::kSms});
  EXPECT_EQ(sent_instead_of(all), Channel::kWhatsapp);
  EXPECT_EQ(sent_before_by(all), std::nullopt);
}

TEST_F(SendingsTest, TwoMessagesAreTwo) {
  Sendings all{turn(first_, Channel::kWhatsapp)};
  all = gone_on(std::move(all), turn(second_, Channel::kSms));
  EXPECT_EQ(messages_in(all).size(), 2U);
  EXPECT_EQ(channels_used(all), (Channels{Channel::kWhatsapp, Channel::kSms}));
  EXPECT_EQ(sent_instead_of(all), std::nullopt);
  EXPECT_EQ(sent_before_by(all), Channel::kWhatsapp);
}

TEST_F(SendingsTest, AnOlderMessageThatGoesOnStaysTheOlderOne) {
  Sendings all{turn(first_, Channel::kWhatsapp), turn(second_, Channel::kCall)};
  all = gone_on(std::move(all), turn(first_, Channel::kSms));
  EXPECT_EQ(all.back(), turn(second_, Channel::kCall));
  EXPECT_EQ(channels_used(all), (Channels{Channel::kSms, Channel::kCall}));
}

TEST_F(SendingsTest, WhatCouldNotCarryAMessageComesLast) {
  const Channels order{Channel::kWhatsapp, Channel::kSms, Channel::kCall};
  EXPECT_EQ(preferred_after(order, {}), order);
  const Sendings left{turn(first_, Channel::kWhatsapp), turn(first_, Channel::kSms)};
  EXPECT_EQ(preferred_after(order, left), (Channels{Channel::kSms, Channel::kCall, Channel::kWhatsapp}));
  EXPECT_EQ(sent_instead_of({}), std::nullopt);
  EXPECT_EQ(sent_before_by({}), std::nullopt);
}

}  // namespace
}  // namespace countersign::domain
