#include "webauthn/der.h"

namespace countersign::webauthn::der {

namespace {

constexpr int kDepthMax = 16;

std::uint8_t byte_at(std::string_view bytes, std::size_t at) { return static_cast<std::uint8_t>(bytes[at]); }

/// Takes the number of a high tag: seven bits a byte, most significant first. At most three bytes: Android's tags, the
/// highest known, have two.
std::optional<std::uint32_t> take_high_tag(std::string_view& rest) {
  std::uint32_t tag = 0;
  for (std::size_t at = 0; at < 3 && at < rest.size(); ++at) {
    const std::uint8_t byte = byte_at(rest, at);
    if (at == 0 && byte == 0x80) return std::nullopt;  // leading zeros
    tag = tag << 7 | (byte & 0x7FU);
    if ((byte & 0x80U) != 0) continue;
    if (tag < 31) return std::nullopt;  // has a shorter form
    rest.remove_prefix(at + 1);
    return tag;
  }
  return std::nullopt;
}

/// At most three bytes of length: 16 MiB.
std::optional<std::size_t> take_length(std::string_view& rest) {
  if (rest.empty()) return std::nullopt;
  const std::uint8_t first = byte_at(rest, 0);
  rest.remove_prefix(1);
  if (first < 0x80) return first;
  const std::size_t count = first & 0x7FU;
  if (count == 0 || count > 3 || rest.size() < count) return std::nullopt;
  std::size_t length = 0;
  for (std::size_t at = 0; at < count; ++at) length = length << 8 | byte_at(rest, at);
  if (length < 0x80 || length >> 8 * (count - 1) == 0) return std::nullopt;
  rest.remove_prefix(count);
  return length;
}

bool are_strict(std::string_view bytes, int depth) {
  if (depth > kDepthMax) return false;
  Reader reader(bytes);
  while (!reader.done()) {
    const auto element = reader.next();
    if (!element) return false;
    if (element->constructed && !are_strict(element->content, depth + 1)) return false;
  }
  return true;
}

}  // namespace

std::optional<Element> Reader::next() {
  std::string_view rest = rest_;
  if (rest.empty()) return std::nullopt;
  const std::uint8_t first = byte_at(rest, 0);
  rest.remove_prefix(1);
  std::optional<std::uint32_t> tag = first & 0x1FU;
  if (*tag == 0x1F) tag = take_high_tag(rest);
  if (!tag) return std::nullopt;
  const auto length = take_length(rest);
  if (!length || *length > rest.size()) return std::nullopt;
  const Element element{static_cast<Class>(first >> 6), (first & 0x20U) != 0, *tag, rest.substr(0, *length)};
  rest_ = rest.substr(*length);
  return element;
}

std::optional<std::string_view> Reader::next(std::uint32_t universal) {
  const Reader before = *this;
  const auto element = next();
  if (element && element->is(universal)) return element->content;
  *this = before;
  return std::nullopt;
}

std::optional<std::uint64_t> Reader::next_number(std::uint32_t universal) {
  const auto content = next(universal);
  if (!content || content->empty() || content->size() > 8) return std::nullopt;
  if (byte_at(*content, 0) >= 0x80) return std::nullopt;  // negative
  if (content->size() > 1 && byte_at(*content, 0) == 0 && byte_at(*content, 1) < 0x80) return std::nullopt;
  std::uint64_t number = 0;
  for (std::size_t at = 0; at < content->size(); ++at) number = number << 8 | byte_at(*content, at);
  return number;
}

std::optional<Element> only_element(std::string_view bytes) {
  Reader reader(bytes);
  const auto element = reader.next();
  if (!reader.done()) return std::nullopt;
  return element;
}

bool is_strict(std::string_view bytes) { return only_element(bytes).has_value() && are_strict(bytes, 0); }

}  // namespace countersign::webauthn::der
