#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "base/id.h"
#include "base/time.h"
#include "contact/channel.h"
#include "store/tx.h"
#include "usecase/context.h"

namespace countersign::usecase {

/// Hears what is counted, for metrics: once it is durable, on any thread, several at a time. Cheap; throws nothing.
/// What it is told are names of the configuration, ids and fixed words: nothing of a person, and nothing that people
/// type.
class Tally {
 public:
  /// Names of account and service; `service` is an id where the configuration does not name it, and empty where there
  /// is none.
  struct Place {
    std::string account;
    std::string service;
  };

  Tally() = default;
  Tally(const Tally&) = delete;
  Tally& operator=(const Tally&) = delete;
  virtual ~Tally() = default;

  /// An event of the audit trail, by its type.
  virtual void on_event(const Place& place, std::string_view type) = 0;
  /// A verification began. `country` as of country_of().
  virtual void on_started(const Place& place, contact::Channel channel, std::string_view country) = 0;
  /// A code was right. `method`: a channel's name, or `totp`.
  virtual void on_approved(const Place& place, std::string_view method, std::string_view country) = 0;
  /// A transaction was claimed for the first time; once for each method that proved it.
  virtual void on_claimed(const Place& place, std::string_view method) = 0;
  /// A limit refused something. `country` is empty where the limit is not about a message.
  virtual void on_limit(std::string_view account, std::string_view limit, std::string_view country) = 0;
  /// Wrong codes in a row locked something: `line` for who has proved it, `line_strangers` for all others, `app`.
  virtual void on_lock(std::string_view account, std::string_view what) = 0;
  /// A provider took a message over, so long after it was queued.
  virtual void on_accepted(const Place& place, contact::Channel channel, std::string_view country,
                           Duration latency) = 0;
  /// A message will not be tried again, or was reported as not delivered.
  virtual void on_message_failed(const Place& place, std::string_view provider, contact::Channel channel,
                                 std::string_view country, std::string_view fault) = 0;
  /// A webhook will not be tried again.
  virtual void on_webhook_failed(std::string_view endpoint) = 0;
};

[[nodiscard]] Tally::Place place_of(const Context& context, const AccountId& account, const ServiceId& service);

/// Of an E.164 number the ISO 3166 code, or the calling code (`+870`) above countries; `none` for a mailbox; `unknown`
/// where the address is empty.
[[nodiscard]] std::string country_of(std::string_view address);

/// Who hears what happens in an account: nobody where there is no tally, and nobody of test accounts, so that metrics
/// and alerts are about people.
[[nodiscard]] Tally* tally_for(const Context& context, const AccountId& account);

/// Tells `what(tally, place)` when the unit is durable, as of tally_for().
template <class What>
void count(store::Tx& tx, const Context& context, const AccountId& account, const ServiceId& service, What what) {
  Tally* const tally = tally_for(context, account);
  if (tally == nullptr) return;
  tx.when_durable([&context, tally, account, service, what = std::move(what)] {
    what(*tally, place_of(context, account, service));
  });
}

/// That a limit refuses something, also where the unit is then abandoned. `address` is whom the message would have been
/// for; empty where it is not about one. `limit` is a literal.
void note_limit(store::Tx& tx, const Context& context, const AccountId& account, std::string_view limit,
                std::string_view address = {});

}  // namespace countersign::usecase
