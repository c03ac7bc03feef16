#include "store/postgres/connection_string.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace countersign::store {
namespace {

std::string value_of(const ConnectionString& string, std::string_view keyword) {
  const auto found = std::ranges::find(string.parameters(), keyword, &ConnectionString::Parameter::keyword);
  return found == string.parameters().end() ? "" : found->value.expose();
}

ConnectionString parsed(const std::string& text) {
  auto string = ConnectionString::parse(SecretString(text));
  EXPECT_TRUE(string) << string.error();
  return std::move(string).value();
}

std::string refused(const std::string& text) {
  const auto string = ConnectionString::parse(SecretString(text));
  EXPECT_FALSE(string) << text;
  return string ? "" : string.error();
}

TEST(ConnectionString, NetworkMeansVerifiedTls) {
  for (const char* const url : {"postgresql://app@db.example.com/app", "postgresql://app@10.0.0.5/app",
                                "postgresql://app@127.0.0.1,db.example.com/app", "host=db.example.com dbname=app",
                                "postgresql://app@localhost/app?hostaddr=10.0.0.5"}) {
    EXPECT_EQ(value_of(parsed(url), "sslmode"), "verify-full") << url;
    EXPECT_FALSE(parsed(url).is_local()) << url;
  }
  for (const char* const mode : {"disable", "require", "verify-ca", "verify-full"}) {
    EXPECT_EQ(value_of(parsed(std::string("postgresql://db.example.com/app?sslmode=") + mode), "sslmode"), mode);
  }
}

TEST(ConnectionString, ThisMachineNeedsNoTls) {
  for (const char* const url :
       {"postgresql:///app", "postgresql://127.0.0.1/app", "postgresql://[::1]:5433/app", "postgresql://localhost/app",
        "postgresql:///app?host=/run/postgresql", "host=/run/postgresql,localhost dbname=app"}) {
    EXPECT_EQ(value_of(parsed(url), "sslmode"), "") << url;
    EXPECT_TRUE(parsed(url).is_local()) << url;
  }
  EXPECT_EQ(value_of(parsed("postgresql:///app"), "host"), "/var/run/postgresql");
}

TEST(ConnectionString, ModesThatPromiseNothingAreRefusedOnANetwork) {
  for (const std::string mode : {"allow", "prefer"}) {
    EXPECT_NE(refused("postgresql://db.example.com/app?sslmode=" + mode).find("sslmode=" + mode), std::string::npos);
    EXPECT_EQ(value_of(parsed("postgresql://localhost/app?sslmode=" + mode), "sslmode"), mode);
  }
}

TEST(ConnectionString, TheHostThatWritesIsWanted) {
  EXPECT_EQ(value_of(parsed("postgresql://a.example.com,b.example.com/app"), "target_session_attrs"), "read-write");
  EXPECT_EQ(value_of(parsed("postgresql://a.example.com/app?target_session_attrs=primary"), "target_session_attrs"),
            "primary");
}

TEST(ConnectionString, DescriptionHoldsNoSecret) {
  const auto string = parsed(
      "postgresql://app:s3cr3t@a.example.com:5433,b.example.com/app?sslpassword=s3cr3t&passfile=/s3cr3t&"
      "sslmode=require");
  EXPECT_EQ(string.description(),
            "PostgreSQL a.example.com,b.example.com/app as app (TLS, the server's certificate is not verified)");
}

TEST(ConnectionString, MistakesAreNotQuoted) {
  EXPECT_EQ(refused("postgresql://app:s3cr%t@db.example.com/app").find("s3cr"), std::string::npos);
  EXPECT_EQ(refused("postgresql://app:s3cr3t@db.example.com/app?s3cr3t").find("s3cr3t"), std::string::npos);
  EXPECT_NE(refused("postgresql:///app?service=main").find("names a service"), std::string::npos);
}

}  // namespace
}  // namespace countersign::store
