#include "risk/features.h"

#include <algorithm>

namespace countersign::risk {

namespace {

constexpr std::array<FeatureInfo, kFeatures> kInfos = {{
    {"proved_contact", "yes or no"},
    {"established", "yes or no"},
    {"established_days", "days"},
    {"contact_age_hours", "hours"},
    {"contacts_changed_hours", "hours"},
    {"country_unverified_day", "codes"},
    {"country_unverified_hour", "codes"},
    {"country_verified_day", "codes"},
    {"country_verified_max", "codes a day"},
    {"prefix_unverified_day", "codes"},
    {"prefix_unverified_hour", "codes"},
    {"prefix_verified_max", "codes a day"},
    {"range_unverified_day", "codes"},
    {"address_unverified_day", "codes"},
    {"address_unverified_hour", "codes"},
    {"address_verified_day", "codes"},
    {"address_countries_day", "countries"},
    {"network_unverified_day", "codes"},
    {"network_verified_day", "codes"},
    {"new_device", "yes or no"},
    {"new_network", "yes or no"},
    {"device_subjects_day", "people"},
    {"address_subjects_day", "people"},
    {"subject_addresses_day", "addresses"},
    {"payout_subjects", "people"},
    {"holds_day", "transactions"},
    {"amount_day", "units of the currency"},
    {"amount", "units of the currency"},
    {"approval_seconds", "seconds"},
    {"prompts_hour", "prompts"},
    {"denials_day", "denials"},
    {"recovery_failures_day", "failures"},
    {"local_hour", "hour of the day"},
    {"sim_swap_hours", "hours"},
    {"model_score", "0 to 1"},
}};

}  // namespace

const FeatureInfo& info(Feature feature) { return kInfos.at(static_cast<std::size_t>(feature)); }

std::optional<Feature> parse_feature(std::string_view name) {
  const auto* const found = std::ranges::find(kInfos, name, &FeatureInfo::name);
  if (found == kInfos.end()) return std::nullopt;
  return static_cast<Feature>(found - kInfos.begin());
}

}  // namespace countersign::risk
