#pragma once

#include <optional>
#include <string>
#include <vector>

#include "domain/standing/counts.h"
#include "store/repository/transactions.h"
#include "usecase/subject/contacts.h"
#include "usecase/work.h"

namespace countersign::usecase {

// The page on which a person sees and manages the own methods. An application opens it by a link, which is a
// transaction of the type domain::Purpose::kShowMethods: nothing can be proved in it, and it grants nothing. It shows
// what is masked; each change is an operation of its own (enrol_on_page.h, change_on_page.h, decide_on_page.h).

inline constexpr Duration kMethodsPageLife = std::chrono::minutes(30);

/// For an application, which sends the person from its own security page; the person returns to `return_url` (may be
/// empty). An empty `locale` means that of the subject's newest transaction, else the service's.
struct MethodsPageRequest {
  std::string return_url;
  std::string locale;
};
struct MethodsPage {
  TransactionId id;
  std::string url;
  WallTime expires_at;
};
/// Also for a subject without any source: the page says so. kInvalidField; kNotFound for an unknown subject;
/// kRateLimited.
[[nodiscard]] Answer<MethodsPage> open_methods_page(const Work& work, const SubjectAt& subject,
                                                    const MethodsPageRequest& page);

/// One source that the person has at the service of the page.
struct MethodView {
  BindingId binding;
  domain::Kind kind = domain::Kind::kPhone;
  std::string masked;                      ///< Of a phone number or mailbox.
  std::vector<contact::Channel> channels;  ///< Of a phone number.
  std::string name;                        ///< Of a factor, given by the person.
  std::string provider;                    ///< Of a passkey: what its authenticator calls itself; may be empty.
  std::optional<bool> synced;              ///< Of a passkey: whether it can be on other devices too.
  WallTime added_at;
  std::optional<WallTime> used_at;        ///< Of a passkey (to the day) or app.
  std::optional<std::size_t> codes_left;  ///< Of recovery codes.
  domain::standing::Counts counts;        ///< For what is held now.
  std::optional<bool> subscribed;         ///< Of a device: whether messages to it can be sent.
  bool is_disabled = false;               ///< An app, after too many wrong codes.
  bool is_leaving = false;                ///< Its removal was asked for.
  std::optional<WallTime> leaves_at;      ///< When that takes place, once known.
  bool may_be_renamed = false;
  bool may_be_removed = false;
  bool is_last = false;                    ///< It cannot be removed, because too little would be left.
  bool stays = false;                      ///< It cannot be removed here, because somebody objected lately.
  std::optional<WallTime> not_removed_at;  ///< Lately its removal was due, but too little would have been left.
};

struct MethodsView {
  std::vector<MethodView>
      methods;              ///< Passkeys, apps, devices, telephones, mailboxes, recovery codes; each the newest first.
  bool may_change = false;  ///< The person has enough sources that count and that the page can ask for.
  bool needs_pin = false;   ///< It cannot, only because no passkey has verified the person: a key without a PIN.
  bool is_full = false;     ///< No more factors fit.
  bool may_add_passkey = false;
  bool may_add_app = false;
  bool may_add_device = false;  ///< The service's devices are enrolled on its pages, and a policy takes them.
  bool may_add_codes = false;
  bool has_codes = false;  ///< So new ones replace them.
};
/// `page`: a transaction of the type kShowMethods.
[[nodiscard]] MethodsView methods_for_person(store::Tx& tx, const Context& context, const store::TransactionRow& page,
                                             WallTime now);

/// What a browser may be told of the person's passkeys, so that it offers none that is gone and shows the right name
/// (WebAuthn L3, 5.1.10). All that the person has under this RP ID, those that are leaving too: a browser hides what is
/// not in it. Only after a proof in that browser. nullopt where the service has no passkeys or the person none.
struct PasskeySignals {
  std::string rp_id;
  std::string user_id;                   ///< Bytes.
  std::vector<std::string> credentials;  ///< Ids, as bytes.
  std::string name;                      ///< As in the options of a registration.
};
[[nodiscard]] std::optional<PasskeySignals> passkey_signals(store::Tx& tx, const Context& context,
                                                            const store::TransactionRow& row);

}  // namespace countersign::usecase
