#include "store/repository/packed_text.h"

#include "store/error.h"

namespace countersign::store {

void append_packed_text(std::string& out, std::string_view text) {
  append_packed_number(out, text.size());
  out += text;
}

std::string_view PackedReader::bytes(std::uint64_t size) {
  if (size > rest_.size()) refuse();
  const std::string_view head = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return head;
}

std::uint64_t PackedReader::number() {
  const auto value = take_packed_number(rest_);
  if (!value) refuse();
  return *value;
}

std::string PackedReader::text() { return std::string(bytes(number())); }

void PackedReader::finish() const {
  if (!rest_.empty()) refuse();
}

void PackedReader::refuse() const { throw StoreFailure({StoreError::Code::kUnreadable, std::string(what_)}); }

}  // namespace countersign::store
