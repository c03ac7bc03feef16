#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/secret.h"
#include "crypto/otp.h"
#include "domain/standing/changes.h"
#include "store/repository/factors.h"
#include "usecase/problem.h"
#include "usecase/work.h"

namespace countersign::usecase {

struct EnrolRequest {
  std::string identity;
  std::string name;           ///< The device's name, chosen by the person; up to 64 characters.
  std::string account_label;  ///< Shown by the app beside the issuer; empty: see account_label().
  crypto::TotpParameters totp;
  std::optional<SecretString> secret{};  ///< Given by the caller, 10 to 128 bytes; absent: a new one.
  std::string issuer{};                  ///< Empty: the service's.
  std::optional<ServiceId> service{};    ///< The factor's service [STD-12]; absent: the account's first.
};

/// What any new factor has.
struct NewFactor {
  std::string identity;
  std::string name;  ///< Chosen by the person; up to 64 characters.
  std::optional<ServiceId> service;
  domain::Method type = domain::Method::kTotp;
};
/// Its row, unconfirmed and not stored yet; makes the subject if there is none. kInvalidField; kTooManyFactors.
[[nodiscard]] Answer<store::FactorRow> new_factor(const Work& work, const NewFactor& made);
/// Whether the subject, with these factors, may have one more at that service.
[[nodiscard]] bool has_room_for_factor(const Context& context, const std::vector<store::FactorRow>& known,
                                       const ServiceId& service, WallTime now);
/// The audit event of a new factor, once it is stored.
void record_enrolled(const Work& work, const store::FactorRow& row);

/// A new authenticator app. The secret is shown only until the confirmation. [TOTP-6]
struct Enrolment {
  FactorId id;
  SecretString otpauth_uri;
  SecretString secret_base32;
  WallTime confirm_by;
  std::string account;  ///< Shown by the app beside the issuer, as `otpauth_uri` has it.
};

/// Makes an unconfirmed factor: it proves nothing until its first code was checked. [TOTP-5]
[[nodiscard]] Answer<Enrolment> enrol_totp(const Work& work, const EnrolRequest& request);

/// The same again, while the factor is unconfirmed; nothing afterwards.
[[nodiscard]] std::optional<Enrolment> waiting_enrolment(const Work& work, const EnrolRequest& request,
                                                         const FactorId& id);

/// What is known of a passkey.
struct PasskeyView {
  bool device_bound = false;
  bool backed_up = false;      ///< As last seen: it is on another device too.
  bool user_verified = false;  ///< When it was made, or in a right answer since.
  std::string aaguid;          ///< 16 bytes; zeros where the authenticator does not name its model.
  std::vector<std::string> transports;
};

struct FactorView {
  FactorId id;
  domain::Method type = domain::Method::kTotp;
  domain::FactorStatus status = domain::FactorStatus::kUnconfirmed;
  std::string name;
  WallTime created_at;
  std::optional<WallTime> confirmed_at;
  std::optional<std::size_t> codes_left{};  ///< Only of recovery codes.
  std::optional<PasskeyView> passkey = {};  ///< Only of a confirmed passkey.
  std::optional<bool> subscribed = {};      ///< Only of a confirmed device: whether messages to it can be sent.
};
/// `totp`, `webauthn`, `push`, `recovery_codes`: the type of a factor in the API and in audit events.
[[nodiscard]] std::string_view factor_type(domain::Method type);

/// The authority with which a confirmed factor is bound.
enum class BindFactor : std::uint8_t {
  kGiven,    ///< By the application. [STD-2, STD-3]
  kVouched,  ///< By a key of the application with the scope `vouch`. [STD-5]
  kByLink,   ///< On a page, if the subject never had a source given, proved or erased. [STD-1]
  kAdded     ///< By the person, with proofs of other sources. [STD-4]
};
struct ConfirmTerms {
  BindFactor as = BindFactor::kGiven;
  std::vector<domain::Proof> proofs = {};  ///< With kAdded: of the operation, without the new factor's own.
  std::int64_t skew = 1;
  std::optional<TransactionId> operation = {};  ///< With kAdded: in which she adds it.
};

/// Checks the first code of an app, or takes the word of the person that she keeps her recovery codes, which needs no
/// `code`; and binds the factor at its service. An app's code is spent like any other: the same time step proves
/// nothing afterwards [TOTP-4]. New recovery codes replace the set that the person has at the service, which works
/// until they count [STD-10]; from now on only their digests are stored.
[[nodiscard]] Answer<FactorView> confirm_factor(const Work& work, std::string_view identity, const FactorId& id,
                                                const std::optional<SecretString>& code,
                                                const ConfirmTerms& terms = {});

/// The factor that is to be confirmed on these terms. kMayNotVouch; kNotFound, also for a removed one.
[[nodiscard]] Answer<store::FactorRow> factor_to_confirm(const Work& work, std::string_view identity,
                                                         const FactorId& id, const ConfirmTerms& terms);
/// Binds an unconfirmed factor, whose owner has just proved to have it, at its service, and stores it as active.
/// kNotAvailableNow if the fraud rules stop it: it stays unconfirmed, and its challenge is not spent, because the same
/// answer may come again with another word (`vouch`), and binds the same factor to the same person. [ADR 51]
[[nodiscard]] Answer<FactorView> bind_confirmed(const Work& work, store::FactorRow factor, const ConfirmTerms& terms);

/// What is told of a factor.
[[nodiscard]] FactorView factor_view(const store::Vault& vault, const store::FactorRow& row);

/// The factors that are not removed, newest first; empty for an unknown subject.
[[nodiscard]] std::vector<FactorView> list_factors(const Work& work, std::string_view identity);

/// Disables it at once, everywhere, and voids what it proved, if not yet claimed [STD-8]. The row stays as a record,
/// without its secret. [BND-1, BND-5]
[[nodiscard]] Answer<Done> remove_factor(const Work& work, std::string_view identity, const FactorId& id,
                                         domain::standing::GoneWhy why = domain::standing::GoneWhy::kLost);

/// [STD-5] By a key with the scope `vouch`: shortens the wait of a factor that waits, and re-enables one that was
/// disabled after a hundred wrong codes [STD-20], of which all contacts are notified. kMayNotVouch; kFactorUnusable
/// before it is confirmed.
[[nodiscard]] Answer<FactorView> vouch_for_factor(const Work& work, std::string_view identity, const FactorId& id);

/// The application reports that another person may hold it: it waits again. [STD-11]
[[nodiscard]] Answer<Done> suspect_factor(const Work& work, std::string_view identity, const FactorId& id);

/// The account name in the person's app where the application gave no label: an identity that is an e-mail address;
/// else the newest active phone number, else mailbox, at the factor's service, masked as on the pages, because a link
/// opens them; else the identity.
[[nodiscard]] std::string account_label(store::Tx& tx, const Context& context, const store::FactorRow& factor,
                                        std::string_view identity);

/// The service of a factor; a factor from before factors had a service belongs to the account's first.
[[nodiscard]] ServiceId service_of_factor(const Context& context, const store::FactorRow& factor);

}  // namespace countersign::usecase
