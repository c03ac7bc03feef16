#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "contact/channel.h"
#include "domain/method.h"

namespace countersign::domain {

/// What happened, according to a notice. [STD-7]
enum class NoticeAbout : std::uint8_t {
  kAdded,      ///< A source was bound.
  kVouched,    ///< The application vouched for it. [STD-5]
  kWoken,      ///< Disabled after a hundred wrong codes, and enabled by the application. [STD-20]
  kWaitsAnew,  ///< An existing source waits again: after a loss, a suspicion, a lapsed objection.
  kReplaced,
  kLost,
  kRemoved,
  kErasure,     ///< Everything will be erased in three days. [STD-14]
  kCodeUsed,    ///< A recovery code was used. [BKP-6]
  kLeaving,     ///< The person asked on a page that it be removed, which takes place unless somebody objects. [STD-8]
  kRenamed,     ///< The person gave it another name.
  kNotRemoved,  ///< Its removal was due, but too little would have been left. [STD-8]
};
/// `added`, `vouched`, `woken`, `waits_anew`, `replaced`, `lost`, `removed`, `erasure`, `code_used`,
/// `leaving`, `renamed`, `not_removed`.
[[nodiscard]] std::string_view to_text(NoticeAbout about);

struct NoticeParts {
  std::string_view service_name;
  std::string_view locale;  ///< pt-BR, en or es; anything else is treated as en.
  NoticeAbout about = NoticeAbout::kAdded;
  Kind kind = Kind::kPhone;                 ///< Ignored for an erasure and a used code.
  std::string_view masked;                  ///< Masked address of the source; empty: omitted.
  std::string_view objection;               ///< Whom to contact, as people read it: "o suporte: 0800 123 4567".
  std::optional<std::size_t> codes_left{};  ///< Only with kCodeUsed.
};

/// The text of a notice: the sender, what changed, and whom to contact. No link. A text message uses GSM-7 and fits one
/// segment of 160 septets: first the masked address is dropped, then the service's name is cut. If that name or the
/// contact has letters without a replacement, it is sent in UCS-2, in as few segments as possible.
[[nodiscard]] std::string notice_text(contact::Channel channel, const NoticeParts& parts);
/// What happened to sources of one kind, and to how many.
struct NoticeChange {
  NoticeAbout about = NoticeAbout::kAdded;
  Kind kind = Kind::kPhone;
  std::size_t count = 1;
};
/// One notice of several changes, in the given order: "a new phone was added to your account (12); …". Otherwise like
/// notice_text, in as few segments as it needs. `parts.about`, `.kind`, `.masked` and `.codes_left` have no effect: of
/// used recovery codes it says how many.
[[nodiscard]] std::string notice_of_changes(contact::Channel channel, const NoticeParts& parts,
                                            std::span<const NoticeChange> changes);
/// Subject of the e-mail.
[[nodiscard]] std::string notice_subject(const NoticeParts& parts);

/// A code with which a notified contact stops a change. [STD-11]
struct ObjectionCodeParts {
  std::string_view service_name;
  std::string_view locale;
  std::string_view code;
  int valid_minutes = 10;
};
[[nodiscard]] std::string objection_code_text(contact::Channel channel, const ObjectionCodeParts& parts);

/// Title of the operation in which a person decides about a stopped change: "Allow a change: new phone".
[[nodiscard]] std::string decision_title(std::string_view locale, Kind kind, bool keep);
/// "new phone".
[[nodiscard]] std::string_view source_noun(std::string_view locale, Kind kind);

/// Why a sentence about whom to contact is invalid in notices, or nullopt: 1 to 50 characters on one line, nothing that
/// phones turn into a link. Telephone numbers and e-mail addresses are allowed.
[[nodiscard]] std::optional<std::string_view> objection_fault(std::string_view objection);

}  // namespace countersign::domain
