#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace countersign::webauthn {

/// The public suffix list (publicsuffix.org). Immutable after its construction, thread-safe.
class PublicSuffixList {
 public:
  /// Rules that are sorted by their bytes, in ASCII, one a line, `*.` and `!` as in the list. Nothing is read of them
  /// but where they are looked up: they stay the caller's, for as long as the list.
  [[nodiscard]] static PublicSuffixList of_sorted(std::string_view rules);

  /// From the text form that Debian's package `publicsuffix` installs as
  /// /usr/share/publicsuffix/public_suffix_list.dat: all rules, those of registries and private ones, as browsers do.
  /// Lines that are no rule are skipped. Names in other scripts are kept in their ASCII form, since that is what host
  /// names have.
  [[nodiscard]] static PublicSuffixList parse(std::string_view text);

  /// The number of rules; 0 says that the text was not the list. Counts them.
  [[nodiscard]] std::size_t size() const;

  /// The public suffix of `host`, a lower-case ASCII host name: "co.uk" of "login.example.co.uk". Without a rule it is
  /// the last label. A view into `host`.
  [[nodiscard]] std::string_view suffix_of(std::string_view host) const;

  /// Whether a rule of the list, and not only that default, makes `host` a public suffix.
  [[nodiscard]] bool lists(std::string_view host) const;

 private:
  struct Match {
    std::string_view suffix;
    bool listed;
  };
  [[nodiscard]] Match match(std::string_view host) const;

  /// Whether `mark` and `name` together are a rule.
  [[nodiscard]] bool has(std::string_view mark, std::string_view name) const;

  std::shared_ptr<const std::string> own_;  ///< What was parsed.
  std::string_view rules_;
};

/// One label of a host name in ASCII: itself, or "xn--" and its Punycode (RFC 3492). ASCII letters are lowered; letters
/// of other scripts must be lower-case and composed already, as the list has them. Empty if `label` is not UTF-8.
[[nodiscard]] std::string ascii_label(std::string_view label);

/// ascii_label() of each label. Empty if one of them is.
[[nodiscard]] std::string ascii_host(std::string_view host);

}  // namespace countersign::webauthn
