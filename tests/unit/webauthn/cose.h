#pragma once

#include <cstdint>
#include <string>
#include <string_view>

// COSE keys written by hand, for tests.
namespace countersign::webauthn::testing {

[[nodiscard]] std::string cose_ec2(std::int64_t alg, std::int64_t crv, std::string_view x, std::string_view y);
[[nodiscard]] std::string cose_okp(std::int64_t alg, std::int64_t crv, std::string_view x);
[[nodiscard]] std::string cose_rsa(std::int64_t alg, std::string_view n, std::string_view e);

/// A key on P-256 for ES256.
[[nodiscard]] std::string p256_cose();

}  // namespace countersign::webauthn::testing
