#include "usecase/verify_api/service.h"

#include <algorithm>
#include <array>

#include "store/repository/counters.h"
#include "usecase/audit_log.h"
#include "usecase/verify_api/entity.h"
#include "usecase/verify_api/passkey_terms.h"
#include "usecase/verify_api/rate_limit.h"

namespace countersign::usecase::verify_api {

namespace {

constexpr std::string_view kServiceKind = "service";
constexpr int kAll = 1'000'000;

/// The set value, clamped: a stored value beyond the bounds must not apply.
template <class T>
T within(const domain::Bounds<T>& bounds, const json::object& set, std::string_view name, T otherwise) {
  const auto value = json_integer(set, name);
  return value ? bounds.nearest(T{*value}) : otherwise;
}

const json::object& own_of(const json::object& content) {
  static const json::object kNone;
  const auto* own = content.if_contains("countersign");
  return own == nullptr ? kNone : own->as_object();
}

/// Not looser than the configured value.
domain::Bounds<std::int64_t> up_to(domain::Bounds<std::int64_t> bounds, int configured) {
  return {bounds.least, std::min<std::int64_t>(bounds.most, configured)};
}

/// The account's limits without the waits between two messages: this protocol has none within a verification, and its
/// number of sends ends with it. The limits per recipient apply as everywhere.
domain::Limits limits_of(const AccountSettings& account, const json::object& content) {
  domain::Limits limits = account.limits;
  limits.resend_waits.clear();
  const auto& set = own_of(content);
  limits.attempts_max = static_cast<int>(within<std::int64_t>(up_to(domain::attempts_bounds(), limits.attempts_max),
                                                              set, "check_attempts", limits.attempts_max));
  limits.sends_max = static_cast<int>(
      within<std::int64_t>(up_to(domain::sends_bounds(), limits.sends_max), set, "send_attempts", limits.sends_max));
  return limits;
}

/// The first parameter of the API that is looser than the configuration may be.
std::optional<Refusal> ceiling_refusal(const AccountSettings& account, const domain::Loosened& loosened,
                                       const json::object& content) {
  struct Rule {
    std::string_view parameter;
    std::optional<std::int64_t> value;
    domain::Bounds<std::int64_t> bounds;
  };
  using std::chrono::duration_cast;
  using std::chrono::seconds;
  static const json::object kNone;
  const auto* given = content.if_contains("totp");
  const auto& totp = given == nullptr ? kNone : given->as_object();
  const auto& own = own_of(content);
  const auto ttl = domain::code_ttl_bounds();
  const std::array rules{
      Rule{"CodeLength", json_integer(content, "code_length"), domain::code_length_bounds(loosened)},
      Rule{"Totp.CodeLength", json_integer(totp, "code_length"), domain::totp_digits_bounds()},
      Rule{"Totp.Skew", json_integer(totp, "skew"), domain::totp_skew_bounds(loosened)},
      Rule{"Countersign.CodeTtl",
           json_integer(own, "code_ttl"),
           {duration_cast<seconds>(ttl.least).count(), duration_cast<seconds>(ttl.most).count()}},
      Rule{"Countersign.CheckAttempts", json_integer(own, "check_attempts"),
           up_to(domain::attempts_bounds(), account.limits.attempts_max)},
      Rule{"Countersign.SendAttempts", json_integer(own, "send_attempts"),
           up_to(domain::sends_bounds(), account.limits.sends_max)},
  };
  for (const auto& [parameter, value, bounds] : rules) {
    if (value && !bounds.hold(*value)) return Refusal{ErrorCode::kInvalidParameter, std::string(parameter)};
  }
  return std::nullopt;
}

ServiceSettings settings_of(ServiceSettings base, const ServiceId& id, const json::object& content) {
  base.id = id;
  if (const auto name = json_text(content, "friendly_name")) {
    base.friendly_name = *name;
    base.totp_issuer = *name;
  }
  base.code_length = static_cast<int>(
      within<std::int64_t>(domain::code_length_bounds(base.loosened), content, "code_length", base.code_length));
  if (const auto* totp = content.if_contains("totp")) {
    if (const auto issuer = json_text(totp->as_object(), "issuer")) base.totp_issuer = *issuer;
  }
  if (const auto ttl = json_integer(own_of(content), "code_ttl"))
    base.code_ttl = domain::code_ttl_bounds().nearest(std::chrono::seconds(*ttl));
  return base;
}

/// `content` of a configured service holds only what the API has changed.
Service make_service(const AccountSettings& account, const ServiceId& id, json::object content, WallTime updated_at) {
  const ServiceSettings* configured = account.service(id);
  const ServiceSettings& base = configured == nullptr ? account.services.front() : *configured;
  Service service{
      settings_of(base, id, content), limits_of(account, content), std::move(content), id.id.time(), updated_at,
      configured != nullptr};
  return service;
}

bool is_seen_by(const Caller& caller, const Service& service) {
  return !caller.test_only || service.test_code().has_value();
}

/// With test credentials every service is a test service, even if the client cannot say so.
void make_test_service(json::object& content) {
  constexpr std::string_view kDigits = "1234567890";
  const auto length = static_cast<std::size_t>(json_integer(content, "code_length").value_or(6));
  auto& own = content.emplace("countersign", json::object()).first->value().as_object();
  own.emplace("test_code", kDigits.substr(0, length));
}

Service read_service(const AccountSettings& account, store::Resource resource) {
  return make_service(account, ServiceId{resource.id}, std::move(resource.content), resource.updated_at);
}

}  // namespace

bool Service::flag(std::string_view name) const {
  const auto* value = content.if_contains(name);
  return value != nullptr && value->is_bool() && value->as_bool();
}

std::string Service::text(std::string_view name) const { return std::string(json_text(content, name).value_or("")); }

std::optional<std::string> Service::test_code() const {
  const auto* own = content.if_contains("countersign");
  const auto code = own == nullptr ? std::nullopt : json_text(own->as_object(), "test_code");
  return code ? std::optional<std::string>(*code) : std::nullopt;
}

void merge_into(json::object& into, const json::object& changes) {
  for (const auto& [name, value] : changes) {
    auto* known = into.if_contains(name);
    if (known != nullptr && known->is_object() && value.is_object())
      merge_into(known->as_object(), value.as_object());
    else
      into[name] = value;
  }
}

std::optional<Service> find_service(const Work& work, const ServiceId& id) {
  const auto& account = work.context.settings.account(work.caller.account);
  if (auto found = store::find_resource(work.tx, work.context.vault, work.caller.account, kServiceKind, Id{}, id.id)) {
    auto service = read_service(account, *std::move(found));
    return is_seen_by(work.caller, service) ? std::optional(std::move(service)) : std::nullopt;
  }
  if (work.caller.test_only || account.service(id) == nullptr) return std::nullopt;
  return make_service(account, id, {}, id.id.time());
}

std::optional<Refusal> count_test(store::Tx& tx, const Caller& caller, std::string_view what, const domain::Rate& rate,
                                  WallTime now) {
  if (store::count_in_counter(tx, caller.account, what, rate, now)) return std::nullopt;
  Refusal refusal{ErrorCode::kTooManyRequests};
  refusal.retry_after = store::wait_for_counter(tx, caller.account, what, rate, now);
  return refusal;
}

Verdict<Service> create_service(const Work& work, json::object content) {
  const auto& account = work.context.settings.account(work.caller.account);
  if (auto refusal = ceiling_refusal(account, account.services.front().loosened, content))
    return fail(*std::move(refusal));
  if (auto refusal = passkey_refusal(account.services.front(), content)) return fail(*std::move(refusal));
  if (work.caller.test_only) {
    if (store::count_resources(work.tx, work.caller.account, kServiceKind, Id{}) >= kTestServicesMax)
      return refuse(ErrorCode::kForbidden, "this account has too many services for one more of tests");
    make_test_service(content);
  }
  const auto id = ServiceId::make(work.moment);
  const store::Resource resource{work.caller.account, kServiceKind,    Id{},        id.id, {}, content,
                                 work.moment.now,     work.moment.now, std::nullopt};
  CS_CHECK(store::insert_resource(work.tx, work.context.vault, resource, work.moment.random));
  record(work, "service.created", Facts().text("service", id.text()));
  return make_service(account, id, std::move(content), work.moment.now);
}

Verdict<Service> update_service(const Work& work, const ServiceId& id, const json::object& changes) {
  auto service = find_service(work, id);
  if (!service) return refuse(ErrorCode::kNotFound);
  if (changes.empty()) return *std::move(service);
  const auto& account = work.context.settings.account(work.caller.account);
  if (auto refusal = ceiling_refusal(account, service->settings.loosened, changes)) return fail(*std::move(refusal));
  if (auto refusal = passkey_refusal(service->settings, changes)) return fail(*std::move(refusal));
  merge_into(service->content, changes);
  const store::Resource resource{work.caller.account, kServiceKind,    Id{},        id.id, {}, service->content,
                                 service->created_at, work.moment.now, std::nullopt};
  // A configured service has no row before its first change.
  if (!store::insert_resource(work.tx, work.context.vault, resource, work.moment.random))
    store::save_resource(work.tx, work.context.vault, resource, work.moment.random);
  record(work, "service.updated", Facts().text("service", id.text()));
  return make_service(account, id, std::move(service->content), work.moment.now);
}

Verdict<Done> remove_service(const Work& work, const ServiceId& id) {
  const auto service = find_service(work, id);
  if (!service) return refuse(ErrorCode::kNotFound);
  if (service->configured) return refuse(ErrorCode::kForbidden, "the service stands in the server's configuration");
  for (const auto& limit : list_in(work, kRateLimits, id.id, {.limit = kAll})) {
    if (auto removed = remove_rate_limit(work, id.id, limit.id); !removed) return removed;
  }
  for (const auto& entity : list_entities(work, id, {{}, {}, false, 1'000'000})) {
    if (auto removed = remove_entity(work, id, entity.identity); !removed) return removed;
  }
  for (const auto& country : list_in(work, kCountries, id.id, {.limit = kAll})) {
    if (auto removed = remove_from(work, kCountries, id.id, country.id); !removed) return removed;
  }
  static_cast<void>(store::delete_resource(work.tx, work.caller.account, kServiceKind, Id{}, id.id));
  record(work, "service.removed", Facts().text("service", id.text()));
  return Done{};
}

std::vector<Service> list_services(const Work& work, const store::ResourceRange& range) {
  const auto& account = work.context.settings.account(work.caller.account);
  std::vector<Service> services;
  auto rows = range;
  if (work.caller.test_only) rows.limit = kAll;  // Others among them are passed over.
  for (auto& row : store::list_resources(work.tx, work.context.vault, work.caller.account, kServiceKind, Id{}, rows)) {
    auto service = read_service(account, std::move(row));
    if (is_seen_by(work.caller, service)) services.push_back(std::move(service));
  }
  for (const auto& configured : account.services) {
    if (work.caller.test_only) break;
    const Id& id = configured.id.id;
    if ((range.after && id <= *range.after) || (range.before && id >= *range.before)) continue;
    if (store::find_resource(work.tx, work.context.vault, work.caller.account, kServiceKind, Id{}, id))
      continue;  // Among those above.
    services.push_back(make_service(account, configured.id, {}, id.time()));
  }
  std::sort(services.begin(), services.end(), [&](const Service& a, const Service& b) {
    return range.newest_first ? b.settings.id < a.settings.id : a.settings.id < b.settings.id;
  });
  if (services.size() > static_cast<std::size_t>(range.limit))
    services.erase(services.begin() + range.limit, services.end());
  return services;
}

}  // namespace countersign::usecase::verify_api
