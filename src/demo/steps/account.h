#pragma once

#include <string>

#include "demo/brazil/document.h"
#include "demo/steps/step.h"

namespace countersign::demo {

/// Step 1: the organiser.
struct Account {
  std::string name;
  std::string email;
  std::string mobile;  ///< E.164
  Document document;
};

/// Fields: name, email, mobile, document. An address that another customer uses is not an error: reporting it would
/// reveal customers.
[[nodiscard]] Checked<Account> check_account(const Fields& fields);

}  // namespace countersign::demo
