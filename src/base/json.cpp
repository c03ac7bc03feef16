#include "base/json.h"

#include <algorithm>
#include <array>
#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/value_stack.hpp>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <memory_resource>
#include <vector>

#include "base/check.h"
#include "base/encoding.h"
#include "base/json_memory.h"
#include "base/secret.h"

namespace countersign {

namespace {

constexpr std::int64_t kMaxSafeInteger = (std::int64_t{1} << 53) - 1;

/// Memory for what a parse needs only until it ends: on the stack for an ordinary text. Wiped, since texts pass
/// through.
template <std::size_t size>
struct Scratch {
  Scratch() = default;  // Not filled with zeros.
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() { wipe(bytes.data(), size); }

  alignas(std::max_align_t) std::array<unsigned char, size> bytes;
};

/// Builds the value and rejects what Boost's own parser accepts (duplicate names, inexact numbers).
class Handler {
 public:
  static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);

  using error_code = boost::system::error_code;

  explicit Handler(json::storage_ptr of_value) : of_value_(std::move(of_value)) {}

  std::optional<JsonError::Code> refused;

  bool on_document_begin(error_code&) {
    stack_.reset(of_value_);
    return true;
  }
  bool on_document_end(error_code&) { return true; }
  bool on_object_begin(error_code&) { return true; }
  bool on_object_end(std::size_t count, error_code& ec) {
    const auto first = names_.end() - static_cast<std::ptrdiff_t>(count);
    std::sort(first, names_.end());
    if (std::adjacent_find(first, names_.end()) != names_.end()) return refuse(JsonError::Code::kDuplicateName, ec);
    names_.erase(first, names_.end());
    stack_.push_object(count);
    return true;
  }
  bool on_array_begin(error_code&) { return true; }
  bool on_array_end(std::size_t count, error_code&) {
    stack_.push_array(count);
    return true;
  }
  bool on_key_part(boost::core::string_view part, std::size_t, error_code&) { return take_part(part); }
  bool on_key(boost::core::string_view part, std::size_t, error_code&) {
    const std::string_view name = whole(part);
    auto* const kept = static_cast<char*>(memory_.allocate(name.size(), 1));
    std::ranges::copy(name, kept);
    names_.emplace_back(kept, name.size());
    stack_.push_key(name);
    text_.clear();
    return true;
  }
  bool on_string_part(boost::core::string_view part, std::size_t, error_code&) { return take_part(part); }
  bool on_string(boost::core::string_view part, std::size_t, error_code&) {
    stack_.push_string(whole(part));
    text_.clear();
    return true;
  }
  bool on_number_part(boost::core::string_view part, error_code&) { return take_part(part); }
  bool on_int64(std::int64_t value, boost::core::string_view, error_code& ec) {
    text_.clear();
    if (value > kMaxSafeInteger || value < -kMaxSafeInteger) return refuse(JsonError::Code::kNumberOutOfRange, ec);
    stack_.push_int64(value);
    return true;
  }
  bool on_uint64(std::uint64_t, boost::core::string_view, error_code& ec) {
    // The parser calls this only for numbers that do not fit an int64.
    return refuse(JsonError::Code::kNumberOutOfRange, ec);
  }
  bool on_double(double, boost::core::string_view part, error_code& ec) {
    // Boost 1.81 does not round correctly in every case; from_chars does.
    const std::string_view text = whole(part);
    double exact = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), exact);
    const bool is_read = end == text.data() + text.size();
    // Reject an underflow like an overflow: both would change the value.
    if (error != std::errc() || !is_read || !std::isfinite(exact))
      return refuse(JsonError::Code::kNumberOutOfRange, ec);
    // Below 1e21 its canonical form has no exponent: an integer that this parser would reject.
    const double size = std::abs(exact);
    if (size > static_cast<double>(kMaxSafeInteger) && size < 1e21)
      return refuse(JsonError::Code::kNumberOutOfRange, ec);
    // A plain integer that does not fit an int64 also arrives here.
    if (text.find_first_of(".eE") == std::string_view::npos) return refuse(JsonError::Code::kNumberOutOfRange, ec);
    text_.clear();
    stack_.push_double(exact);
    return true;
  }
  bool on_bool(bool value, error_code&) {
    stack_.push_bool(value);
    return true;
  }
  bool on_null(error_code&) {
    stack_.push_null();
    return true;
  }
  bool on_comment_part(boost::core::string_view, error_code&) { return true; }
  bool on_comment(boost::core::string_view, error_code&) { return true; }

  json::value release() { return stack_.release(); }

 private:
  bool take_part(boost::core::string_view part) {
    text_.append(part.data(), part.size());
    return true;
  }
  /// With the parts that came before; mostly there are none. Valid until text_ changes.
  std::string_view whole(boost::core::string_view last) {
    if (text_.empty()) return {last.data(), last.size()};
    take_part(last);
    return text_;
  }
  bool refuse(JsonError::Code code, error_code& ec) {
    refused = code;
    ec = json::error::syntax;
    return false;
  }

  const json::storage_ptr of_value_;
  Scratch<1024> of_stack_;
  Scratch<1024> of_names_;
  std::pmr::monotonic_buffer_resource memory_{of_names_.bytes.data(), of_names_.bytes.size()};
  json::value_stack stack_{{}, of_stack_.bytes.data(), of_stack_.bytes.size()};
  std::string text_;
  std::pmr::vector<std::string_view> names_{&memory_};  ///< Of the objects that are open, from the outermost on.
};

