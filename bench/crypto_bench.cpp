#include <benchmark/benchmark.h>
#include <liboath/oath.h>

#include <array>
#include <string>
#include <vector>

#include "base/random.h"
#include "crypto/digest.h"
#include "crypto/otp.h"
#include "crypto/sealing.h"

// The cryptography used by requests. TOTP is measured beside liboath's in the same process; only their ratio is
// meaningful. Run with --benchmark_enable_random_interleaving=true --benchmark_repetitions=9.
namespace countersign::crypto {
namespace {

constexpr std::int64_t kNow = 1'750'000'000;

/// Several secrets in turn, so that no call finds the previous call's key cached.
const std::vector<std::string>& secrets() {
  static const std::vector<std::string> all = [] {
    std::vector<std::string> out;
    for (int i = 0; i < 1024; ++i) out.push_back(system_random().bytes(20));
    return out;
  }();
  return all;
}

void totp_ours(benchmark::State& state) {
  const TotpParameters parameters;
  const WallTime now{std::chrono::seconds(kNow)};
  std::size_t i = 0;
  for (auto _ : state) {
    const std::string& secret = secrets()[i++ % 1024];
    benchmark::DoNotOptimize(totp_check(secret, "123456", now, parameters, {}, std::nullopt));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(totp_ours);

void totp_liboath(benchmark::State& state) {
  std::size_t i = 0;
  for (auto _ : state) {
    const std::string& secret = secrets()[i++ % 1024];
    benchmark::DoNotOptimize(
        oath_totp_validate(secret.data(), secret.size(), kNow, OATH_TOTP_DEFAULT_TIME_STEP_SIZE, 0, 1, "123456"));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(totp_liboath);

const Keyring& keyring() {
  static const Keyring ring = [] {
    std::vector<KeyringEntry> entries;
    entries.push_back({1, SecretString(system_random().bytes(32))});
    return Keyring::make(std::move(entries), 1, SecretString(system_random().bytes(32))).value();
  }();
  return ring;
}

constexpr Place kPlace{"transactions", "0123456789abcdef", "payload"};

void seal_300_bytes(benchmark::State& state) {
  const Sealer sealer(keyring());
  const std::string plain(300, 'x');
  for (auto _ : state) benchmark::DoNotOptimize(sealer.seal(plain, kPlace, system_random()));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(seal_300_bytes);

void open_300_bytes(benchmark::State& state) {
  const Sealer sealer(keyring());
  const std::string sealed = sealer.seal(std::string(300, 'x'), kPlace, system_random());
  for (auto _ : state) benchmark::DoNotOptimize(sealer.open(sealed, kPlace).has_value());
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(open_300_bytes);

/// The work of one hold: a fresh data key, the payload sealed under it, the key wrapped.
void data_key_seal_and_wrap(benchmark::State& state) {
  const Sealer sealer(keyring());
  const std::string plain(300, 'x');
  for (auto _ : state) {
    const DataKey key = DataKey::make(system_random());
    benchmark::DoNotOptimize(key.seal(plain, kPlace, system_random()));
    benchmark::DoNotOptimize(key.wrap(sealer, kPlace, system_random()));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(data_key_seal_and_wrap);

void code_digest(benchmark::State& state) {
  const Digester digester(keyring());
  for (auto _ : state) {
    benchmark::DoNotOptimize(digester.code_digest("otp", {"0123456789abcdef", "0123456789abcdef"}, "123456"));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(code_digest);

void blind_index(benchmark::State& state) {
  const Digester digester(keyring());
  for (auto _ : state) benchmark::DoNotOptimize(digester.blind_index("phone", "+5511987654321"));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(blind_index);

void sha256_of_300_bytes(benchmark::State& state) {
  const std::string data(300, 'x');
  for (auto _ : state) benchmark::DoNotOptimize(sha256(data));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(sha256_of_300_bytes);

}  // namespace
}  // namespace countersign::crypto
