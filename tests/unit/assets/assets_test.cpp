#include "assets/assets.h"

#include <gtest/gtest.h>

namespace countersign::assets {
namespace {

std::string name_in(const std::string& url) { return url.substr(url.rfind('/') + 1); }

TEST(Assets, AreFoundUnderTheirOwnUrls) {
  for (const std::string name : {"verify.css", "verify.js"}) {
    const auto& path = url(name);
    EXPECT_EQ(path.find("/assets/verify-"), 0U) << path;
    const auto* asset = find(name_in(path));
    ASSERT_NE(asset, nullptr) << path;
    EXPECT_NE(path.find(asset->digest), std::string::npos);
    EXPECT_EQ(asset->digest.size(), 12U);
    EXPECT_FALSE(asset->plain.empty());
  }
  EXPECT_EQ(find(name_in(url("verify.css")))->content_type, "text/css; charset=utf-8");
  EXPECT_EQ(find(name_in(url("verify.js")))->content_type, "text/javascript; charset=utf-8");
}

TEST(Assets, AreCompressedBeforehand) {
  const auto* asset = find(name_in(url("verify.css")));
  ASSERT_NE(asset, nullptr);
  EXPECT_EQ(asset->gzip.substr(0, 2), "\x1f\x8b");
  EXPECT_LT(asset->gzip.size(), asset->plain.size());
  EXPECT_LT(asset->brotli.size(), asset->gzip.size());
}

TEST(Assets, HaveNoOtherNames) {
  EXPECT_EQ(find("verify.css"), nullptr);
  EXPECT_EQ(find("manifest.json"), nullptr);
  EXPECT_EQ(find(name_in(url("verify.css")) + ".gz"), nullptr);
  EXPECT_EQ(find(""), nullptr);
  EXPECT_EQ(find("../verify.css"), nullptr);
}

TEST(AssetsDeathTest, ANameThatWasNotBuiltIsABug) { EXPECT_DEATH((void)url("nothing.css"), ""); }

}  // namespace
}  // namespace countersign::assets
