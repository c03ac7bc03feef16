#include "webauthn/cbor.h"

#include <utility>

#include "base/text.h"

namespace countersign::webauthn {

// item :=
//    head      1 byte     major type (3 bits), additional information (5 bits)
//    argument  0 to 8     big-endian; in the additional information itself below 24
//    content   bytes or text of that length, or so many items (pairs of items for a map)
class CborReader {
 public:
  explicit CborReader(std::string_view bytes) : rest_(bytes) {}

  [[nodiscard]] std::string_view rest() const { return rest_; }

  Result<CborItem, CborError> item(std::size_t depth) {
    if (++items_ > kCborItemsMax) return fail(CborError::kTooLarge);
    const auto head = read_head();
    if (!head) return fail(head.error());
    switch (head->major) {
      case 0:
      case 1:
        return integer(*head);
      case 2:
      case 3:
        return string(*head);
      case 4:
        return array(*head, depth);
      case 5:
        return map(*head, depth);
      case 7:
        return other(*head);
      default:
        return fail(CborError::kMalformed);  // Tags: CTAP2 forbids them.
    }
  }

 private:
  struct Head {
    unsigned major;
    unsigned information;
    std::uint64_t argument;
  };

  Result<Head, CborError> read_head() {
    if (rest_.empty()) return fail(CborError::kTruncated);
    const unsigned first = static_cast<unsigned char>(rest_.front());
    rest_.remove_prefix(1);
    Head head{first >> 5, first & 0x1F, first & 0x1F};
    if (head.information < 24) return head;
    if (head.information > 27) return fail(CborError::kMalformed);
    const std::size_t size = std::size_t{1} << (head.information - 24);
    if (rest_.size() < size) return fail(CborError::kTruncated);
    head.argument = 0;
    for (const char byte : rest_.substr(0, size)) head.argument = head.argument << 8 | static_cast<unsigned char>(byte);
    rest_.remove_prefix(size);
    if (head.major != 7 && !is_shortest(head.argument, size)) return fail(CborError::kNotShortest);
    return head;
  }

  static bool is_shortest(std::uint64_t argument, std::size_t size) {
    if (size == 1) return argument >= 24;
    return argument >> (size * 4) != 0;  // Half of the bytes would not have been enough.
  }

  static Result<CborItem, CborError> integer(const Head& head) {
    if (head.argument > static_cast<std::uint64_t>(INT64_MAX)) return fail(CborError::kTooLarge);
    CborItem item;
    item.kind_ = CborItem::Kind::kInteger;
    const auto value = static_cast<std::int64_t>(head.argument);
    item.integer_ = head.major == 0 ? value : -1 - value;
    return item;
  }

  Result<CborItem, CborError> string(const Head& head) {
    if (head.argument > rest_.size()) return fail(CborError::kTruncated);
    CborItem item;
    item.kind_ = head.major == 2 ? CborItem::Kind::kBytes : CborItem::Kind::kText;
    item.string_ = rest_.substr(0, static_cast<std::size_t>(head.argument));
    rest_.remove_prefix(item.string_.size());
    if (head.major == 3 && !is_utf8(item.string_)) return fail(CborError::kMalformed);
    return item;
  }

  /// Checks a container before anything is allocated for it: each member takes a byte or more of what is left.
  std::optional<CborError> check_container(const Head& head, std::size_t depth) const {
    if (depth >= kCborDepthMax) return CborError::kTooDeep;
    if (head.argument > rest_.size()) return CborError::kTruncated;
    if (head.argument > kCborMembersMax) return CborError::kTooLarge;
    return std::nullopt;
  }

  Result<CborItem, CborError> array(const Head& head, std::size_t depth) {
    if (const auto error = check_container(head, depth)) return fail(*error);
    CborItem out;
    out.kind_ = CborItem::Kind::kArray;
    out.array_.reserve(static_cast<std::size_t>(head.argument));
    for (std::uint64_t i = 0; i < head.argument; ++i) {
      auto member = item(depth + 1);
      if (!member) return fail(member.error());
      out.array_.push_back(std::move(*member));
    }
    return out;
  }

  Result<CborItem, CborError> map(const Head& head, std::size_t depth) {
    if (const auto error = check_container(head, depth)) return fail(*error);
    CborItem out;
    out.kind_ = CborItem::Kind::kMap;
    out.map_.reserve(static_cast<std::size_t>(head.argument));
    for (std::uint64_t i = 0; i < head.argument; ++i) {
      auto key = item(depth + 1);
      if (!key) return fail(key.error());
      if (const auto error = check_key(out, *key)) return fail(*error);
      auto value = item(depth + 1);
      if (!value) return fail(value.error());
      out.map_.push_back({std::move(*key), std::move(*value)});
    }
    return out;
  }

  /// CTAP2 has keys that are integers or texts. Two equal ones would be read differently by different readers.
  static std::optional<CborError> check_key(const CborItem& map, const CborItem& key) {
    const CborItem* found = nullptr;
    if (const auto number = key.integer()) {
      found = map.find(*number);
    } else if (const auto text = key.text()) {
      found = map.find(*text);
    } else {
      return CborError::kMalformed;
    }
    return found != nullptr ? std::optional(CborError::kDuplicateKey) : std::nullopt;
  }

  /// 20 to 23 are false, true, null and undefined; 25 to 27 floating-point numbers. The rest has no meaning yet.
  static Result<CborItem, CborError> other(const Head& head) {
    if (head.information < 20 || head.information == 24) return fail(CborError::kMalformed);
    return CborItem();
  }

  std::string_view rest_;
  std::size_t items_ = 0;
};

std::optional<std::int64_t> CborItem::integer() const {
  return kind_ == Kind::kInteger ? std::optional(integer_) : std::nullopt;
}

std::optional<std::string_view> CborItem::bytes() const {
  return kind_ == Kind::kBytes ? std::optional(string_) : std::nullopt;
}

std::optional<std::string_view> CborItem::text() const {
  return kind_ == Kind::kText ? std::optional(string_) : std::nullopt;
}

std::span<const CborEntry> CborItem::map() const { return map_; }

const CborItem* CborItem::find(std::string_view key) const {
  for (const CborEntry& entry : map_) {
    if (entry.key.text() == key) return &entry.value;
  }
  return nullptr;
}

const CborItem* CborItem::find(std::int64_t key) const {
  for (const CborEntry& entry : map_) {
    if (entry.key.integer() == key) return &entry.value;
  }
  return nullptr;
}

Result<CborItem, CborError> parse_cbor(std::string_view bytes) {
  auto item = take_cbor(bytes);
  if (item && !bytes.empty()) return fail(CborError::kTrailing);
  return item;
}

Result<CborItem, CborError> take_cbor(std::string_view& bytes) {
  CborReader reader(bytes);
  auto item = reader.item(0);
  if (item) bytes = reader.rest();
  return item;
}

}  // namespace countersign::webauthn
