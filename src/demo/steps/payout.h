#pragma once

#include "demo/brazil/document.h"
#include "demo/payout.h"
#include "demo/steps/step.h"

namespace countersign::demo {

/// Step 3: the payout account. Fields: kind (`pix`, `bank`, `iban`); pix_kind, pix_key; bank, bank_choice (the ISPB of
/// one of several matches), branch, account, account_type; iban; digit_confirmed.
///
/// The account must be the holder's: a Pix key that is a CPF or CNPJ must be the holder's. Check digits that violate
/// the bank's rule are the faults `fault.account.digit` and `fault.branch.digit`, which `digit_confirmed` suppresses.
[[nodiscard]] Checked<Payout> check_payout(const Fields& fields, const Document& holder);

/// Whether the fault asks about a check digit.
[[nodiscard]] bool asks_about_digit(const FieldError& fault);

}  // namespace countersign::demo
