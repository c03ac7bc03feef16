#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/random.h"
#include "base/secret.h"

namespace countersign::demo {

/// Whoever holds the cookie: 32 random bytes that are stored nowhere but in that browser.
///
/// Three values follow from them, each by its own label, none of which leads to another: what finds the visitor's row
/// (stored), what opens the draft of the payout account (never stored), and what forms carry against requests that
/// other sites make the browser send.
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
