#pragma once

#include <optional>
#include <set>
#include <string>

#include "domain/notice_text.h"
#include "domain/standing/changes.h"
#include "store/repository/vault.h"
#include "usecase/context.h"

namespace countersign::usecase {

/// How a provider of ours brings free text to a contact.
struct Reached {
  contact::Channel channel = contact::Channel::kSms;
  std::string provider;
  SecretString address;
};

/// By which channel a telephone or mailbox of a subject's can be told: a telephone by SMS, else WhatsApp, else a call.
/// Nothing where the service has only providers that send their own codes, or the address is gone. [STD-7] `after`:
/// what refused it; then the next one that can.
[[nodiscard]] std::optional<Reached> reach(store::Tx& tx, const store::Vault& vault, const AccountId& account,
                                           const ServiceSettings& service, const domain::standing::Binding& contact,
                                           const Reached* after = nullptr);

/// In which language a subject is written to: that of the call, else of her newest transaction, else the service's.
[[nodiscard]] std::string locale_of(store::Tx& tx, const Caller& caller, const SubjectId& subject,
                                    const ServiceSettings& service);

/// Whether anybody at all can be told at that service.
[[nodiscard]] bool can_tell(const ServiceSettings& service);

/// Queues the notices about a change, in the database transaction that makes it: for each binding that was added,
/// vouched for or made to wait anew, and for each that ended, to every contact that was proved or founded, those
/// removed within 30 days included. Not about a new source to itself, nor to founding contacts of the same change. What
/// goes beyond the ceiling of a contact, or of what a subject's contacts that nobody has proved get together, is not
/// sent, nor counts as told (`notice.suppressed`). [STD-7]
void tell(store::Tx& tx, const Context& context, const Caller& caller, const domain::standing::Change& change,
          Moment& moment);

/// To all of them: the application has woken a factor that slept. [STD-20]
void tell_of_waking(store::Tx& tx, const Context& context, const Caller& caller,
                    const domain::standing::History& history, const domain::standing::Binding& binding, Moment& moment);

/// What became of the notices of one erasure, over all services.
struct ErasureNotices {
  std::set<Id> contacts;  ///< Who was to be told, each once.
  int queued = 0;
  Duration proved_kept_back{};  ///< The longest that the ceiling keeps one from a contact that the person has proved…
  Duration other_kept_back{};   ///< …or from another.

  /// An erasure acts although nobody heard of it, so it must not be asked for while one's own flood of changes keeps
  /// the notice back. How long that is; zero where it is not so.
  [[nodiscard]] Duration wait() const {
    return queued == 0 ? std::max(proved_kept_back, other_kept_back) : proved_kept_back;
  }
};

/// To all of them that are not in `notices.contacts` yet, which it adds: everything will be erased. [STD-14]
void tell_of_erasure(store::Tx& tx, const Context& context, const Caller& caller,
                     const domain::standing::History& history, ErasureNotices& notices, Moment& moment);

}  // namespace countersign::usecase