/// Orders names by their UTF-16 code units (RFC 8785, section 3.2.3). This differs from byte order only where a
/// character above U+FFFF, whose bytes begin with F0…F4, meets one of U+E000…U+FFFF, which begin with EE or EF: the
/// surrogates of the former sort first.
bool comes_before(std::string_view a, std::string_view b) {
  const auto [at, bt] = std::ranges::mismatch(a, b);
  if (at == a.end() || bt == b.end()) return at == a.end() && bt != b.end();
  const auto x = static_cast<unsigned char>(*at);
  const auto y = static_cast<unsigned char>(*bt);
  constexpr unsigned char kFirstAfterSurrogates = 0xEE;
  constexpr unsigned char kFirstOfFour = 0xF0;
  if (x >= kFirstOfFour && y >= kFirstAfterSurrogates && y < kFirstOfFour) return true;
  if (y >= kFirstOfFour && x >= kFirstAfterSurrogates && x < kFirstOfFour) return false;
  return x < y;
}

/// ECMAScript's Number::toString (RFC 8785 section 3.2.2.3).
void append_number(std::string& out, double value) {
  if (value == 0) {  // Includes negative zero.
    out += '0';
    return;
  }
  char raw[32];
  const auto end = std::to_chars(raw, raw + sizeof raw, value, std::chars_format::scientific).ptr;
  std::string_view text(raw, static_cast<std::size_t>(end - raw));
  if (text.front() == '-') {
    out += '-';
    text.remove_prefix(1);
  }
  const std::size_t e = text.find('e');
  std::string digits(text.substr(0, 1));
  if (e > 2) digits += text.substr(2, e - 2);
  int exponent = 0;
  std::string_view exponent_text = text.substr(e + 1);
  if (exponent_text.front() == '+') exponent_text.remove_prefix(1);
  std::from_chars(exponent_text.data(), exponent_text.data() + exponent_text.size(), exponent);

  const int count = static_cast<int>(digits.size());
  const int point = exponent + 1;  // The decimal point comes after this many digits.
  if (count <= point && point <= 21) {
    out += digits;
    out.append(static_cast<std::size_t>(point - count), '0');
  } else if (0 < point && point <= 21) {
    out += digits.substr(0, static_cast<std::size_t>(point));
    out += '.';
    out += digits.substr(static_cast<std::size_t>(point));
  } else if (-6 < point && point <= 0) {
    out += "0.";
    out.append(static_cast<std::size_t>(-point), '0');
    out += digits;
  } else {
    out += digits.front();
    if (count > 1) {
      out += '.';
      out += digits.substr(1);
    }
    out += exponent < 0 ? "e-" : "e+";
    out += std::to_string(std::abs(exponent));
  }
}

