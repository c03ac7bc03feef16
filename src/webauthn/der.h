#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

// A reader of DER (X.690) for the structures of attestation that OpenSSL does not know: one element after the other,
// views into the caller's bytes, nothing copied. Strict: definite and shortest lengths, shortest tags.
namespace countersign::webauthn::der {

enum class Class : std::uint8_t { kUniversal = 0, kApplication = 1, kContext = 2, kPrivate = 3 };

enum : std::uint32_t { kInteger = 2, kOctetString = 4, kEnumerated = 10, kSequence = 16, kSet = 17 };

struct Element {
  Class tag_class;
  bool constructed;
  std::uint32_t tag;
  std::string_view content;

  [[nodiscard]] bool is(std::uint32_t universal) const {
    const bool structure = universal == kSequence || universal == kSet;
    return tag_class == Class::kUniversal && tag == universal && constructed == structure;
  }
  /// An explicit tag `[number]`.
  [[nodiscard]] bool is_explicit(std::uint32_t number) const {
    return tag_class == Class::kContext && tag == number && constructed;
  }
};

/// Takes elements off the front of `bytes`, which outlive the reader and its elements.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}

  [[nodiscard]] bool done() const { return rest_.empty(); }
  /// The next element; nullopt, with the reader where it was, if there is none that is complete and strict.
  [[nodiscard]] std::optional<Element> next();
  /// The content of the next element, which must be of this universal type.
  [[nodiscard]] std::optional<std::string_view> next(std::uint32_t universal);
  /// The next element, an INTEGER or ENUMERATED from 0 to 2^63 - 1.
  [[nodiscard]] std::optional<std::uint64_t> next_number(std::uint32_t universal);

 private:
  std::string_view rest_;
};

/// The single element that `bytes` are; nullopt with bytes before or after.
[[nodiscard]] std::optional<Element> only_element(std::string_view bytes);

/// Whether `bytes` are one element, and all elements inside it are strict, to a depth of 16.
[[nodiscard]] bool is_strict(std::string_view bytes);

}  // namespace countersign::webauthn::der
