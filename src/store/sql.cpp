#include "store/sql.h"

namespace countersign::store {

namespace {

constinit std::atomic<std::size_t> next_number{0};

}  // namespace

std::size_t Sql::take_number() const {
  // Of two threads that use it first at once, the second finds the number of the first, and its own is nobody's.
  std::size_t known = kNone;
  const std::size_t number = next_number.fetch_add(1, std::memory_order_relaxed);
  return number_.compare_exchange_strong(known, number, std::memory_order_relaxed) ? number : known;
}

}  // namespace countersign::store
