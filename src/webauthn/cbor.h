#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"

// CBOR as CTAP2 writes it (RFC 8949; CTAP 2.1, section 8, "Message Encoding"). [WA-R10]
namespace countersign::webauthn {

enum class CborError {
  kTruncated,    ///< the item goes on after the last byte
  kMalformed,    ///< reserved or indefinite length, tag, text that is not UTF-8, key that is neither integer nor text
  kNotShortest,  ///< a number or a length in more bytes than it needs
  kDuplicateKey,
  kTooDeep,
  kTooLarge,  ///< more members than the limits below, or an integer outside of 64 bits with sign
  kTrailing,  ///< bytes after the item
};

/// Arrays and maps inside one another. CTAP2 has at most 4 levels; an attestation object needs 3.
inline constexpr std::size_t kCborDepthMax = 4;
/// Members of one array or map. The longest known are maps of COSE keys and the answers of extensions.
inline constexpr std::size_t kCborMembersMax = 64;
/// Items of one text altogether, so that its tree stays small whatever the bytes.
inline constexpr std::size_t kCborItemsMax = 1024;

struct CborEntry;

/// One item. Bytes and texts are views into the input, which must live longer.
///
/// The accessors answer nothing for an item of another kind, so a reader says what it expects and checks once.
class CborItem {
 public:
  enum class Kind {
    kInteger,
    kBytes,
    kText,
    kArray,
    kMap,
    kOther,  ///< false, true, null, undefined, or a floating-point number: no reader here needs their value
  };

  [[nodiscard]] Kind kind() const { return kind_; }
  [[nodiscard]] std::optional<std::int64_t> integer() const;
  [[nodiscard]] std::optional<std::string_view> bytes() const;
  [[nodiscard]] std::optional<std::string_view> text() const;
  [[nodiscard]] bool is_array() const { return kind_ == Kind::kArray; }
  [[nodiscard]] bool is_map() const { return kind_ == Kind::kMap; }
  /// The items of an array; empty for other kinds.
  [[nodiscard]] std::span<const CborItem> array() const { return array_; }
  /// The entries of a map in the order of the input; empty for other kinds.
  [[nodiscard]] std::span<const CborEntry> map() const;

  /// The value of a map's key; null if the item is no map or has no such key. As long as this item.
  [[nodiscard]] const CborItem* find(std::string_view key) const;
  [[nodiscard]] const CborItem* find(std::int64_t key) const;

  /// find() together with the accessor: nullopt also for a value of another kind.
  template <class Key>
  [[nodiscard]] std::optional<std::int64_t> integer_at(Key key) const {
    const CborItem* const item = find(key);
    return item != nullptr ? item->integer() : std::nullopt;
  }
  template <class Key>
  [[nodiscard]] std::optional<std::string_view> bytes_at(Key key) const {
    const CborItem* const item = find(key);
    return item != nullptr ? item->bytes() : std::nullopt;
  }
  template <class Key>
  [[nodiscard]] std::optional<std::string_view> text_at(Key key) const {
    const CborItem* const item = find(key);
    return item != nullptr ? item->text() : std::nullopt;
  }

 private:
  friend class CborReader;

  Kind kind_ = Kind::kOther;
  std::int64_t integer_ = 0;
  std::string_view string_;
  std::vector<CborItem> array_;
  std::vector<CborEntry> map_;
};

struct CborEntry {
  CborItem key;
  CborItem value;
};

/// Reads exactly one item: definite lengths, shortest numbers, keys that are integers or texts and differ. The order of
/// the keys is free, since authenticators in use do not sort them all.
[[nodiscard]] Result<CborItem, CborError> parse_cbor(std::string_view bytes);

/// Reads the item at the start of `bytes` and removes it from them. After an error `bytes` are as before.
[[nodiscard]] Result<CborItem, CborError> take_cbor(std::string_view& bytes);

}  // namespace countersign::webauthn
