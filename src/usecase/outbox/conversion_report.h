#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "contact/channel.h"
#include "store/repository/time_range.h"
#include "usecase/problem.h"
#include "usecase/work.h"

namespace countersign::usecase {

struct ConversionQuery {
  store::TimeRange asked;  ///< Whole days that it touches; by default the last seven.
  std::optional<std::string> provider;
  std::optional<contact::Channel> channel;
  std::optional<std::string> country = {};  ///< As in the answer; empty: mailboxes.
  bool by_prefix = false;
  std::optional<std::string> cursor;  ///< `next` of the page before.
  int limit = 50;
};
/// What became of the codes of a day that one provider carried by one channel to one country, or to one prefix there.
struct ConversionView {
  std::chrono::sys_days day;  ///< UTC, of the asking.
  std::string provider;
  std::string channel;
  std::optional<std::string> country = {};        ///< nullopt: mailboxes, and numbers of no country.
  std::optional<std::string> prefix = {};         ///< Without the last four digits, or `other`; only by prefix.
  int attempt = 1;                                ///< 3: the third and later ones.
  std::int64_t started = 0;                       ///< Messages that the provider accepted.
  std::int64_t approved = 0;                      ///< Right codes.
  std::optional<std::int64_t> mean_seconds = {};  ///< From the asking to the right code.
};
struct ConversionPage {
  std::vector<ConversionView> views;
  std::optional<std::string> next;
};
/// Of the caller's account, in order of day, provider, channel, country, prefix and attempt. What the last seconds
/// brought may be missing. [ADR 47]
[[nodiscard]] Answer<ConversionPage> report_conversion(const Work& work, const ConversionQuery& query);

}  // namespace countersign::usecase
