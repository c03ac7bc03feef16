#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/random.h"
#include "base/secret.h"

namespace countersign::demo {

/// The holder of the cookie: 32 random bytes, stored only in that browser.
///
/// Three values are derived from them with different labels, independent of each other: the id of the visitor's row
/// (stored), the key of the payout account's draft (never stored), and the CSRF token of forms.
class Visitor {
 public:
  [[nodiscard]] static Visitor make(Random& random);
  [[nodiscard]] static std::optional<Visitor> from_cookie(std::string_view value);

  [[nodiscard]] std::string cookie() const;
  [[nodiscard]] std::string session() const;
  [[nodiscard]] SecretString draft_key() const;
  [[nodiscard]] std::string form_token() const;

 private:
  explicit Visitor(SecretString secret) : secret_(std::move(secret)) {}

  SecretString secret_;
};

}  // namespace countersign::demo
