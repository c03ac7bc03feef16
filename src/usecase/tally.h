#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "base/id.h"
#include "base/time.h"
#include "contact/channel.h"
#include "risk/decision.h"
#include "store/tx.h"
#include "usecase/work.h"

namespace countersign::usecase {

/// Receives counts for metrics: after the commit, on any thread, concurrently. Must be cheap and not throw. Gets
/// configured names, ids and fixed words: no personal data, and no user input.
class Tally {
 public:
  /// Names of account and service; `service` is an id if it is not in the configuration, and empty if there is none.
  struct Place {
    std::string account;
    std::string service;
  };

  Tally() = default;
  Tally(const Tally&) = delete;
  Tally& operator=(const Tally&) = delete;
  virtual ~Tally() = default;

  /// An audit event, by its type.
  virtual void on_event(const Place& place, std::string_view type) = 0;
  /// A verification began. `country` as of country_of().
  virtual void on_started(const Place& place, contact::Channel channel, std::string_view country) = 0;
  /// A code was right. `method`: name of a channel, `totp` or `recovery_code`.
  virtual void on_approved(const Place& place, std::string_view method, std::string_view country) = 0;
  /// A transaction was claimed for the first time; called once per method that proved it.
  virtual void on_claimed(const Place& place, std::string_view method) = 0;
  /// A limit refused a request. `country` is empty if the limit is not about a message.
  virtual void on_limit(std::string_view account, std::string_view limit, std::string_view country) = 0;
  /// Wrong codes in a row caused a lock: `line` for a person who has proved the line, `line_strangers` for all others,
  /// `app`, `recovery_codes`, `push`.
  virtual void on_lock(std::string_view account, std::string_view what) = 0;
  /// The fraud rules decided something. `country`: of the number, if it is about a message; else empty.
  virtual void on_decision(const Place& place, const risk::Decision& decision, std::string_view country) = 0;
  /// A provider accepted a message, that long after it was queued.
  virtual void on_accepted(const Place& place, contact::Channel channel, std::string_view country,
                           Duration latency) = 0;
  /// A provider accepted a code; and a code that it carried was right.
  virtual void on_carried(std::string_view provider, contact::Channel channel, std::string_view country) = 0;
  virtual void on_converted(std::string_view provider, contact::Channel channel, std::string_view country) = 0;
  /// A message will not be retried, or was reported as undelivered.
  virtual void on_message_failed(const Place& place, std::string_view provider, contact::Channel channel,
                                 std::string_view country, std::string_view fault) = 0;
  /// A provider reported about a message: a stage of contact::DeliveryStage, the reason of a failure, else `none`, and
  /// what it changed (domain::ReportEffect).
  virtual void on_delivery_report(std::string_view provider, contact::Channel channel, std::string_view stage,
                                  std::string_view reason, std::string_view effect) = 0;
  /// A webhook will not be retried.
  virtual void on_webhook_failed(std::string_view endpoint) = 0;
};

[[nodiscard]] Tally::Place place_of(const Context& context, const AccountId& account, const ServiceId& service);

/// The ISO 3166 code of an E.164 number, or the calling code (`+870`) of a number without a country; `none` for an
/// e-mail address; `unknown` for an empty one.
[[nodiscard]] std::string country_of(std::string_view address);

/// The tally for events in an account: null if there is no tally, and for test accounts, so that metrics and alerts are
/// about people.
[[nodiscard]] Tally* tally_for(const Context& context, const AccountId& account);

/// Calls `what(tally, place)` after the commit, for the tally of tally_for().
template <class What>
void count(store::Tx& tx, const Context& context, const AccountId& account, const ServiceId& service, What what) {
  Tally* const tally = tally_for(context, account);
  if (tally == nullptr) return;
  tx.when_durable([&context, tally, account, service, what = std::move(what)] {
    what(*tally, place_of(context, account, service));
  });
}

/// Reports that a limit refuses, even if the unit is then rolled back. `address`: the recipient of the message; empty
/// if there is none. `limit` is a literal.
void note_limit(store::Tx& tx, const Context& context, const AccountId& account, std::string_view limit,
                std::string_view address = {});

}  // namespace countersign::usecase
