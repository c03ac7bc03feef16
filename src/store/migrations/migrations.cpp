#include "store/migrations/migrations.h"

#include <array>

namespace countersign::store {

std::span<const Migration> all_migrations() {
  static const std::array kAll{Migration{1, "initial", kInitialSchema}};
  return kAll;
}

}  // namespace countersign::store
