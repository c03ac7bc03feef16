#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/id.h"
#include "base/secret.h"
#include "contact/channel.h"
#include "domain/policy.h"

// What is on the table of the game: things that answer, transactions, letters with codes, and what the referee noted.
namespace countersign::simulation::game {

/// Whether a source belongs to the service that bound it alone.
inline constexpr bool kPerService = true;

inline constexpr std::size_t kNone = static_cast<std::size_t>(-1);

enum class Who : std::uint8_t { kPerson, kAdversary };
[[nodiscard]] std::string_view name_of(Who who);

enum class Thing : std::uint8_t { kLine, kMailbox, kApp };

/// A thing in the world outside that can be asked: a telephone line, a mailbox, an authenticator app. Who holds it may
/// change at any time; whoever holds it reads what is sent to it, or computes its codes.
struct Source {
  std::size_t id = 0;
  Thing thing = Thing::kLine;
  std::string name;           ///< For the story.
  std::string address;        ///< Of a line or mailbox.
  std::string seed;           ///< Of an app.
  FactorId factor;            ///< Of an app, as the product calls it.
  std::size_t owner = kNone;  ///< The person; kNone: made for the adversary.
  bool hers = false;          ///< Its owner can answer by it.
  bool his = false;           ///< The adversary can.
  bool confirmed = false;     ///< Of an app.
  std::uint64_t guesses = 0;  ///< Wrong codes of the adversary against it.
};

struct Person {
  std::string identity = {};
  std::string service = {};  ///< Where she was registered, by name.
  bool registered = false;
  bool session_stolen = false;
  std::size_t line = kNone;  ///< What she uses now; kNone: nothing.
  std::size_t mailbox = kNone;
  std::size_t app = kNone;
};

/// A code or a notice that arrived.
struct Letter {
  std::size_t source = kNone;
  contact::Channel channel = contact::Channel::kSms;
  std::string code;                    ///< Empty: a notice.
  std::optional<TransactionId> shows;  ///< The transaction whose facts it shows, or that asked for it first.
  std::optional<VerificationId> verification;
  WallTime at;
  bool hers = false;     ///< Read at its arrival by the owner of the source,
  bool his = false;      ///< by the adversary.
  bool phished = false;  ///< The adversary was told the code by its reader, who believed to approve `shows`.
};

/// A right answer that was taken for a transaction.
struct Accepted {
  std::size_t source = kNone;
  domain::Method method = domain::Method::kSms;
  Who who = Who::kPerson;
  WallTime at;
  bool held = false;     ///< Whoever gave it could answer by the source.
  bool guessed = false;  ///< Nobody had told him.
};

/// A held transaction.
struct Deal {
  TransactionId id;
  std::size_t person = kNone;  ///< kNone: the adversary under his own name.
  std::string identity;
  std::string service;
  std::string policy_name;
  domain::Policy policy;
  std::string link;  ///< The secret of the page.
  WallTime held_at;
  WallTime expires_at;
  Who asked_by = Who::kPerson;  ///< Who wanted it held: she, or the adversary in her session or under his name.
  bool approved = false;        ///< She looked at what showed this very transaction, and gave a code of hers for it.
  bool her_link = false;
  bool his_link = false;
  std::set<Who> proved_in;  ///< Whose browser has proved something on its page.
  std::vector<Accepted> accepted;
  bool verified = false;
  bool claimed = false;
  bool over = false;       ///< Denied or canceled.
  bool operation = false;  ///< Not the application's: it adds an app, and releases nothing.
};

/// What the referee noted when a source came to belong to an identity at a service.
struct Bound {
  std::size_t source = kNone;
  std::string identity = {};
  std::string service = {};
  WallTime at = {};
  bool by_him = false;   ///< By the adversary, or through him.
  bool on_page = false;  ///< Added on a page: the adders are those who proved there.
  std::vector<std::size_t> added_with =
      {};  ///< Sources that answered in the operation that added it, the strongest first.
  std::set<contact::Channel> channels = {};  ///< Of a line or mailbox.
  bool founding = false;                 ///< Given before anything was ever proved, within a day of the first source.
  std::optional<WallTime> told_at = {};  ///< Somebody who had no part in it was told.
  std::optional<WallTime> webhook_at = {};  ///< The application acknowledged the webhook about it.
  bool vouched = false;                     ///< By support, for the person.
  std::optional<WallTime> forfeited = {};   ///< Its adder was lost, the line was suspected, an objection was undecided.
  std::optional<WallTime> unsure = {};      ///< An objection may have stopped it, until then at the latest.
  std::optional<WallTime> gone = {};
  std::optional<WallTime> ends = {};  ///< Replaced: in use until then at the least.
  std::string how = {};               ///< For the story.
};

}  // namespace countersign::simulation::game