bool needs_escape(char c) { return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\'; }

void append_escaped(std::string& out, char c) {
  switch (c) {
    case '\b':
      out += "\\b";
      return;
    case '\f':
      out += "\\f";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      out += static_cast<unsigned char>(c) < 0x20 ? "\\u00" + to_hex({&c, 1}) : std::string{'\\', c};
  }
}

void append_canonical(std::string& out, const json::value& value) {
  switch (value.kind()) {
    case json::kind::null:
      out += "null";
      return;
    case json::kind::bool_:
      out += value.get_bool() ? "true" : "false";
      return;
    case json::kind::int64:
      out += std::to_string(value.get_int64());
      return;
    case json::kind::uint64:
      out += std::to_string(value.get_uint64());
      return;
    case json::kind::double_:
      append_number(out, value.get_double());
      return;
    case json::kind::string:
      append_json_string(out, std::string_view(value.get_string()));
      return;
    case json::kind::array: {
      out += '[';
      bool first = true;
      for (const auto& item : value.get_array()) {
        if (!first) out += ',';
        first = false;
        append_canonical(out, item);
      }
      out += ']';
      return;
    }
    case json::kind::object: {
      std::vector<const json::key_value_pair*> members;
      members.reserve(value.get_object().size());
      for (const auto& member : value.get_object()) members.push_back(&member);
      std::ranges::sort(members, comes_before, [](const auto* member) { return std::string_view(member->key()); });
      out += '{';
      bool first = true;
      for (const auto* member : members) {
        if (!first) out += ',';
        first = false;
        append_json_string(out, std::string_view(member->key()));
        out += ':';
        append_canonical(out, member->value());
      }
      out += '}';
      return;
    }
  }
}

}  // namespace

JsonMemory::~JsonMemory() { wipe(bytes_.data(), bytes_.size()); }

namespace {

Result<json::value, JsonError> parse_into(json::storage_ptr storage, std::string_view text, const JsonLimits& limits) {
  json::parse_options options;
  options.max_depth = limits.depth;
  json::basic_parser<Handler> parser(options, std::move(storage));
  boost::system::error_code ec;
  const std::size_t used = parser.write_some(false, text.data(), text.size(), ec);
  if (parser.handler().refused) return fail(JsonError{*parser.handler().refused, used});
  if (ec == json::error::too_deep) return fail(JsonError{JsonError::Code::kTooDeep, used});
  if (ec || used != text.size() || !parser.done()) return fail(JsonError{JsonError::Code::kSyntax, used});
  return parser.handler().release();
}

}  // namespace

Result<json::value, JsonError> parse_json(std::string_view text, const JsonLimits& limits) {
  return parse_into({}, text, limits);
}

Result<json::value, JsonError> parse_json(std::string_view text, JsonMemory& memory, const JsonLimits& limits) {
  return parse_into(&memory.resource_, text, limits);
}

std::string canonical_json(const json::value& value) {
  std::string out;
  append_canonical(out, value);
  return out;
}

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  // Usually there is nothing to escape: append the text between two such characters at once.
  while (true) {
    const auto at = static_cast<std::size_t>(std::ranges::find_if(text, needs_escape) - text.begin());
    out.append(text, 0, at);
    if (at == text.size()) break;
    append_escaped(out, text[at]);
    text.remove_prefix(at + 1);
  }
  out += '"';
}

std::optional<std::string_view> json_text(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains({name.data(), name.size()});
  if (value == nullptr || !value->is_string()) return std::nullopt;
  return std::string_view(value->get_string());
}

std::string json_text_or_empty(const json::object& object, std::string_view name) {
  return std::string(json_text(object, name).value_or(std::string_view()));
}

std::optional<std::int64_t> json_integer(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains({name.data(), name.size()});
  if (value == nullptr || !value->is_int64()) return std::nullopt;
  return value->get_int64();
}

}  // namespace countersign
