#include "store/sql.h"

#include <atomic>

namespace countersign::store {

namespace {

constinit std::atomic<std::size_t> next_number{0};

}  // namespace

Sql::Sql(std::string_view text) : text_(text), number_(next_number.fetch_add(1, std::memory_order_relaxed)) {}

}  // namespace countersign::store
