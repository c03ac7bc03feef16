#pragma once

#include <map>
#include <string_view>

#include "base/id.h"
#include "base/secret.h"

namespace countersign::api::twilio {

/// The auth token of each account, read once at start: they change with the configuration's restart alone. What a
/// webhook is signed with is read from the store instead.
using AuthTokens = std::map<AccountId, SecretString>;

}  // namespace countersign::api::twilio
