#include "store/upkeep/value.h"

#include <cstring>

#include "base/check.h"

namespace countersign::store {

namespace {

// values := one after another
//    'n'                                     NULL
//    'i'    number, 8 bytes, big-endian      an integer, as two's complement
//    'b'    length, as a number              text or bytes, which the column's type tells apart
//           bytes
// Of rows, to compare the copy with what was copied, and of keys, to go on where a copy has stopped.
constexpr char kNull = 'n';
constexpr char kInteger = 'i';
constexpr char kBytes = 'b';

void append_number(std::string& out, std::int64_t number) {
  const auto bits = static_cast<std::uint64_t>(number);
  for (int shift = 56; shift >= 0; shift -= 8) out += static_cast<char>((bits >> shift) & 0xff);
}

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  [[nodiscard]] bool at_end() const { return text_.empty(); }
  Value value() {
    const char kind = take(1).front();
    if (kind == kNull) return {};
    if (kind == kInteger) return number();
    if (kind == kBytes) return std::string(take(static_cast<std::size_t>(number())));
    refuse();
  }

 private:
  std::int64_t number() {
    std::uint64_t bits = 0;
    for (const char byte : take(8)) bits = (bits << 8) | static_cast<std::uint8_t>(byte);
    return static_cast<std::int64_t>(bits);
  }
  std::string_view take(std::size_t count) {
    if (count > text_.size()) refuse();
    const auto taken = text_.substr(0, count);
    text_.remove_prefix(count);
    return taken;
  }
  [[noreturn]] static void refuse() {
    throw StoreFailure({StoreError::Code::kCorrupt, "the progress of a move cannot be read"});
  }

  std::string_view text_;
};

}  // namespace

Values read_values(const Row& row, const std::vector<CatalogueColumn>& columns) {
  Values values;
  values.reserve(columns.size());
  for (int place = 0; const auto& column : columns) {
    if (row.is_null(place)) {
      values.emplace_back();
    } else if (column.kind == ColumnKind::kInteger) {
      values.emplace_back(row.integer(place));
    } else {
      values.emplace_back(column.kind == ColumnKind::kText ? row.string(place) : row.bytes(place));
    }
    ++place;
  }
  return values;
}

Param to_param(const Value& value, ColumnKind kind) {
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return *integer;
  const auto* bytes = std::get_if<std::string>(&value);
  if (bytes == nullptr) return nullptr;
  return kind == ColumnKind::kText ? Param(*bytes) : Param(Blob{*bytes});
}

std::string encode_values(const Values& values) {
  std::string out;
  for (const auto& value : values) {
    if (const auto* integer = std::get_if<std::int64_t>(&value)) {
      out += kInteger;
      append_number(out, *integer);
    } else if (const auto* bytes = std::get_if<std::string>(&value)) {
      out += kBytes;
      append_number(out, static_cast<std::int64_t>(bytes->size()));
      out += *bytes;
    } else {
      out += kNull;
    }
  }
  return out;
}

Values decode_values(std::string_view text) {
  Values values;
  for (Reader reader(text); !reader.at_end();) values.push_back(reader.value());
  return values;
}

}  // namespace countersign::store
