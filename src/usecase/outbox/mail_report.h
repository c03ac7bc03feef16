#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "delivery/mail/delivery_status.h"
#include "usecase/work.h"

namespace countersign::usecase {

/// A report whose origin is believed.
struct MailReport {
  AccountId account;
  MessageId message;
  std::optional<delivery::MailStatus> status;  ///< Absent: it says nothing final.
};

/// Marks the return path of an e-mail: base32 in lower case, 42 characters, of the message's id and of a keyed digest
/// of it and the account, so that nobody can report a mail that they have not received.
[[nodiscard]] std::string return_tag(const store::Vault& vault, const AccountId& account, const MessageId& message);

/// Reads the report of a mail server about a mail that we sent (RFC 3464, as bytes). The tag of its return path,
/// wherever it stands in the report, is what makes it believed; nullopt without one of ours. Pure; needs no
/// transaction.
[[nodiscard]] std::optional<MailReport> read_mail_report(const Context& context, std::string_view report);

/// Writes what became of the message. A report that says nothing final, or comes twice or too late, changes nothing.
void take_mail_report(store::Tx& tx, const Context& context, const MailReport& report, Moment& moment);

}  // namespace countersign::usecase
