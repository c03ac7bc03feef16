#include "store/repository/row_bundle.h"

#include <algorithm>

#include "base/check.h"

namespace countersign::store {

bool RowBundle::takes(std::string_view value) {
  return std::ranges::all_of(value, [](char c) { return c >= ' ' && c <= '~' && c != '"' && c != '\\'; });
}

void RowBundle::add(std::string_view account, std::string_view id, std::string_view value) {
  CS_CHECK(account.size() == sizeof(Id) && id.size() == sizeof(Id) && takes(value));
  ids_.append(account).append(id);
  if (!values_.empty()) values_ += ',';
  values_.append(1, '"').append(value).append(1, '"');
}

}  // namespace countersign::store
