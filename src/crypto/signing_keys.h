#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/seldom_replaced.h"
#include "crypto/jws_key.h"

namespace countersign::crypto {

/// The keys of receipts in their three states. A key is published before it signs, so that no verifier meets a receipt
/// whose key it cannot find, and stays published after it has signed its last, so that old receipts verify. [TOK-3]
struct SigningKeySet {
  SigningKey current;              ///< Signs.
  std::optional<SigningKey> next;  ///< Published, and signs nothing yet.
  std::vector<PublicKey> retired;  ///< Their private halves are gone.

  /// The public halves of all of them, the current one first.
  [[nodiscard]] std::vector<PublicKey> published() const;
};

/// The set that the process works with. Thread-safe; reading waits for nothing.
class SigningKeys {
 public:
  explicit SigningKeys(SigningKeySet keys) : keys_(with_document(std::move(keys))) {}

  [[nodiscard]] const SigningKey& current() const { return keys_.get().keys.current; }
  [[nodiscard]] const SigningKeySet& all() const { return keys_.get().keys; }
  /// The document at /.well-known/jwks.json.
  [[nodiscard]] const std::string& jwks() const { return keys_.get().jwks; }

  /// What is signed from now on is signed with the new set's current key.
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
