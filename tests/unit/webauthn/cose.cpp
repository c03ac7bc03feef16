#include "unit/webauthn/cose.h"

#include "base/encoding.h"

namespace countersign::webauthn::testing {

namespace {

std::string cbor_start(unsigned major, std::uint64_t argument) {
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

}  // namespace

std::string cbor_number(std::int64_t value) {
  return value < 0 ? cbor_start(1, static_cast<std::uint64_t>(-1 - value))
                   : cbor_start(0, static_cast<std::uint64_t>(value));
}

std::string cbor_bytes(std::string_view bytes) { return cbor_start(2, bytes.size()).append(bytes); }

std::string cose_ec2(std::int64_t alg, std::int64_t crv, std::string_view x, std::string_view y) {
  return cbor_start(5, 5) + cbor_number(1) + cbor_number(2) + cbor_number(3) + cbor_number(alg) + cbor_number(-1) +
         cbor_number(crv) + cbor_number(-2) + cbor_bytes(x) + cbor_number(-3) + cbor_bytes(y);
}

std::string cose_okp(std::int64_t alg, std::int64_t crv, std::string_view x) {
  return cbor_start(5, 4) + cbor_number(1) + cbor_number(1) + cbor_number(3) + cbor_number(alg) + cbor_number(-1) +
         cbor_number(crv) + cbor_number(-2) + cbor_bytes(x);
}

std::string cose_rsa(std::int64_t alg, std::string_view n, std::string_view e) {
  return cbor_start(5, 4) + cbor_number(1) + cbor_number(3) + cbor_number(3) + cbor_number(alg) + cbor_number(-1) +
         cbor_bytes(n) + cbor_number(-2) + cbor_bytes(e);
}

std::string p256_cose() {
  // The generator of the group: its secret is 1.
  return cose_ec2(-7, 1, *from_hex("6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"),
                  *from_hex("4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"));
}

}  // namespace countersign::webauthn::testing
