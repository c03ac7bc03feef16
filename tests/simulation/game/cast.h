#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/id.h"
#include "base/secret.h"
#include "contact/channel.h"
#include "domain/policy.h"
#include "support/software_authenticator.h"
#include "unit/usecase/verify_api/device_key.h"
#include "usecase/push/answer.h"

// The state of the game: sources, transactions, letters with codes, and the referee's notes.
namespace countersign::simulation::game {

/// Whether a source belongs only to the service that bound it.
inline constexpr bool kPerService = true;

inline constexpr std::size_t kNone = static_cast<std::size_t>(-1);

enum class Who : std::uint8_t { kPerson, kAdversary };
[[nodiscard]] std::string_view name_of(Who who);

/// A device is a browser that is asked by Web Push, a phone one with Twilio's mobile SDKs.
enum class Thing : std::uint8_t { kLine, kMailbox, kApp, kCodes, kKey, kDevice, kPhone };
/// An app, a list of recovery codes, a passkey, a device or a phone; else it is reached by an address.
[[nodiscard]] constexpr bool is_factor(Thing thing) { return thing != Thing::kLine && thing != Thing::kMailbox; }
/// Adds nothing alone, and decides nothing. [STD-4]
[[nodiscard]] constexpr bool is_weak(Thing thing) { return thing == Thing::kMailbox || thing == Thing::kCodes; }
/// Whoever asks too often makes it silent, for her too, until she has proved something else. [THR-8]
[[nodiscard]] constexpr bool is_asked(Thing thing) { return thing == Thing::kDevice || thing == Thing::kPhone; }

/// A source in the outside world: a telephone line, a mailbox, an authenticator app, a list of recovery codes, a
/// passkey or security key. Its holder may change at any time, and reads what is sent to it, computes its codes, has
/// the list, or touches the key.
struct Source {
  std::size_t id = 0;
  Thing thing = Thing::kLine;
  std::string name;                ///< For the log.
  std::string address;             ///< Of a line or mailbox.
  std::string seed;                ///< Of an app.
  std::vector<std::string> codes;  ///< Of a list.
  std::size_t used = 0;            ///< How many of them were used, the first ones.
  // Of a key.
  std::optional<testing::SoftwareAuthenticator> device = {};
  std::optional<testing::SoftwareAuthenticator> copy = {};  ///< His, of the same key.
  std::string offer = {};                                   ///< The options of its registration.
  bool verifies = false;      ///< It asks for PIN, finger or face, and knows hers; else it feels a touch alone.
  bool his_verifies = false;  ///< It lets him pass too.
  bool synced = false;        ///< It may be copied to other devices, and says so.
  bool cloned = false;        ///< It was copied although it may not be: its counter may fall behind.

  std::shared_ptr<const testing::DeviceKey> pair = {};  ///< Of a device or a phone.

