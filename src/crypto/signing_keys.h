#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/seldom_replaced.h"
#include "crypto/jws_key.h"

namespace countersign::crypto {

/// The keys of receipts in their three states. A key is published before it signs, so that every verifier can find it,
/// and stays published after its last signature, so that old receipts verify. [TOK-3]
struct SigningKeySet {
  SigningKey current;              ///< Signs.
  std::optional<SigningKey> next;  ///< Published, but not used yet.
  std::vector<PublicKey> retired;  ///< Their private halves are deleted.

  /// The public halves of all of them, the current one first.
  [[nodiscard]] std::vector<PublicKey> published() const;
};

/// The process's current set. Thread-safe; reading does not block.
class SigningKeys {
 public:
  explicit SigningKeys(SigningKeySet keys) : keys_(with_document(std::move(keys))) {}

  [[nodiscard]] const SigningKey& current() const { return keys_.get().keys.current; }
  [[nodiscard]] const SigningKeySet& all() const { return keys_.get().keys; }
  /// The document at /.well-known/jwks.json.
  [[nodiscard]] const std::string& jwks() const { return keys_.get().jwks; }

  /// Later signatures use the new set's current key.
  void replace(SigningKeySet keys) { keys_.replace(with_document(std::move(keys))); }

 private:
  struct WithDocument {
    SigningKeySet keys;
    std::string jwks;
  };
  static WithDocument with_document(SigningKeySet keys);

  SeldomReplaced<WithDocument> keys_;
};

}  // namespace countersign::crypto
