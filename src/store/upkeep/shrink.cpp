#include "store/upkeep/shrink.h"

#include <algorithm>

namespace countersign::store {

namespace {

constexpr std::int64_t kPagesAlwaysKept = 256;
constexpr std::int64_t kKeptShare = 20;

}  // namespace

std::int64_t unused_pages_to_keep(const Tx::Space& space) {
  return std::max(kPagesAlwaysKept, space.pages / kKeptShare);
}

ShrinkStep shrink(Tx& tx, std::int64_t pages) {
  const auto before = tx.space();
  const std::int64_t excess = before.free - unused_pages_to_keep(before);
  if (excess <= 0) return {before};
  tx.give_back(std::min(excess, pages));
  const auto after = tx.space();
  return {after, after.free < before.free && after.free > unused_pages_to_keep(after)};
}

}  // namespace countersign::store
