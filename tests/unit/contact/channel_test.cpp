#include "contact/channel.h"

#include <gtest/gtest.h>

namespace countersign::contact {
namespace {

TEST(Channel, NamesGoRoundTrip) {
  for (const auto channel : {Channel::kSms, Channel::kCall, Channel::kWhatsapp, Channel::kEmail, Channel::kPush}) {
    EXPECT_EQ(parse_channel(to_text(channel)), channel);
  }
  EXPECT_EQ(to_text(Channel::kWhatsapp), "whatsapp");
}

TEST(Channel, OtherNamesAreNone) {
  for (const char* text : {"", "SMS", "Sms", "sms ", "voice", "mail"}) EXPECT_FALSE(parse_channel(text)) << text;
}

TEST(Channel, TelephoneChannels) {
  EXPECT_TRUE(uses_phone(Channel::kSms) && uses_phone(Channel::kCall) && uses_phone(Channel::kWhatsapp));
  EXPECT_FALSE(uses_phone(Channel::kEmail) || uses_phone(Channel::kPush));
}

}  // namespace
}  // namespace countersign::contact
