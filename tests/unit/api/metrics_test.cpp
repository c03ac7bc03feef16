#include <gtest/gtest.h>

#include "api/operations/operations.h"

namespace countersign::api {
namespace {

TEST(Metrics, SayHowManyClaimsNobodyHasAcknowledgedAndSinceWhen) {
  Metrics metrics;
  metrics.on_unacknowledged("shop", 3, *from_rfc3339("2026-11-22T12:00:00Z"));
  metrics.on_unacknowledged("other", 0, std::nullopt);
  auto text = metrics.text({}, {});
  EXPECT_NE(text.find("countersign_claimed_unacknowledged{account=\"shop\"} 3\n"), std::string::npos) << text;
  EXPECT_NE(text.find("countersign_claimed_unacknowledged_since_seconds{account=\"shop\"} 1795348800\n"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("countersign_claimed_unacknowledged{account=\"other\"} 0\n"), std::string::npos) << text;
  metrics.on_unacknowledged("shop", 0, std::nullopt);
  text = metrics.text({}, {});
  EXPECT_NE(text.find("countersign_claimed_unacknowledged{account=\"shop\"} 0\n"), std::string::npos) << text;
  EXPECT_NE(text.find("countersign_claimed_unacknowledged_since_seconds{account=\"shop\"} 0\n"), std::string::npos);
}

}  // namespace
}  // namespace countersign::api
