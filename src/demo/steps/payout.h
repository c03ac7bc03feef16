#pragma once

#include "demo/brazil/document.h"
#include "demo/payout.h"
#include "demo/steps/step.h"

namespace countersign::demo {

/// Step 3: where the money goes. Fields: kind (`pix`, `bank`, `iban`); pix_kind, pix_key; bank, bank_choice (the ISPB
/// of one of several that fit), branch, account, account_type; iban; digit_confirmed.
///
/// An account is the holder's own: a Pix key that is a CPF or CNPJ must be the holder's. Check digits that do not fit
/// the bank's rule are the faults `fault.account.digit` and `fault.branch.digit`, which `digit_confirmed` lets pass.
[[nodiscard]] Checked<Payout> check_payout(const Fields& fields, const Document& holder);

/// Whether a fault is the question about a check digit.
[[nodiscard]] bool asks_about_digit(const Fault& fault);

}  // namespace countersign::demo
