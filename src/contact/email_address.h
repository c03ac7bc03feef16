#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace countersign::contact {

/// Why a typed text is not an accepted address.
enum class EmailError : std::uint8_t {
  kEmpty,          ///< Only spaces.
  kTooLong,        ///< Local part above 64 bytes, or the whole above 254 (RFC 5321, section 4.5.3.1).
  kMissingAt,      ///< No @, or more than one.
  kLocalPart,      ///< Not a dot-atom, or with something in it that cannot be seen or that turns other text.
  kDomain,         ///< Not a host name of two labels or more.
  kInternational,  ///< Letters outside ASCII in the domain: the `xn--` form is needed.
};

/// `empty`, `too_long`, `missing_at`, `local_part`, `domain`, `international`.
[[nodiscard]] std::string_view to_text(EmailError error);

/// An address that a mail server on the Internet can have: the dot-atom form of RFC 5322, section 3.4.1, with letters
/// of any script before the `@` (RFC 6532, section 3.2), at a host name. No quoted local parts, comments, address
/// literals, control characters, spaces of any kind, marks of direction or full-width forms of ASCII, so it can be used
/// in a header as it is. One spelling: Normalization Form C, as RFC 6532, section 3.1 recommends.
///
/// International domains are accepted only in ASCII form (`xn--…`): browsers convert what is typed into an e-mail field
/// to that form, it has one spelling, and it cannot hide look-alike letters.
class EmailAddress {
 public:
  /// Removes spaces around the address, which come with copying.
  [[nodiscard]] static Result<EmailAddress, EmailError> parse(std::string_view typed);

  /// The address to send to: local part as typed (its server decides about case), composed; domain in lower case.
  [[nodiscard]] const std::string& text() const { return text_; }
  /// The key for look-ups, limits and comparison: all lower case, because people do not type case consistently and no
  /// common server distinguishes mailboxes by it.
  [[nodiscard]] std::string index_text() const;
  /// Only a server that offers SMTPUTF8 takes mail for it. [RFC 6531]
  [[nodiscard]] bool needs_smtputf8() const;
  [[nodiscard]] std::string_view local_part() const { return std::string_view(text_).substr(0, at_); }
  [[nodiscard]] std::string_view domain() const { return std::string_view(text_).substr(at_ + 1); }

  friend bool operator==(const EmailAddress& a, const EmailAddress& b) { return a.index_text() == b.index_text(); }

 private:
  EmailAddress(std::string text, std::size_t at) : text_(std::move(text)), at_(at) {}

  std::string text_;
  std::size_t at_;
};

}  // namespace countersign::contact
