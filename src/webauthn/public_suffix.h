#pragma once

#include <string>
#include <string_view>
#include <unordered_map>

namespace countersign::webauthn {

/// The public suffix list (publicsuffix.org), in the text form that Debian's package `publicsuffix` installs as
/// /usr/share/publicsuffix/public_suffix_list.dat. Immutable after its construction, thread-safe.
class PublicSuffixList {
 public:
  /// Reads all rules, those of registries and private ones, as browsers do. Lines that are no rule are skipped. Names
  /// in other scripts are kept in their ASCII form, since that is what host names have.
  [[nodiscard]] static PublicSuffixList parse(std::string_view text);

  /// The number of rules; 0 says that the text was not the list.
  [[nodiscard]] std::size_t size() const { return rules_.size(); }

  /// The public suffix of `host`, a lower-case ASCII host name: "co.uk" of "login.example.co.uk". Without a rule it is
  /// the last label. A view into `host`.
  [[nodiscard]] std::string_view suffix_of(std::string_view host) const;

  /// Whether a rule of the list, and not only that default, makes `host` a public suffix.
  [[nodiscard]] bool lists(std::string_view host) const;

 private:
  enum class Rule { kPlain, kWildcard, kException };
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  /// "*.ck" is kept as "ck" with kWildcard, in `wildcards_`, because "ck" may be a rule itself.
  using Rules = std::unordered_map<std::string, Rule, Hash, std::equal_to<>>;

  struct Match {
    std::string_view suffix;
    bool listed;
  };
  [[nodiscard]] Match match(std::string_view host) const;

  Rules rules_;
  Rules wildcards_;
};

/// One label of a host name in ASCII: itself, or "xn--" and its Punycode (RFC 3492). ASCII letters are lowered; letters
/// of other scripts must be lower-case and composed already, as the list has them. Empty if `label` is not UTF-8.
[[nodiscard]] std::string ascii_label(std::string_view label);

/// ascii_label() of each label. Empty if one of them is.
[[nodiscard]] std::string ascii_host(std::string_view host);

}  // namespace countersign::webauthn
