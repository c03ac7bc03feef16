#pragma once

#include <string_view>

#include "base/id.h"
#include "store/key.h"

namespace countersign::usecase {

// What use cases that run beside others take before they read it (store/key.h says what each covers).

[[nodiscard]] inline store::Key subject_key(const AccountId& account, const SubjectId& subject) {
  return {store::Key::Kind::kSubject, account.bytes(), subject.bytes()};
}

[[nodiscard]] inline store::Key address_key(const AccountId& account, const AddressId& address) {
  return {store::Key::Kind::kAddress, account.bytes(), address.bytes()};
}

/// `name`: an identity, or the form of an address that it is looked up by.
[[nodiscard]] inline store::Key naming_key(const AccountId& account, std::string_view name) {
  return {store::Key::Kind::kNaming, account.bytes(), name};
}

[[nodiscard]] inline store::Key counter_key(const AccountId& account, std::string_view counter) {
  return {store::Key::Kind::kCounter, account.bytes(), counter};
}

/// Of all accounts: what has become of messages is written in bundles.
[[nodiscard]] inline store::Key messages_key() { return {store::Key::Kind::kMessages, ""}; }

[[nodiscard]] inline store::Key idempotency_key(const AccountId& account, std::string_view digest) {
  return {store::Key::Kind::kIdempotency, account.bytes(), digest};
}

}  // namespace countersign::usecase
