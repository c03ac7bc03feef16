#pragma once

#include <string>

#include "demo/brazil/document.h"
#include "demo/steps/step.h"

namespace countersign::demo {

/// Step 1: who organises.
struct Account {
  std::string name;
  std::string email;
  std::string mobile;  ///< E.164
  Document document;
};

/// Fields: name, email, mobile, document. An address that somebody else has given already is no fault: saying so would
/// tell who is a customer.
[[nodiscard]] Checked<Account> check_account(const Fields& fields);

}  // namespace countersign::demo
