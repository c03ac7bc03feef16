#include "unit/webauthn/cose.h"

#include "base/encoding.h"

namespace countersign::webauthn::testing {

namespace {

std::string cose_head(unsigned major, std::uint64_t argument) {
  std::string out;
  if (argument < 24) {
    out.push_back(static_cast<char>(major << 5 | argument));
    return out;
  }
  const int size = argument <= 0xFF ? 1 : argument <= 0xFFFF ? 2 : 4;
  out.push_back(static_cast<char>(major << 5 | (size == 1 ? 24U : size == 2 ? 25U : 26U)));
  for (int shift = (size - 1) * 8; shift >= 0; shift -= 8) out.push_back(static_cast<char>(argument >> shift & 0xFF));
  return out;
}

std::string cose_number(std::int64_t value) {
  return value < 0 ? cose_head(1, static_cast<std::uint64_t>(-1 - value))
                   : cose_head(0, static_cast<std::uint64_t>(value));
}

std::string cose_bytes(std::string_view bytes) { return cose_head(2, bytes.size()).append(bytes); }

}  // namespace

std::string cose_ec2(std::int64_t alg, std::int64_t crv, std::string_view x, std::string_view y) {
  return cose_head(5, 5) + cose_number(1) + cose_number(2) + cose_number(3) + cose_number(alg) + cose_number(-1) +
         cose_number(crv) + cose_number(-2) + cose_bytes(x) + cose_number(-3) + cose_bytes(y);
}

std::string cose_okp(std::int64_t alg, std::int64_t crv, std::string_view x) {
  return cose_head(5, 4) + cose_number(1) + cose_number(1) + cose_number(3) + cose_number(alg) + cose_number(-1) +
         cose_number(crv) + cose_number(-2) + cose_bytes(x);
}

std::string cose_rsa(std::int64_t alg, std::string_view n, std::string_view e) {
  return cose_head(5, 4) + cose_number(1) + cose_number(3) + cose_number(3) + cose_number(alg) + cose_number(-1) +
         cose_bytes(n) + cose_number(-2) + cose_bytes(e);
}

std::string p256_cose() {
  // The generator of the group: its secret is 1.
  return cose_ec2(-7, 1, *from_hex("6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"),
                  *from_hex("4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"));
}

}  // namespace countersign::webauthn::testing
