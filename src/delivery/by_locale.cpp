#include "delivery/by_locale.h"

#include <algorithm>

#include "base/check.h"

namespace countersign::delivery {

const std::string& best_for(const ByLocale& entries, std::string_view locale) {
  CS_CHECK(!entries.empty());
  if (const auto same = entries.find(locale); same != entries.end()) return same->second;
  for (const auto language : {language_of(locale), std::string_view("en")}) {
    const auto near = std::ranges::find_if(entries, [&](const auto& e) { return language_of(e.first) == language; });
    if (near != entries.end()) return near->second;
  }
  return entries.begin()->second;
}

}  // namespace countersign::delivery
