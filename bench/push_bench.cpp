// Web pushes made per second and core, beside the bare calls of OpenSSL that each needs, and beside npm `web-push`.
//
//     push_bench [rounds]
//
// All cases run in every round, one after the other, so that ratios compare the same moment; the table shows medians
// over the rounds, of processor time. Run from the folder of the repository, where tools/npm has `web-push`.

#include <fmt/format.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <string>
#include <vector>

#include "base/check.h"
#include "base/encoding.h"
#include "crypto/vapid.h"
#include "crypto/web_push.h"

namespace countersign::bench {
namespace {

constexpr double kSeconds = 0.5;       ///< of each case in a round
constexpr std::size_t kDevices = 256;  ///< as many subscriptions, taken in turn
constexpr std::size_t kPadded = 512;
constexpr std::string_view kText =
    R"({"web_push":8030,"notification":{"title":"Palco asks for your approval","navigate":"https://countersign.example/p/0123456789abcdef0123456789abcdef"}})";

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using KeyCtx = std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)>;
using DigestCtx = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;

double processor_now() {
  timespec now{};
  CS_CHECK(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now) == 0);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

template <class Action>
double rate_of(Action action) {
  const double begun = processor_now();
  std::size_t done = 0;
  double spent = 0;
  do {
    for (int i = 0; i < 16; ++i) action(done++);
    spent = processor_now() - begun;
  } while (spent < kSeconds);
  return static_cast<double>(done) / spent;
}

Key new_key() {
  Key key(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"), EVP_PKEY_free);
  CS_CHECK(key != nullptr);
  return key;
}

std::string point_of(EVP_PKEY* key) {
  unsigned char* encoded = nullptr;
  const std::size_t size = EVP_PKEY_get1_encoded_public_key(key, &encoded);
  std::string out(reinterpret_cast<const char*>(encoded), size);
  OPENSSL_free(encoded);
  return out;
}

Key imported(const std::string& point) {
  OSSL_PARAM_BLD* const builder = OSSL_PARAM_BLD_new();
  OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0);
  OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size());
  OSSL_PARAM* const params = OSSL_PARAM_BLD_to_param(builder);
  const KeyCtx ctx(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr), EVP_PKEY_CTX_free);
  EVP_PKEY* key = nullptr;
  CS_CHECK(EVP_PKEY_fromdata_init(ctx.get()) == 1 &&
           EVP_PKEY_fromdata(ctx.get(), &key, EVP_PKEY_PUBLIC_KEY, params) == 1);
  OSSL_PARAM_free(params);
  OSSL_PARAM_BLD_free(builder);
  return {key, EVP_PKEY_free};
}

/// What every message needs at least, by the calls that OpenSSL recommends.
void bare_agreement(const std::string& peer_point) {
  const Key own = new_key();
  const Key peer = imported(peer_point);
  const KeyCtx ctx(EVP_PKEY_CTX_new(own.get(), nullptr), EVP_PKEY_CTX_free);
  std::array<unsigned char, 32> secret{};
  std::size_t size = secret.size();
  CS_CHECK(EVP_PKEY_derive_init(ctx.get()) == 1 && EVP_PKEY_derive_set_peer(ctx.get(), peer.get()) == 1 &&
           EVP_PKEY_derive(ctx.get(), secret.data(), &size) == 1);
}

void bare_signature(EVP_PKEY* key) {
  const DigestCtx ctx(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  std::array<unsigned char, 80> signature{};
  std::size_t size = signature.size();
  CS_CHECK(EVP_DigestSignInit(ctx.get(), nullptr, EVP_sha256(), nullptr, key) == 1 &&
           EVP_DigestSign(ctx.get(), signature.data(), &size, reinterpret_cast<const unsigned char*>(kText.data()),
                          kText.size()) == 1);
}

/// By bench/push_beside.mjs; 0 where npm has no `web-push`.
double rate_of_npm() {
  std::FILE* const pipe = popen("node bench/push_beside.mjs", "r");
  CS_CHECK(pipe != nullptr);
  std::array<char, 64> line{};
  const bool read = std::fgets(line.data(), line.size(), pipe) != nullptr;
  return pclose(pipe) == 0 && read ? std::strtod(line.data(), nullptr) : 0;
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

int run(std::size_t rounds) {
  Random& random = system_random();
  std::vector<crypto::PushRecipient> devices;
  std::vector<std::string> points;
  for (std::size_t i = 0; i < kDevices; ++i) {
    points.push_back(point_of(new_key().get()));
    devices.push_back(*crypto::PushRecipient::from_bytes(points.back(), random.bytes(crypto::kPushAuthSize)));
  }
  const Key signer = new_key();
  const auto now = system_clock().now();
  const std::array<std::string, 2> origins{"https://fcm.googleapis.com", "https://web.push.apple.com"};
  const auto vapid = [&](std::size_t most) {
    return crypto::VapidKey(crypto::SigningKey::generate(crypto::JwsAlgorithm::kEs256, random),
                            "mailto:ops@countersign.dev", most);
  };
  const auto kept = vapid(256);
  const auto fresh = vapid(1);  // Two origins in turn: a signature each time.
  const auto push = [&](const crypto::VapidKey& key, std::size_t i) {
    const auto header = key.authorization(origins[i % origins.size()], now);
    const auto body = crypto::encrypt_push(devices[i % kDevices], kText, kPadded, random);
    CS_CHECK(!header.empty() && body.size() > kPadded);
  };

  std::vector<double> ours;
  std::vector<double> signing;
  std::vector<double> bare;
  std::vector<double> bare_signing;
  std::vector<double> npm;
  for (std::size_t round = 0; round < rounds; ++round) {
    ours.push_back(rate_of([&](std::size_t i) { push(kept, i); }));
    bare.push_back(rate_of([&](std::size_t i) { bare_agreement(points[i % kDevices]); }));
    signing.push_back(rate_of([&](std::size_t i) { push(fresh, i); }));
    bare_signing.push_back(rate_of([&](std::size_t i) {
      bare_agreement(points[i % kDevices]);
      bare_signature(signer.get());
    }));
    npm.push_back(rate_of_npm());
  }
  const auto ratio = [&](const std::vector<double>& a, const std::vector<double>& b) {
    std::vector<double> each;
    for (std::size_t i = 0; i < rounds; ++i) each.push_back(b[i] > 0 ? a[i] / b[i] : 0);
    return median(each);
  };
  fmt::print("{:<58}{:>12}{:>8}\n", "per second of one core", "ours", "ratio");
  const auto line = [](std::string_view name, double rate, double by) {
    fmt::print("{:<58}{:>12.0f}{:>8.2f}\n", name, rate, by);
  };
  line("bare: key generation, import, derivation", median(bare), 1);
  line("a push, its token kept for the origin; to that", median(ours), ratio(ours, bare));
  line("bare: the same and a signature", median(bare_signing), 1);
  line("a push with a signature of its own; to that", median(signing), ratio(signing, bare_signing));
  line("npm web-push, which signs each", median(npm), 1);
  line("a push, its token kept; to npm", median(ours), ratio(ours, npm));
  line("a push with a signature of its own; to npm", median(signing), ratio(signing, npm));
  return 0;
}

}  // namespace
}  // namespace countersign::bench

int main(int argc, char** argv) {
  return countersign::bench::run(argc > 1 ? static_cast<std::size_t>(std::max(1, std::atoi(argv[1]))) : 5);
}
