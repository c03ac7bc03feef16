#pragma once

#include <optional>
#include <string>
#include <variant>

#include "base/json.h"
#include "demo/brazil/bank_account.h"
#include "demo/brazil/banks.h"
#include "demo/brazil/pix_key.h"

namespace countersign::demo {

struct BankPayout {
  Bank bank;
  BankAccount account;
  std::string type;  ///< As the directory (DICT) names it: CACC current, SVGS savings, TRAN payment account.
};

struct IbanPayout {
  std::string iban;
};

/// Where an organiser's money goes: what Countersign holds until the organiser has confirmed it.
using Payout = std::variant<PixKey, BankPayout, IbanPayout>;

[[nodiscard]] json::object to_json(const Payout& payout);
/// Nothing for an object that to_json() did not make.
[[nodiscard]] std::optional<Payout> payout_from_json(const json::object& object);

}  // namespace countersign::demo
