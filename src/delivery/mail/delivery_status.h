#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace countersign::delivery {

/// What a mail server reports of one mail. [RFC 3464]
struct MailStatus {
  bool failed = false;   ///< For good; otherwise it was delivered.
  std::string enhanced;  ///< `5.1.1`; empty: it gave none.
};

/// Reads `Action` and `Status` of a report, from its bytes as received. nullopt if it says nothing final: it is
/// delayed, relayed, expanded, or not such a report. With several recipients the first counts, because our mails have
/// one.
[[nodiscard]] std::optional<MailStatus> read_mail_status(std::string_view report);

/// Everything in `text` that may be a tag of a return path: the first few words of exactly `size` characters of base32,
/// in upper case, each once. Mail servers may change their case.
[[nodiscard]] std::vector<std::string> base32_words(std::string_view text, std::size_t size);

}  // namespace countersign::delivery
