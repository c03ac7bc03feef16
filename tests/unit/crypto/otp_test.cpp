#include "crypto/otp.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/encoding.h"
#include "support/fake_time.h"
#include "support/vectors.h"
#include "unit/crypto/package_vectors.h"

namespace countersign::crypto {
namespace {

using std::chrono::seconds;

const std::string kSecret = "12345678901234567890";

WallTime at(std::int64_t unix_seconds) { return WallTime(seconds(unix_seconds)); }

OtpAlgorithm algorithm_of(std::string_view name) {
  if (name == "SHA256") return OtpAlgorithm::kSha256;
  if (name == "SHA512") return OtpAlgorithm::kSha512;
  EXPECT_EQ(name, "SHA1");
  return OtpAlgorithm::kSha1;
}

using testing::text_of;

TEST(Hotp, Vectors) {
  const json::value vectors = testing::own_vectors("otp.json");
  for (const auto& test : vectors.at("hotp").as_array()) {
    const auto* hex = test.as_object().if_contains("counter_hex");
    const std::uint64_t counter =
        hex != nullptr ? std::stoull(text_of(*hex), nullptr, 16) : test.at("counter").to_number<std::uint64_t>();
    EXPECT_EQ(hotp(*from_hex(text_of(test.at("secret_hex"))), counter, OtpAlgorithm::kSha1,
                   test.at("digits").to_number<int>()),
              text_of(test.at("code")))
        << counter;
  }
}

TEST(Totp, Vectors) {
  const json::value vectors = testing::own_vectors("otp.json");
  for (const auto& test : vectors.at("totp").as_array()) {
    const TotpParameters parameters{algorithm_of(test.at("algorithm").as_string()), test.at("digits").to_number<int>(),
                                    test.at("period").to_number<std::int64_t>()};
    const std::string secret = *from_hex(text_of(test.at("secret_hex")));
    const WallTime now = at(test.at("unix_time").to_number<std::int64_t>());
    const std::int64_t step = totp_step(now, parameters);
    const std::string code = text_of(test.at("code"));
    EXPECT_EQ(totp(secret, step, parameters), code) << test;
    EXPECT_EQ(totp_check(secret, code, now, parameters, {0, 0, 0}, std::nullopt).step, step) << test;
    EXPECT_EQ(totp_check(secret, code, now, parameters, {0, 0, 0}, step).step, std::nullopt) << test;
  }
}

TEST(Hotp, PackagedVectors) {
  for (const auto& record : testing::package_vectors("twofactor/rfc-4226.txt")) {
    EXPECT_EQ(hotp(record.at("SECRET"), std::stoull(record.at("COUNTER")), OtpAlgorithm::kSha1, 6), record.at("HOTP"));
  }
}

TEST(Totp, PackagedVectors) {
  for (const auto& record : testing::package_vectors("twofactor/rfc-6238.txt")) {
    const TotpParameters parameters{algorithm_of(record.at("MODE")), 8, 30};
    EXPECT_EQ(totp(record.at("SECRET"), totp_step(at(std::stoll(record.at("TIME"))), parameters), parameters),
              record.at("TOTP"));
  }
}

/// A factor as a caller keeps it: what was accepted last, and how often it failed in a row.
TEST(Totp, Scenarios) {
  const json::value vectors = testing::own_vectors("otp.json");
  for (const auto& scenario : vectors.at("totp_scenarios").as_array()) {
    const auto& config = scenario.at("config");
    const TotpParameters parameters{algorithm_of(config.at("algorithm").as_string()),
                                    config.at("digits").to_number<int>(),
                                    config.at("period").to_number<std::int64_t>()};
    const TotpWindow window{config.at("window_back").to_number<std::int64_t>(),
                            config.at("window_forward").to_number<std::int64_t>(), 0};
    const std::string secret = *from_base32(text_of(scenario.at("secret_base32")));
    std::optional<std::int64_t> last;
    std::int64_t failures = 0;
    for (const auto& step : scenario.at("steps").as_array()) {
      const auto code = typed_code(text_of(step.at("code")), static_cast<std::size_t>(parameters.digits));
      std::optional<std::int64_t> matched;
      if (code && failures < config.at("max_failures").to_number<std::int64_t>()) {
        matched =
            totp_check(secret, *code, at(step.at("now").to_number<std::int64_t>()), parameters, window, last).step;
      }
      EXPECT_EQ(matched.has_value(), step.at("expect") == "ok") << scenario.at("name") << ": " << step.at("why");
      failures = matched ? 0 : failures + 1;
      if (matched) last = matched;
    }
  }
}

TEST(Hotp, Scenarios) {
  const json::value vectors = testing::own_vectors("otp.json");
  for (const auto& scenario : vectors.at("hotp_scenarios").as_array()) {
    const std::string secret = *from_base32(text_of(scenario.at("secret_base32")));
    auto counter = scenario.at("counter").to_number<std::uint64_t>();
    for (const auto& step : scenario.at("steps").as_array()) {
      const auto* pair = step.as_object().if_contains("resync");
      const auto next = pair != nullptr
                            ? hotp_resynchronise(secret, text_of(pair->at(0)), text_of(pair->at(1)), counter, {},
                                                 scenario.at("resync_window").to_number<std::uint64_t>())
                            : hotp_match(secret, text_of(step.at("code")), counter, {},
                                         scenario.at("look_ahead").to_number<std::uint64_t>());
      EXPECT_EQ(next.has_value(), step.at("expect") == "ok") << scenario.at("name") << ": " << step.at("why");
      counter = next.value_or(counter);
      EXPECT_EQ(counter, step.at("counter_after").to_number<std::uint64_t>()) << step.at("why");
    }
  }
}

TEST(Hotp, NeverWrapsAround) {
  constexpr std::uint64_t kLast = UINT64_MAX;
  const std::string code = hotp(kSecret, kLast, OtpAlgorithm::kSha1, 6);
  EXPECT_EQ(hotp_match(kSecret, code, kLast, {}, 0), std::nullopt);
  EXPECT_EQ(hotp_match(kSecret, code, kLast - 3, {}, 10), std::nullopt);
  EXPECT_EQ(hotp_resynchronise(kSecret, code, code, kLast - 3, {}, 100), std::nullopt);
}

TEST(TotpCheck, ReportsReplayApartFromWrong) {
  const TotpParameters parameters;
  const std::int64_t step = totp_step(at(1'000'000), parameters);
  const std::string code = totp(kSecret, step, parameters);
  const auto first = totp_check(kSecret, code, at(1'000'000), parameters, {}, std::nullopt);
  EXPECT_EQ(first.step, step);
  EXPECT_FALSE(first.replayed);
  const auto again = totp_check(kSecret, code, at(1'000'000), parameters, {}, step);
  EXPECT_FALSE(again.step);
  EXPECT_TRUE(again.replayed);
  const auto wrong = totp_check(kSecret, code == "000000" ? "000001" : "000000", at(1'000'000), parameters, {}, step);
  EXPECT_FALSE(wrong.step);
  EXPECT_FALSE(wrong.replayed);
}

TEST(TotpCheck, OnlyTheVeryTextMatches) {
  const TotpParameters parameters;
  std::int64_t step = 1000;
  while (totp(kSecret, step, parameters).find("10") == std::string::npos || totp(kSecret, step, parameters)[0] != '0')
    ++step;
  const std::string code = totp(kSecret, step, parameters);
  const auto matches = [&](const std::string& text) {
    return totp_check(kSecret, text, at(step * 30), parameters, {0, 0, 0}, std::nullopt).step.has_value();
  };
  EXPECT_TRUE(matches(code));
  EXPECT_FALSE(matches("0" + code));      // The same number,
  EXPECT_FALSE(matches(code.substr(1)));  // another text.
  std::string carried = code;
  carried.replace(carried.find("10"), 2, "0:");  // ':' follows '9'.
  EXPECT_FALSE(matches(carried));
  EXPECT_FALSE(matches(""));
}

TEST(TotpCheck, DriftMovesTheWindow) {
  const TotpParameters parameters;
  const WallTime now = at(1'000'000);
  const std::int64_t step = totp_step(now, parameters);
  for (std::int64_t off = -6; off <= 6; ++off) {
    const std::string code = totp(kSecret, step + off, parameters);
    const bool inside = off >= 2 && off <= 4;
    EXPECT_EQ(totp_check(kSecret, code, now, parameters, {1, 1, 3}, std::nullopt).step.has_value(), inside) << off;
  }
}

TEST(TotpCheck, StartsAtTheEpochAndReachesFarBeyond2106) {
  const TotpParameters parameters;
  EXPECT_EQ(totp_step(at(-1), parameters), -1);
  EXPECT_EQ(totp_step(at(-30), parameters), -1);
  EXPECT_EQ(totp_step(at(-31), parameters), -2);
  EXPECT_EQ(totp_check(kSecret, totp(kSecret, 0, parameters), at(0), parameters, {}, std::nullopt).step, 0);
  EXPECT_FALSE(totp_check(kSecret, "000000", at(-1000), parameters, {}, std::nullopt).step);
  const std::int64_t far = 20'000'000'000;  // year 2603, above 32 bits of seconds
  const std::string code = totp(kSecret, far / 30, parameters);
  EXPECT_EQ(totp_check(kSecret, code, at(far), parameters, {}, std::nullopt).step, far / 30);
}

TEST(TypedCode, DropsSingleSeparatorsAndNothingElse) {
  EXPECT_EQ(typed_code(" 123 456\n", 6), "123456");
  EXPECT_EQ(typed_code("12-34-56", 6), "123456");
  EXPECT_EQ(typed_code("012345", 6), "012345");
  for (const std::string_view bad : {"123  456", "123--456", "-123456", "123456-", "123 -456", "12345", "1234567", "",
                                     " ", "12345a", "+123456", "１２３４５６", "123.456"}) {
    EXPECT_EQ(typed_code(bad, 6), std::nullopt) << bad;
  }
  EXPECT_EQ(typed_code(std::string_view("123456\0", 7), 6), std::nullopt);
}

TEST(NewOtpSecret, IsAsLongAsTheHash) {
  testing::SeededRandom random;
  EXPECT_EQ(new_otp_secret(OtpAlgorithm::kSha1, random).expose().size(), 20U);
  EXPECT_EQ(new_otp_secret(OtpAlgorithm::kSha256, random).expose().size(), 32U);
  EXPECT_EQ(new_otp_secret(OtpAlgorithm::kSha512, random).expose().size(), 64U);
  EXPECT_NE(new_otp_secret(OtpAlgorithm::kSha1, random).expose(), new_otp_secret(OtpAlgorithm::kSha1, random).expose());
}

// However often and whenever codes are tried: accepted steps only grow, and lie in the window.
RC_GTEST_PROP(TotpCheck, AcceptedStepsOnlyGrow, (const std::vector<std::pair<std::uint8_t, std::uint8_t>>& tries)) {
  const TotpParameters parameters;
  std::optional<std::int64_t> last;
  for (const auto& [second, offset] : tries) {
    const WallTime now = at(1'750'000'000 + second);
    const std::int64_t middle = totp_step(now, parameters);
    const std::int64_t tried = middle + offset % 7 - 3;
    const auto check = totp_check(kSecret, totp(kSecret, tried, parameters), now, parameters, {}, last);
    if (!check.step) continue;
    RC_ASSERT(*check.step > last.value_or(0));
    RC_ASSERT(*check.step >= middle - 1 && *check.step <= middle + 1);
    last = check.step;
  }
}

}  // namespace
}  // namespace countersign::crypto
