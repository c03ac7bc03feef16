#pragma once

#include <functional>
#include <string_view>

#include "store/error.h"

namespace countersign::store {

/// Takes what an operator wants to know of a store, without data of rows. Called on threads of the store; must not
/// block. What goes on being wrong is told again and again: the one who writes it down thins it out.
using StoreLog = std::function<void(std::string_view)>;

/// Tells why something could not be done (`what`: read, write), unless that is part of every day: a conflict, too much
/// work, the end.
void report(const StoreLog& log, std::string_view what, const StoreError& error);

}  // namespace countersign::store
