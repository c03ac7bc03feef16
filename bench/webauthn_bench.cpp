#include <benchmark/benchmark.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>

#include <stdexcept>
#include <string>
#include <vector>

#include "base/encoding.h"
#include "base/random.h"
#include "crypto/digest.h"
#include "webauthn/ceremony.h"
#include "webauthn/response_json.h"

// Assertions verified on one core beside OpenSSL's bare verification of the same signatures with the same P-256 keys,
// parsed once as a cache of keys keeps them. Only the ratio is meaningful: the aim is 0.9. Run with
// --benchmark_enable_random_interleaving=true --benchmark_repetitions=9.
namespace countersign::webauthn {
namespace {

constexpr std::size_t kCredentials = 256;

struct Sample {
  std::string answer;  ///< the JSON of the page
  AuthenticationResponse response;
  std::string challenge;
  std::string cose;
  PublicKey key;
  std::string message;  ///< what was signed
};

void must(bool good) {
  if (!good) throw std::runtime_error("openssl");
}

const unsigned char* raw(const std::string& text) { return reinterpret_cast<const unsigned char*>(text.data()); }
unsigned char* raw(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

std::string coordinate(EVP_PKEY* key, const char* name) {
  BIGNUM* number = nullptr;
  must(EVP_PKEY_get_bn_param(key, name, &number) == 1);
  std::string out(32, '\0');
  must(BN_bn2binpad(number, raw(out), 32) == 32);
  BN_free(number);
  return out;
}

std::string sign(EVP_PKEY* key, const std::string& message) {
  EVP_MD_CTX* const ctx = EVP_MD_CTX_new();
  std::string out(80, '\0');
  std::size_t size = out.size();
  must(EVP_DigestSignInit(ctx, nullptr, EVP_sha256(), nullptr, key) == 1 &&
       EVP_DigestSign(ctx, raw(out), &size, raw(message), message.size()) == 1);
  EVP_MD_CTX_free(ctx);
  out.resize(size);
  return out;
}

Sample make_sample() {
  EVP_PKEY* const native = EVP_EC_gen("P-256");
  const std::string cose = "\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20" + coordinate(native, OSSL_PKEY_PARAM_EC_PUB_X) +
                           "\x22\x58\x20" + coordinate(native, OSSL_PKEY_PARAM_EC_PUB_Y);
  const std::string challenge = system_random().bytes(32);
  const std::string id = to_base64url(system_random().bytes(32));
  const std::string client = R"({"type":"webauthn.get","challenge":")" + to_base64url(challenge) +
                             R"(","origin":"https://login.example.com","crossOrigin":false})";
  const std::string data = crypto::sha256("example.com") + std::string("\x05\x00\x00\x00\x01", 5);
  std::string message = data + crypto::sha256(client);
  std::string answer = R"({"type":"public-key","id":")" + id + R"(","rawId":")" + id +
                       R"(","clientExtensionResults":{},"response":{"clientDataJSON":")" + to_base64url(client) +
                       R"(","authenticatorData":")" + to_base64url(data) + R"(","signature":")" +
                       to_base64url(sign(native, message)) + R"("}})";
  EVP_PKEY_free(native);
  auto response = read_authentication_response(answer);
  return {answer, *response, challenge, cose, *PublicKey::from_cose(cose), std::move(message)};
}

const std::vector<Sample>& samples() {
  static const std::vector<Sample> all = [] {
    std::vector<Sample> out;
    for (std::size_t i = 0; i < kCredentials; ++i) out.push_back(make_sample());
    return out;
  }();
  return all;
}

const RelyingParty& party() {
  static const RelyingParty out{.id = "example.com", .origins = {"https://login.example.com"}};
  return out;
}

bool judge(const Sample& sample, const PublicKey& key, const AuthenticationResponse& response) {
  return authenticate({.party = party(), .challenge = sample.challenge}, {.id = response.id, .key = key}, response)
      .has_value();
}

/// The base: a context, and the signature over the same 69 bytes.
void verify_openssl(benchmark::State& state) {
  std::size_t i = 0;
  for (auto _ : state) {
    const Sample& sample = samples()[i++ % kCredentials];
    EVP_MD_CTX* const ctx = EVP_MD_CTX_new();
    must(EVP_DigestVerifyInit(ctx, nullptr, EVP_sha256(), nullptr, sample.key.native()) == 1);
    must(EVP_DigestVerify(ctx, raw(sample.response.signature), sample.response.signature.size(), raw(sample.message),
                          sample.message.size()) == 1);
    EVP_MD_CTX_free(ctx);
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(verify_openssl);

/// The whole ceremony of section 7.2 for an answer that was read.
void verify_assertion(benchmark::State& state) {
  std::size_t i = 0;
  for (auto _ : state) {
    const Sample& sample = samples()[i++ % kCredentials];
    must(judge(sample, sample.key, sample.response));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(verify_assertion);

/// From the JSON of the page.
void verify_assertion_json(benchmark::State& state) {
  std::size_t i = 0;
  for (auto _ : state) {
    const Sample& sample = samples()[i++ % kCredentials];
    const auto response = read_authentication_response(sample.answer);
    must(response && judge(sample, sample.key, *response));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(verify_assertion_json);

/// Without a cache: the key is parsed each time.
void verify_assertion_uncached(benchmark::State& state) {
  std::size_t i = 0;
  for (auto _ : state) {
    const Sample& sample = samples()[i++ % kCredentials];
    must(judge(sample, *PublicKey::from_cose(sample.cose), sample.response));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(verify_assertion_uncached);

}  // namespace
}  // namespace countersign::webauthn
