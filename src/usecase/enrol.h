#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/secret.h"
#include "crypto/otp.h"
#include "domain/standing/changes.h"
#include "store/repository/factors.h"
#include "usecase/context.h"
#include "usecase/problem.h"

namespace countersign::usecase {

struct EnrolRequest {
  std::string identity;
  std::string name;           ///< Of the device, by the person; up to 64 characters.
  std::string account_label;  ///< What the app shows beside the issuer; empty: see account_label().
  crypto::TotpParameters totp;
  std::optional<SecretString> secret{};  ///< Brought along, of 10 to 128 bytes; absent: a fresh one.
  std::string issuer{};                  ///< Empty: that of the service.
  std::optional<ServiceId> service{};    ///< To which the factor belongs [STD-12]; absent: the account's first.
};

/// A new authenticator app. The secret is shown until its confirmation and never again. [TOTP-6]
struct Enrolment {
  FactorId id;
  SecretString otpauth_uri;
  SecretString secret_base32;
  WallTime confirm_by;
  std::string account;  ///< What the app shows beside the issuer, as `otpauth_uri` has it.
};

/// Makes an unconfirmed factor: it proves nothing before a first code made with it was checked. [TOTP-5]
[[nodiscard]] Answer<Enrolment> enrol_totp(store::Tx& tx, const Context& context, const Caller& caller,
                                           const EnrolRequest& request, Moment& moment);

/// The same once more, for as long as the factor waits for its confirmation; nothing afterwards.
[[nodiscard]] std::optional<Enrolment> waiting_enrolment(store::Tx& tx, const Context& context, const Caller& caller,
                                                         const EnrolRequest& request, const FactorId& id, WallTime now);

struct FactorView {
  FactorId id;
  domain::Method type = domain::Method::kTotp;
  domain::FactorStatus status = domain::FactorStatus::kUnconfirmed;
  std::string name;
  WallTime created_at;
  std::optional<WallTime> confirmed_at;
};

/// By which right a factor is bound when it is confirmed.
enum class BindFactor : std::uint8_t {
  kGiven,    ///< By the application. [STD-2, STD-3]
  kVouched,  ///< By an application's key that may vouch. [STD-5]
  kByLink,   ///< On a page, where nothing was ever given, proved or erased. [STD-1]
  kAdded     ///< By the person, with proofs of her other sources. [STD-4]
};
struct ConfirmTerms {
  BindFactor as = BindFactor::kGiven;
  std::vector<domain::Proof> proofs = {};  ///< With kAdded: of the operation, the new factor's own apart.
  std::int64_t skew = 1;
};

/// The first code, with which the factor is bound at its service. It is spent like any other: the same step proves
/// nothing afterwards. [TOTP-4]
[[nodiscard]] Answer<FactorView> confirm_factor(store::Tx& tx, const Context& context, const Caller& caller,
                                                std::string_view identity, const FactorId& id, const SecretString& code,
                                                Moment& moment, const ConfirmTerms& terms = {});

/// Those that are not removed, the newest first; empty for an unknown subject.
[[nodiscard]] std::vector<FactorView> list_factors(store::Tx& tx, const Context& context, const Caller& caller,
                                                   std::string_view identity);

/// It stops working at once, everywhere, and what it proved and was not yet claimed does not stand [STD-8]. The row
/// stays as a record, without its secret. [BND-1, BND-5]
[[nodiscard]] Answer<Done> remove_factor(store::Tx& tx, const Context& context, const Caller& caller,
                                         std::string_view identity, const FactorId& id, Moment& moment,
                                         domain::standing::GoneWhy why = domain::standing::GoneWhy::kLost);

/// [STD-5] By a key that may: a factor that waits gets the shorter road too, and one that sleeps after a hundred wrong
/// codes is awake at once [STD-20], of which all contacts are told. kMayNotVouch; kFactorUnusable before it is
/// confirmed.
[[nodiscard]] Answer<FactorView> vouch_for_factor(store::Tx& tx, const Context& context, const Caller& caller,
                                                  std::string_view identity, const FactorId& id, Moment& moment);

/// The application heard that it is in other hands: it waits anew. [STD-11]
[[nodiscard]] Answer<Done> suspect_factor(store::Tx& tx, const Context& context, const Caller& caller,
                                          std::string_view identity, const FactorId& id, Moment& moment);

/// What the person's app calls her account where the application gave no label: an identity that is an e-mail address;
/// else her newest telephone, or else mailbox, that lives at the factor's service, masked as on the pages, because a
/// link opens them; else the identity, which is all that is known.
[[nodiscard]] std::string account_label(store::Tx& tx, const Context& context, const store::FactorRow& factor,
                                        std::string_view identity);

/// The service that a factor belongs to; one from before factors belonged to a service is of the account's first.
[[nodiscard]] ServiceId service_of_factor(const Context& context, const store::FactorRow& factor);

}  // namespace countersign::usecase
