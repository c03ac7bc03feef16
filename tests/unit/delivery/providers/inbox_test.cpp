#include "delivery/providers/inbox.h"

#include <gtest/gtest.h>

#include "unit/delivery/provider_fixture.h"

namespace countersign::delivery {
namespace {

using namespace testing;

TEST(Inbox, ShowsEverythingOfEveryChannel) {
  std::vector<OutgoingMessage> shown;
  Inbox inbox([&](const OutgoingMessage& message, auto kept) {
    shown.push_back(message);
    kept(true);
  });
  const WallTime expires_at = *from_rfc3339("2026-11-22T12:10:00Z");
  for (const auto channel : {Channel::kSms, Channel::kCall, Channel::kWhatsapp, Channel::kEmail, Channel::kPush}) {
    EXPECT_TRUE(inbox.supports(channel));
    const auto message = message_to("+15017122661", channel, expires_at);
    std::string ref;
    inbox.send(message, [&](Result<Accepted, ProviderError> result) { ref = result->provider_ref; });
    EXPECT_EQ(ref, message.id.text());
    EXPECT_EQ(shown.back().channel, channel);
    EXPECT_EQ(shown.back().code.expose(), "482913");
    EXPECT_EQ(shown.back().body, message.body);
  }
  EXPECT_EQ(inbox.name(), "inbox");
}

TEST(Inbox, AnswersForAMessageOnlyWhenItIsKept) {
  std::move_only_function<void(bool)> pending;
  Inbox inbox([&](const OutgoingMessage&, auto kept) { pending = std::move(kept); });
  std::optional<bool> accepted;
  inbox.send(message_to("+15017122661", Channel::kSms, *from_rfc3339("2026-11-22T12:10:00Z")),
             [&](Result<Accepted, ProviderError> result) { accepted = result.has_value(); });
  EXPECT_FALSE(accepted.has_value());
  pending(false);
  EXPECT_EQ(accepted, false);
}

}  // namespace
}  // namespace countersign::delivery
