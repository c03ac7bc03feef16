#include "usecase/verify_api/attempts.h"

#include <algorithm>

#include "contact/phone_number.h"
#include "store/repository/attempts.h"
#include "usecase/verify_api/service.h"

namespace countersign::usecase::verify_api {

namespace {

/// Maximum number of sends that one call opens, for a filter on sealed data.
constexpr int kOpenedMax = 20'000;

/// Whether a filter needs the address, which is sealed: the store cannot filter by it.
bool looks_into_address(const AttemptFilter& filter) {
  return !filter.to.empty() || !filter.country.empty() || !filter.prefix.empty();
}

/// The region of a phone number.
std::string region_of(const std::string& to) {
  const auto phone = contact::PhoneNumber::parse(to);
  return phone ? std::string(phone->region()) : std::string();
}

bool fits(const AttemptFilter& filter, const store::AttemptRow& row) {
  if (!filter.to.empty() && row.to != filter.to) return false;
  if (!filter.prefix.empty() && !row.to.starts_with(filter.prefix)) return false;
  return filter.country.empty() || region_of(row.to) == filter.country;
}

store::AttemptFilter stored(const AttemptFilter& filter, int limit, WallTime now) {
  const WallTime oldest = now - kAttemptsVisible;
  store::AttemptFilter out;
  out.service = filter.service;
  out.verification = filter.verification;
  out.channel = filter.channel;
  out.converted = filter.converted;
  out.from = {Id::floor_of(std::max(oldest, filter.after.value_or(oldest)))};
  if (filter.before) out.before = MessageId{Id::floor_of(*filter.before)};
  if (filter.older_than) out.before = MessageId{*filter.older_than};
  out.limit = looks_into_address(filter) ? kOpenedMax : limit;
  return out;
}

Attempt shown(const Work& work, store::AttemptRow row) {
  const auto service = find_service(work, row.service);
  std::string country = region_of(row.to);
  return {row.id,
          row.verification,
          row.service,
          row.channel,
          std::move(row.to),
          std::move(country),
          std::move(row.message_status),
          std::move(row.error_code),
          std::move(row.locale),
          service ? service->settings.code_length : 6,
          row.converted,
          row.finished_at.value_or(row.id.id.time())};
}

}  // namespace

std::vector<Attempt> list_attempts(const Work& work, const AttemptFilter& filter, int limit) {
  std::vector<Attempt> attempts;
  for (auto& row :
       store::list_attempts(work.tx, work.context.vault, work.caller.account, stored(filter, limit, work.moment.now))) {
    if (attempts.size() == static_cast<std::size_t>(limit)) break;
    if (fits(filter, row)) attempts.push_back(shown(work, std::move(row)));
  }
  return attempts;
}

Verdict<Attempt> show_attempt(const Work& work, const MessageId& id) {
  auto row = store::find_attempt(work.tx, work.context.vault, work.caller.account, id);
  if (!row || row->id.id.time() < work.moment.now - kAttemptsVisible) return refuse(ErrorCode::kNotFound);
  return shown(work, *std::move(row));
}

AttemptCounts count_attempts(const Work& work, const AttemptFilter& filter) {
  const auto rows = stored(filter, kOpenedMax, work.moment.now);
  if (!looks_into_address(filter)) {
    const auto counts = store::count_attempts(work.tx, work.caller.account, rows);
    return {counts.total, counts.converted};
  }
  AttemptCounts counts;
  for (const auto& row : store::list_attempts(work.tx, work.context.vault, work.caller.account, rows)) {
    if (!fits(filter, row)) continue;
    ++counts.total;
    if (row.converted) ++counts.converted;
  }
  return counts;
}

}  // namespace countersign::usecase::verify_api
