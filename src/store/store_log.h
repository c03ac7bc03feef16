#pragma once

#include <functional>
#include <string_view>

#include "store/error.h"

namespace countersign::store {

/// Receives messages for the operator, without data of rows. Called on threads of the store; must not block. A
/// persistent failure is reported again and again: the receiver limits the rate.
using StoreLog = std::function<void(std::string_view)>;

/// Reports why something failed (`what`: read, write), except for everyday reasons: a conflict, overload, shutdown.
void report(const StoreLog& log, std::string_view what, const StoreError& error);

}  // namespace countersign::store
