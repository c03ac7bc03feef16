#pragma once

#include <string>
#include <string_view>

#include "base/moment.h"
#include "main/commands/admin.h"
#include "store/tx.h"

namespace countersign::main {

/// An event of the account that an operator's command caused, in the same database transaction as the change. `data`: a
/// JSON object. [LOG-5]
void record(store::Tx& tx, const AdminContext& context, const AccountId& account, std::string_view type,
            std::string data, Moment& moment);

}  // namespace countersign::main
