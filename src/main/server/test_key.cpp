#include "main/server/test_key.h"

#include <algorithm>
#include <string>

#include "base/random.h"

namespace countersign::main {

namespace {

/// Deterministic bytes, unpredictable without the lookup key.
class FollowingBytes final : public Random {
 public:
  explicit FollowingBytes(const crypto::Digester& digester) : digester_(digester) {}

  void fill(std::span<std::uint8_t> out) override {
    while (!out.empty()) {
      const std::string block = digester_.token_digest("test receipts", std::to_string(++block_));
      const std::size_t size = std::min(out.size(), block.size());
      std::copy_n(block.begin(), size, out.begin());
      out = out.subspan(size);
    }
  }

 private:
  const crypto::Digester& digester_;
  int block_ = 0;
};

crypto::SigningKey test_key_of_kind(const crypto::Digester& digester, crypto::JwsAlgorithm algorithm) {
  FollowingBytes bytes(digester);
  return crypto::SigningKey::generate(algorithm, bytes);
}

}  // namespace

crypto::SigningKeySet test_signing_keys(const crypto::Digester& digester, const crypto::SigningKeySet& live) {
  const auto kind = live.current.algorithm();
  crypto::SigningKeySet keys{test_key_of_kind(digester, kind), {}, {}};
  const auto published = live.published();
  const auto other = std::ranges::find_if(published, [&](const auto& key) { return key.algorithm() != kind; });
  if (other != published.end()) keys.retired.push_back(test_key_of_kind(digester, other->algorithm()).public_key());
  return keys;
}

}  // namespace countersign::main
