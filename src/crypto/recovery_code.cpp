#include "crypto/recovery_code.h"

#include "base/ascii.h"
#include "base/typed.h"

namespace countersign::crypto {

namespace {

// 32 characters, 5 bits each: those of Crockford's base 32.
constexpr std::string_view kRecoveryAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::string_view kSeparators = "- \t\r\n";
constexpr std::size_t kGroup = 5;
constexpr std::size_t kTypedMax = 200;  // Longer text is no code.

/// The character of the alphabet that it is, or looks like; itself if there is none.
char resembled(char c) {
  switch (const char upper = to_upper(c)) {
    case 'O':
      return '0';
    case 'I':
    case 'L':
      return '1';
    case 'U':
      return 'V';
    default:
      return upper;
  }
}

}  // namespace

SecretString new_recovery_code(Random& random) {
  const SecretString bytes(random.bytes(kRecoveryCodeLength));
  SecretString code;
  std::string& text = code.expose_for_writing();
  text.reserve(kRecoveryCodeLength);
  // 256 is a multiple of 32: no character is more likely than another.
  for (const char byte : bytes.expose())
    text += kRecoveryAlphabet[static_cast<unsigned char>(byte) % kRecoveryAlphabet.size()];
  return code;
}

std::string grouped_recovery_code(std::string_view code) {
  std::string out;
  for (; code.size() > kGroup; code.remove_prefix(kGroup)) out.append(code.substr(0, kGroup)).append("-");
  return out.append(code);
}

std::optional<SecretString> typed_recovery_code(std::string_view typed) {
  if (typed.size() > kTypedMax) return std::nullopt;
  SecretString code;
  std::string& text = code.expose_for_writing();
  text.reserve(kRecoveryCodeLength);
  while (!typed.empty()) {
    const auto sign = take_typed(typed);
    if (!sign) return std::nullopt;
    if (*sign == '\0' || kSeparators.find(*sign) != std::string_view::npos) continue;
    const char c = resembled(*sign);
    if (kRecoveryAlphabet.find(c) == std::string_view::npos || text.size() == kRecoveryCodeLength) return std::nullopt;
    text += c;
  }
  if (text.size() != kRecoveryCodeLength) return std::nullopt;
  return code;
}

}  // namespace countersign::crypto
