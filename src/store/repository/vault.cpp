#include "store/repository/vault.h"

#include <fmt/format.h>

#include "store/error.h"

namespace countersign::store {

SecretString Vault::open(std::string_view sealed, std::string_view table, std::string_view row,
                         std::string_view column) const {
  auto opened = sealer_->open(sealed, {table, row, column});
  if (!opened) {
    throw StoreFailure(
        {StoreError::Code::kUnreadable,
         fmt::format("{}.{} cannot be opened: the key is missing or the value was changed", table, column)});
  }
  return *std::move(opened);
}

}  // namespace countersign::store