  FactorId factor;                           ///< Of what is no contact, as the product calls it.
  std::size_t owner = kNone;                 ///< The person; kNone: made for the adversary.
  bool hers = false;                         ///< Its owner can answer with it.
  bool his = false;                          ///< The adversary can.
  bool confirmed = false;                    ///< Of what is no contact.
  std::uint64_t guesses = 0;                 ///< Wrong codes of the adversary against it.
  std::optional<WallTime> sim_changed = {};  ///< Of a line: by him, or by her with a new telephone. The carrier knows.
};

struct Person {
  std::string identity = {};
  std::string service = {};  ///< Name of the service where the person was registered.
  bool registered = false;
  bool session_stolen = false;
  std::size_t line = kNone;  ///< The person's current line; kNone: none.
  std::size_t mailbox = kNone;
  std::size_t app = kNone;
  std::size_t codes = kNone;  ///< Her list of recovery codes.
  std::size_t key = kNone;    ///< Her passkey or security key.
  std::size_t device = kNone;
  std::size_t phone = kNone;
};

/// A code or a notice that arrived.
struct Letter {
  std::size_t source = kNone;
  contact::Channel channel = contact::Channel::kSms;
  std::string code;                    ///< Empty: a notice.
  std::optional<TransactionId> shows;  ///< The transaction whose facts it shows, or that asked for it first.
  std::optional<VerificationId> verification;
  WallTime at;
  bool hers = false;     ///< The owner of the source read it at arrival.
  bool his = false;      ///< The adversary did.
  bool phished = false;  ///< The reader gave the adversary the code, in the belief of approving `shows`.
};

/// What a key answered once; he has seen it.
struct Assertion {
  std::size_t key = kNone;
  TransactionId deal;
  json::object response;
  bool verified = false;
};

/// A right answer accepted for a transaction.
struct Accepted {
  std::size_t source = kNone;
  domain::Method method = domain::Method::kSms;
  Who who = Who::kPerson;
  WallTime at;
  bool held = false;      ///< Whoever gave it could answer with the source.
  bool guessed = false;   ///< The adversary guessed it.
  bool verified = false;  ///< A key has verified who answered.
  bool bare = false;      ///< A phone has said yes, without a number.
};

/// What a device signed once; he has seen it.
struct SignedByDevice {
  std::size_t device = kNone;
  TransactionId transaction;
  usecase::DeviceAnswer answer;
};

/// A held transaction.
struct Deal {
  TransactionId id;
  std::size_t person = kNone;  ///< kNone: the adversary's own identity.
  std::string identity;
  std::string service;
  std::string policy_name;
  domain::Policy policy;
  std::string link;  ///< The secret of the page.
  WallTime held_at;
  WallTime expires_at;
  Who asked_by = Who::kPerson;  ///< Who caused the hold: the person, or the adversary (in the person's session or under
                                ///< an own identity).
  bool approved = false;        ///< The person saw the facts of this very transaction, and gave an own code for it.
  bool her_link = false;
  bool his_link = false;
  std::set<Who> proved_in;  ///< Whose browser has proved something on its page.
  std::vector<Accepted> accepted;
  bool verified = false;
  bool claimed = false;
  bool over = false;       ///< Denied or canceled.
  bool operation = false;  ///< An operation, not the application's: it adds an app or decides, and releases nothing.
  std::size_t decides = kNone;  ///< An operation that decides about this source, which somebody objected to.
  bool keep = false;

  // For the fraud rules.
  double amount = 0;
  std::string device;  ///< As the application calls it.
  std::string payout;
  std::string payload;
  bool stopped = false;  ///< In review, or refused by a rule: nobody is asked, and nothing is handed out.
  WallTime stopped_at;
  std::set<std::string> yes;           ///< Operators who allow it, since it was stopped.
  bool allowed = false;                ///< They did: no rule stops it again.
  std::set<std::size_t> swapped = {};  ///< Lines whose SIM had changed, as the carrier said before the hold.
};

/// The referee's note about a source bound to an identity at a service.
struct Bound {
  std::size_t source = kNone;
  std::string identity = {};
  std::string service = {};
  WallTime at = {};
  bool by_him = false;   ///< By or through the adversary.
  bool on_page = false;  ///< Added on a page: the adders are those who proved there.
  std::vector<std::size_t> added_with =
      {};                       ///< Sources that answered in the operation that added it, the strongest first.
  bool adder_verified = false;  ///< The first of them, where it is a key, has verified who answered.
  std::set<contact::Channel> channels = {};  ///< Of a line or mailbox.
  bool founding = false;                     ///< Given before the first proof, within a day of the first source.
  std::optional<WallTime> told_at = {};      ///< A contact that took no part in it was notified.
  std::optional<WallTime> webhook_at = {};   ///< The application acknowledged the webhook about it.
  bool vouched = false;                      ///< By support, for the person.
  std::optional<WallTime> forfeited =
      {};  ///< Its adder was lost, the line was suspected, or an objection was undecided.
  std::optional<WallTime> stopped_until = {};  ///< An undecided objection: until it lapses.
  std::optional<WallTime> kept_at = {};        ///< Decided in its favour: counts for holds after that.
  /// As it was when it was stopped, and is again if it is kept.
  struct Before {
    std::optional<WallTime> told_at, webhook_at, forfeited;
  };
  Before before = {};
  std::optional<WallTime> unsure = {};  ///< An objection may have stopped it until then at the latest.
  std::optional<WallTime> gone = {};
  std::optional<WallTime> ends = {};  ///< Replaced: in use at least until then.
  std::string how = {};               ///< For the log.
};

}  // namespace countersign::simulation::game
