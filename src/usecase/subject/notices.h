#pragma once

#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>

#include "domain/notice_text.h"
#include "domain/standing/changes.h"
#include "store/repository/notices.h"
#include "store/repository/vault.h"
#include "usecase/work.h"

namespace countersign::usecase {

/// How one of our providers sends free text to a contact.
struct Reached {
  contact::Channel channel = contact::Channel::kSms;
  std::string provider;
  SecretString address;
};

/// The channel that can notify a subject's phone number or mailbox: for a phone number SMS, else WhatsApp, else a call;
/// of the channel's providers, in their order or by weight, the first that works and is not drained, as for codes
/// [ADR 45]. Nothing if the service only has providers that send their own codes, or the address is gone. [STD-7]
/// `but`: by none of these.
[[nodiscard]] std::optional<Reached> reach(store::Tx& tx, const Context& context, const AccountId& account,
                                           const ServiceSettings& service, const domain::standing::Binding& contact,
                                           std::span<const std::pair<contact::Channel, std::string>> but = {});

/// The language for messages to a subject: that of the call, else of the subject's newest transaction, else the
/// service's.
[[nodiscard]] std::string locale_of(store::Tx& tx, const Caller& caller, const SubjectId& subject,
                                    const ServiceSettings& service);

/// Whether the service can send notices at all.
[[nodiscard]] bool can_tell(const ServiceSettings& service);

/// Enqueues the notices about a change, in the same database transaction: for each binding that was added, vouched for,
/// made to wait again or ended, or is to be removed or was not removed after all, to every contact that was proved or
/// founding, including those removed within 30 days. A new source gets no notice about itself, nor do founding contacts
/// of the same change. A contact that has had as many notices as allowed (or the subject's unproved contacts together)
/// gets one later, of all changes since
/// (`notice.suppressed`, once for each contact and change), and the time limit of what changed ends with it: writes
/// that into `change.history`, which is not stored here. [STD-7]
void tell(const Work& work, domain::standing::Change& change);

/// Notifies all contacts: the application has re-enabled a disabled factor. [STD-20]
void tell_of_waking(const Work& work, const domain::standing::History& history,
                    const domain::standing::Binding& binding);

/// Notifies all contacts: the person gave a factor another name.
void tell_of_renaming(const Work& work, const domain::standing::History& history,
                      const domain::standing::Binding& binding);

/// Notifies all contacts: a recovery code of that set was used, and so many are left. [BKP-6]
void tell_of_code_used(const Work& work, const domain::standing::History& history,
                       const domain::standing::Binding& binding, std::size_t left);

/// How long until that contact may get another notice; zero if now.
[[nodiscard]] Duration wait_for_notice(store::Tx& tx, const Context& context, const AccountId& account,
                                       const domain::standing::History& history, const Id& contact, WallTime now);
/// Counts a notice to that contact, if it may get one now.
bool count_notice_to(store::Tx& tx, const Context& context, const AccountId& account,
                     const domain::standing::History& history, const Id& contact, WallTime now);

/// What a notice of all changes since a time (NoticeRow::since) says, written when it is sent, for its text must name
/// the changes that were made while it waited. Sets `row.until`.
[[nodiscard]] std::string text_of_changes_since(const Context& context, store::NoticeRow& row,
                                                const domain::standing::History& history, std::string_view locale,
                                                WallTime now);

/// The notices of one erasure, over all services.
struct ErasureNotices {
  std::set<Id> contacts;  ///< The recipients, each once.
  int queued = 0;
  Duration proved_kept_back{};  ///< The longest delay that the ceiling causes for a contact that the person has proved…
  Duration other_kept_back{};   ///< …or for another.

  /// An erasure goes ahead even if no notice arrives, so nobody may request it while a flood of changes keeps the
  /// notice back. How long that lasts; else zero.
  [[nodiscard]] Duration wait() const {
    return queued == 0 ? std::max(proved_kept_back, other_kept_back) : proved_kept_back;
  }
};

/// Notifies all contacts that are not in `notices.contacts` yet, and adds them there: everything will be erased.
/// [STD-14]
void tell_of_erasure(const Work& work, const domain::standing::History& history, ErasureNotices& notices);

}  // namespace countersign::usecase
