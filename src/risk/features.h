#pragma once

#include <array>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace countersign::risk {

// What rules judge by. A feature that nobody knows is absent, and a comparison with it is false: the engine never
// takes "unknown" for "bad". Pure.

/// Numbers; truths are 0 and 1. Counts are of the account. "unverified": codes that left and were not typed; an
/// approval by an established source takes one back. Append only: stored decisions name them.
enum class Feature : std::uint8_t {
  // The person, as she stands (docs/standing.md).
  kProvedContact,         ///< She has proved this contact before.
  kEstablished,           ///< She has a source that counts for any transaction.
  kEstablishedDays,       ///< Since her oldest source counts.
  kContactAgeHours,       ///< Since this contact was given.
  kContactsChangedHours,  ///< Since her newest change of contacts or factors.
  // Codes to the country of the number.
  kCountryUnverifiedDay,
  kCountryUnverifiedHour,
  kCountryVerifiedDay,
  kCountryVerifiedMax,  ///< The most in one of the last 14 days.
  // …to the number without its last four digits, and to its range (without the last six).
  kPrefixUnverifiedDay,
  kPrefixUnverifiedHour,
  kPrefixVerifiedMax,
  kRangeUnverifiedDay,
  // …asked for from the end user's address (IPv6: /64), and its network (/24, /48).
  kAddressUnverifiedDay,
  kAddressUnverifiedHour,
  kAddressVerifiedDay,
  kAddressCountriesDay,  ///< Countries of numbers, but those with a verified code from there.
  kNetworkUnverifiedDay,
  kNetworkVerifiedDay,
  // Trust.
  kNewDevice,           ///< The application's `device` was never seen with this person.
  kNewNetwork,          ///< Nor this network.
  kDeviceSubjectsDay,   ///< People on this device.
  kAddressSubjectsDay,  ///< People at this address.
  kSubjectAddressesDay,
  kPayoutSubjects,  ///< Other people with the same payout fingerprint.
  kHoldsDay,        ///< Transactions of this person, of this type.
  kAmountDay,       ///< Their amounts together, in the currency's unit.
  kAmount,
  kApprovalSeconds,  ///< From the first page shown, or the hold, to the proof.
  kPromptsHour,      ///< Push prompts to this person.
  kDenialsDay,
  kRecoveryFailuresDay,
  kLocalHour,  ///< 0 to 23, in the account's time zone.
  // From outside; absent where nobody answered in time.
  kSimSwapHours,  ///< Since the SIM of this line changed.
  kModelScore,    ///< 0 to 1, of the operator's own model.
};
inline constexpr std::size_t kFeatures = static_cast<std::size_t>(Feature::kModelScore) + 1;

struct FeatureInfo {
  std::string_view name;  ///< As in rules.
  std::string_view unit;  ///< `hours`, `codes`, `yes or no`, …
};
[[nodiscard]] const FeatureInfo& info(Feature feature);
[[nodiscard]] std::optional<Feature> parse_feature(std::string_view name);

/// Words that rules compare.
struct Words {
  std::string service;    ///< Its configured name.
  std::string type;       ///< Of the transaction, as the application calls it.
  std::string channel;    ///< Of a message; at kEnrol the method that is added.
  std::string country;    ///< Two capital letters; empty for a mailbox.
  std::string currency;   ///< Of kAmount.
  std::string line_type;  ///< `mobile`, `landline`, `voip`, … of a signal; empty: not known.
};

class Features {
 public:
  void set(Feature feature, double value) {
    values_[index(feature)] = value;
    known_.set(index(feature));
  }
  [[nodiscard]] bool knows(Feature feature) const { return known_.test(index(feature)); }
  [[nodiscard]] std::optional<double> get(Feature feature) const {
    return knows(feature) ? std::optional(values_[index(feature)]) : std::nullopt;
  }

  Words words;

 private:
  static constexpr std::size_t index(Feature feature) { return static_cast<std::size_t>(feature); }

  std::array<double, kFeatures> values_{};
  std::bitset<kFeatures> known_;
};

}  // namespace countersign::risk
