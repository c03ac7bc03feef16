#pragma once

#include <functional>
#include <string_view>

#include "store/error.h"

namespace countersign::store {

/// Takes what an operator wants to know of a store, without data of rows. Called on threads of the store; must not
/// block. What goes on being wrong is told again and again: the one who writes it down thins it out.
using StoreLog = std::function<void(std::string_view)>;

/// Tells of an error that is the database's and not the work's.
void report(const StoreLog& log, const StoreError& error);

}  // namespace countersign::store
