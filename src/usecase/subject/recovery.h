#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/secret.h"
#include "domain/recovery.h"
#include "domain/standing/history.h"
#include "store/repository/factors.h"
#include "usecase/problem.h"
#include "usecase/work.h"

namespace countersign::usecase {

struct CodesRequest {
  std::string identity;
  std::string name;                    ///< Chosen by the person; up to 64 characters.
  std::optional<ServiceId> service{};  ///< The set's service [STD-12]; absent: the account's first.
};

/// A new set of recovery codes, which is shown only until it is confirmed. [BKP-1]
struct NewCodes {
  FactorId id;
  std::vector<SecretString> codes;  ///< As they are shown, in groups.
  WallTime confirm_by;
};

/// Makes an unconfirmed set: its codes prove nothing until the person has confirmed that she keeps them
/// (confirm_factor). Another set stays as it is until then.
[[nodiscard]] Answer<NewCodes> make_recovery_codes(const Work& work, const CodesRequest& request);

/// The same again, while the set is unconfirmed; nothing afterwards: then only digests are stored. [BKP-2]
[[nodiscard]] std::optional<NewCodes> waiting_codes(store::Tx& tx, const Context& context, const AccountId& account,
                                                    const SubjectId& subject, const FactorId& id, WallTime now);
/// For a caller that knows the subject by its identity.
[[nodiscard]] std::optional<NewCodes> waiting_codes(const Work& work, std::string_view identity, const FactorId& id);

/// The codes of a set, as they are stored.
[[nodiscard]] domain::RecoverySet recovery_set_of(const store::Vault& vault, const store::FactorRow& row);
[[nodiscard]] std::string seal_recovery_set(const Work& work, const FactorId& id, const domain::RecoverySet& set);

/// The stored digest of a code: keyed, bound to its account and set, with the code's own salt. [BKP-2]
[[nodiscard]] std::string recovery_digest(const store::Vault& vault, const domain::Factor& set, std::string_view salt,
                                          const SecretString& code);

/// A code was used, and `left` are left: an audit event, the webhook `subject.recovery_code_used`, and a notice to
/// every contact that is told of changes [STD-7].
void report_code_used(const Work& work, const domain::standing::History& history, const store::FactorRow& set,
                      std::size_t left);

}  // namespace countersign::usecase
