#pragma once

#include <array>
#include <string_view>
#include <utility>

namespace countersign::api::pages {

/// The keywords that forms leave: whether each is an error, which field it is about, and whether to mention another
/// way, if there is one.
struct NoteKind {
  std::string_view word;
  bool alert = true;
  std::string_view field = "";
  bool names_other_way = false;
};
inline constexpr std::array kNotes{NoteKind{"wrong", true, "code"},
                                   NoteKind{"wrong_app", true, "code"},
                                   NoteKind{"wrong_recovery", true, "code"},
                                   NoteKind{"length_recovery", true, "code"},
                                   NoteKind{"empty", true, "code"},
                                   NoteKind{"length", true, "code"},
                                   NoteKind{"name", true, "name"},
                                   NoteKind{"exhausted"},
                                   NoteKind{"too_soon"},
                                   NoteKind{"sends_out"},
                                   NoteKind{"busy", true, "", true},
                                   NoteKind{"no_messages", true, "", true},
                                   NoteKind{"work", false, "", true},
                                   NoteKind{"not_yet"},
                                   NoteKind{"upstream"},
                                   NoteKind{"passkey_refused", true, "", true},
                                   NoteKind{"passkey_gone", true, "", true},
                                   NoteKind{"passkey_script", true, "", true},
                                   NoteKind{"way_gone", true, "", true},
                                   NoteKind{"stale"},
                                   NoteKind{"enrol_again"},
                                   NoteKind{"enrol_not"},
                                   NoteKind{"enrol_refused"},
                                   NoteKind{"codes_again"},
                                   NoteKind{"codes_not"},
                                   NoteKind{"lost"},
                                   NoteKind{"sent", false},
                                   NoteKind{"checking", false},
                                   NoteKind{"one_more", false},
                                   NoteKind{"fresh", false, "", true},
                                   NoteKind{"enrolled", false},
                                   NoteKind{"enrolled_use", false},
                                   NoteKind{"stopped_gone"},
                                   NoteKind{"not_sent", true, "", true},
                                   NoteKind{"refused_number", true, "", true},
                                   NoteKind{"not_available", true, "", true},
                                   NoteKind{"cookies"},
                                   NoteKind{"manage_name", true, "name"},
                                   NoteKind{"manage_taken", true, "name"},
                                   NoteKind{"manage_last"},
                                   NoteKind{"manage_stays"},
                                   NoteKind{"manage_few"},
                                   NoteKind{"manage_gone"},
                                   NoteKind{"passkey_wrong"},
                                   NoteKind{"passkey_unknown"},
                                   NoteKind{"passkey_new_script"},
                                   NoteKind{"push_script", true, "", true},
                                   NoteKind{"push_quiet", true, "", true},
                                   NoteKind{"push_own", true, "", true},
                                   NoteKind{"push_spent", true, "", true},
                                   NoteKind{"push_expired", true, "", true},
                                   NoteKind{"push_unsigned"},
                                   NoteKind{"push_refused"},
                                   NoteKind{"push_locked"},
                                   NoteKind{"device_script"},
                                   NoteKind{"device_wrong"}};

/// The window's title, unless the page has something more urgent.
inline constexpr std::array<std::pair<std::string_view, std::string_view>, 22> kTitles{
    {{"push", "push.title"},
     {"approve", "approve.title"},
     {"add_device", "device.title"},
     {"enrol_device", "device.title"},
     {"manage", "manage.title"},
     {"manage_rename", "manage.rename_title"},
     {"manage_remove", "manage.remove_title"},
     {"enrol_passkey", "manage.passkey_title"},
     {"methods", "methods.title"},
     {"passkey", "passkey.title"},
     {"send", "send.title"},
     {"work", "send.title"},
     {"code", "code.title"},
     {"enrol", "enrol.title"},
     {"enrol_totp", "enrol.title"},
     {"codes", "codes.title"},
     {"add_passkey", "manage.passkey_title"},
     {"codes_list", "codes.list_title"},
     {"blocked", "blocked.title"},
     {"deny", "deny.title"},
     {"change", "change.title"},
     {"locked", "locked.title"}}};

}  // namespace countersign::api::pages
