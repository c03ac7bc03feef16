#include "base/wipes_frees.h"

namespace countersign {

namespace {

thread_local constinit int lives = 0;

}  // namespace

WipesFrees::WipesFrees() noexcept { ++lives; }
WipesFrees::~WipesFrees() { --lives; }
bool WipesFrees::now() noexcept { return lives > 0; }

}  // namespace countersign
