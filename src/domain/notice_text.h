#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "contact/channel.h"
#include "domain/method.h"

namespace countersign::domain {

/// What a notice says happened. [STD-7]
enum class NoticeAbout : std::uint8_t {
  kAdded,      ///< A source was bound.
  kVouched,    ///< The application vouched for it. [STD-5]
  kWoken,      ///< It slept after a hundred wrong codes, and the application woke it. [STD-20]
  kWaitsAnew,  ///< It was there, and waits anew: after a loss, a suspicion, an objection that lapsed.
  kReplaced,
  kLost,
  kRemoved,
  kErasure,  ///< Everything will be erased in three days. [STD-14]
};
/// `added`, `vouched`, `woken`, `waits_anew`, `replaced`, `lost`, `removed`, `erasure`.
[[nodiscard]] std::string_view to_text(NoticeAbout about);

struct NoticeParts {
  std::string_view service_name;
  std::string_view locale;  ///< pt-BR, en or es; anything else reads as en.
  NoticeAbout about = NoticeAbout::kAdded;
  Kind kind = Kind::kPhone;    ///< Not looked at for an erasure.
  std::string_view masked;     ///< Of the source that it is about; empty: it is not said.
  std::string_view objection;  ///< Whom to contact, as people read it: "o suporte: 0800 123 4567".
};

/// The text of a notice: who writes, what changed, and whom to contact. No link. A text message is written in GSM-7 and
/// fits one segment of 160 septets: first the masked address gives way, then the service's name is cut. Where that name
/// or the contact is in letters without a likeness there, it goes out in UCS-2, in as few segments as it can.
[[nodiscard]] std::string notice_text(contact::Channel channel, const NoticeParts& parts);
/// Subject of the e-mail.
[[nodiscard]] std::string notice_subject(const NoticeParts& parts);

/// A code by which whoever was told stops a change. [STD-11]
struct ObjectionCodeParts {
  std::string_view service_name;
  std::string_view locale;
  std::string_view code;
  int valid_minutes = 10;
};
[[nodiscard]] std::string objection_code_text(contact::Channel channel, const ObjectionCodeParts& parts);

/// The title of the operation by which a person decides about a change that was stopped: "Allow a change: new phone".
[[nodiscard]] std::string decision_title(std::string_view locale, Kind kind, bool keep);
/// "new phone".
[[nodiscard]] std::string_view source_noun(std::string_view locale, Kind kind);

/// Why a sentence about whom to contact cannot stand in notices, or nothing: 1 to 50 characters on one line, that no
/// phone makes a link of. Telephone numbers and e-mail addresses are welcome.
[[nodiscard]] std::optional<std::string_view> objection_fault(std::string_view objection);

}  // namespace countersign::domain
