#include "api/assets/assets.h"

#include <gtest/gtest.h>

#include "api/assets/encoding.h"
#include "assets/assets.h"

namespace countersign::api {
namespace {

using enum ContentCoding;

TEST(Coding, PrefersTheSmallest) {
  EXPECT_EQ(choose_coding("gzip, deflate, br, zstd"), kBrotli);
  EXPECT_EQ(choose_coding("br"), kBrotli);
  EXPECT_EQ(choose_coding("GZip"), kGzip);
  EXPECT_EQ(choose_coding("x-gzip"), kGzip);
  EXPECT_EQ(choose_coding("deflate"), kIdentity);
  EXPECT_EQ(choose_coding(""), kIdentity);
}

TEST(Coding, FollowsTheClientsQualities) {
  EXPECT_EQ(choose_coding("br;q=0.5, gzip;q=0.8"), kGzip);
  EXPECT_EQ(choose_coding("br;q=0, gzip"), kGzip);
  EXPECT_EQ(choose_coding("br;q=0.000,gzip;q=0"), kIdentity);
  EXPECT_EQ(choose_coding("gzip;q=0.1, identity;q=0.9"), kIdentity);
  EXPECT_EQ(choose_coding("identity;q=0.5, *;q=0.5"), kBrotli);
  EXPECT_EQ(choose_coding("*"), kBrotli);
  EXPECT_EQ(choose_coding("br;q=0, *;q=0.3"), kGzip);
  EXPECT_EQ(choose_coding("*;q=0"), kIdentity);
  EXPECT_EQ(choose_coding("br ; Q=0.001 , gzip ; q=1.000"), kGzip);
}

TEST(Coding, TreatsAnUnreadableWishAsNone) {
  for (const auto* text : {"br;q=2", "br;q=", "br;q=0.1234", "br;q=-1", "br;q=1.1", "br;q=x"})
    EXPECT_EQ(choose_coding(text), kIdentity) << text;
  EXPECT_EQ(choose_coding(",,, ;"), kIdentity);
}

TEST(EntityTag, IsFoundInTheList) {
  EXPECT_TRUE(matches_etag("\"a\"", "\"a\""));
  EXPECT_TRUE(matches_etag("\"x\" , W/\"a\"", "\"a\""));
  EXPECT_TRUE(matches_etag("*", "\"a\""));
  EXPECT_FALSE(matches_etag("", "\"a\""));
  EXPECT_FALSE(matches_etag("a", "\"a\""));
  EXPECT_FALSE(matches_etag("\"a-gzip\"", "\"a\""));
}

/// What the route answers, without a server.
class AssetRoute : public ::testing::Test {
 protected:
  AssetRoute() { add_asset_routes(router_); }

  http::Response get(const std::string& path, const std::vector<std::pair<std::string, std::string>>& headers = {}) {
    struct Sink : http::ReplySink {
      http::Response got;
      void answer(std::uint64_t, http::Response response) override { got = std::move(response); }
      void abandon(std::uint64_t) override { got = {500, {}, {}, {}}; }
      Executor& executor() override { std::abort(); }
    };
    http::Request request;
    request.path = path;
    for (const auto& [name, value] : headers) request.add_header(name, value);
    const auto sink = std::make_shared<Sink>();
    router_.dispatch(std::move(request), http::Reply(sink, 1));
    return sink->got;
  }

  static std::string header(const http::Response& response, std::string_view name) {
    for (const auto& [key, value] : response.headers) {
      if (key == name) return value;
    }
    return {};
  }

  http::Router router_;
  const std::string path_ = assets::url("verify.css");
};

TEST_F(AssetRoute, ServesForGood) {
  const auto response = get(path_);
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.content_type, "text/css; charset=utf-8");
  EXPECT_NE(response.body.find("--accent"), std::string::npos);
  EXPECT_EQ(header(response, "Cache-Control"), "public, max-age=31536000, immutable");
  EXPECT_EQ(header(response, "Vary"), "Accept-Encoding");
  EXPECT_EQ(header(response, "Content-Encoding"), "");
}

TEST_F(AssetRoute, ServesWhatTheClientCanUnpack) {
  const auto brotli = get(path_, {{"accept-encoding", "gzip"}, {"accept-encoding", "br"}});
  EXPECT_EQ(header(brotli, "Content-Encoding"), "br");
  const auto gzip = get(path_, {{"accept-encoding", "gzip, br;q=0.5"}});
  EXPECT_EQ(header(gzip, "Content-Encoding"), "gzip");
  EXPECT_EQ(gzip.body.substr(0, 2), "\x1f\x8b");
  EXPECT_NE(header(gzip, "ETag"), header(brotli, "ETag"));
  EXPECT_NE(header(gzip, "ETag"), header(get(path_), "ETag"));
}

TEST_F(AssetRoute, SaysWhenNothingIsNew) {
  const auto etag = header(get(path_, {{"accept-encoding", "gzip"}}), "ETag");
  const auto again = get(path_, {{"accept-encoding", "gzip"}, {"if-none-match", "\"x\", " + etag}});
  EXPECT_EQ(again.status, 304);
  EXPECT_TRUE(again.body.empty());
  EXPECT_EQ(header(again, "ETag"), etag);
  EXPECT_EQ(header(again, "Content-Encoding"), "");
  EXPECT_EQ(get(path_, {{"accept-encoding", "br"}, {"if-none-match", etag}}).status, 200) << "another coding's tag";
}

TEST_F(AssetRoute, HasTheIconWhereBrowsersLookForOne) {
  const auto response = get("/favicon.ico");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.content_type, "image/svg+xml");
}

TEST_F(AssetRoute, HasNothingElse) {
  EXPECT_EQ(get("/assets/verify.css").status, 404);
  EXPECT_EQ(get("/assets/manifest.json").status, 404);
  EXPECT_EQ(get("/assets/%2e%2e%2fmanifest.json").status, 404);
  EXPECT_EQ(get(path_ + ".gz").status, 404);
  EXPECT_EQ(get("/assets/").status, 404);
}

}  // namespace
}  // namespace countersign::api
