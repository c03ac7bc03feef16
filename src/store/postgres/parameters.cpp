#include "store/postgres/parameters.h"

#include "base/check.h"
#include "store/postgres/types.h"
#include "store/storable_text.h"

namespace countersign::store::postgres {

namespace {

std::array<char, 8> big_endian(std::int64_t value) {
  std::array<char, 8> bytes{};
  auto rest = static_cast<std::uint64_t>(value);
  for (auto byte = bytes.rbegin(); byte != bytes.rend(); ++byte, rest >>= 8) *byte = static_cast<char>(rest & 0xff);
  return bytes;
}

}  // namespace

void Parameters::fill(std::initializer_list<Param> params) {
  types_.clear();
  values_.clear();
  lengths_.clear();
  formats_.clear();
  integers_.clear();
  for (const Param& param : params) {
    switch (param.kind()) {
      case Param::Kind::kNull:
        add(0, nullptr, 0);
        break;
      case Param::Kind::kInteger: {
        const auto& bytes = integers_.emplace_back(big_endian(param.integer()));
        add(kInt8, bytes.data(), bytes.size());
        break;
      }
      case Param::Kind::kText:
        require_storable(param.bytes());
        add(kText, param.bytes().data(), param.bytes().size());
        break;
      case Param::Kind::kBlob:
        add(kBytea, param.bytes().data(), param.bytes().size());
        break;
    }
  }
}

void Parameters::add(unsigned int type, const char* data, std::size_t size) {
  // A null pointer would mean NULL, and an empty view may have one.
  const bool is_empty_value = type != 0 && data == nullptr;
  types_.push_back(type);
  values_.push_back(is_empty_value ? "" : data);
  lengths_.push_back(static_cast<int>(size));
  formats_.push_back(kBinary);
}

}  // namespace countersign::store::postgres
