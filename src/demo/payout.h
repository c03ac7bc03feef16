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
  std::string type;  ///< As in the directory (DICT): CACC current, SVGS savings, TRAN payment account.
};

struct IbanPayout {
  std::string iban;
};

/// An organiser's payout account: Countersign holds it until the organiser has confirmed it.
using Payout = std::variant<PixKey, BankPayout, IbanPayout>;

[[nodiscard]] json::object to_json(const Payout& payout);
/// Nothing for an object that is not from to_json().
[[nodiscard]] std::optional<Payout> payout_from_json(const json::object& object);

}  // namespace countersign::demo
