#include <fmt/format.h>

#include <algorithm>

#include "api/twilio/paging.h"
#include "api/twilio/params.h"
#include "api/twilio/render.h"
#include "api/twilio/routes.h"
#include "base/ascii.h"
#include "usecase/verify_api/rate_limit.h"

namespace countersign::api::twilio {

namespace {

namespace verify_api = usecase::verify_api;

constexpr std::string_view kLimit = "RK";
constexpr std::string_view kBucket = "BL";

/// The rate limit in the path, if it belongs to this service.
Verdict<verify_api::Resource> limit_in(const usecase::Work& work, const Call& call) {
  const auto service = owned_service(work, call);
  const auto id = parse_id(kLimit, call.request.params.at(1));
  if (!service || !id) return refuse(ErrorCode::kNotFound);
  return verify_api::show_in(work, verify_api::kRateLimits, service->id, *id);
}

json::object head_of(const Call& call, const verify_api::Resource& resource) {
  return {{"account_sid", call.caller.account.text()},
          {"service_sid", call.request.params.at(0)},
          {"date_created", date_text(resource.created_at)},
          {"date_updated", date_text(resource.updated_at)}};
}

std::string limit_url(const Twilio& twilio, const Call& call, const Id& id) {
  return fmt::format("{}/v2/Services/{}/RateLimits/{}", twilio.api.context.settings.public_url,
                     call.request.params.at(0), id_text(kLimit, id));
}

std::string limit_json(const Twilio& twilio, const Call& call, const verify_api::Resource& limit) {
  json::object out = head_of(call, limit);
  const std::string url = limit_url(twilio, call, limit.id);
  out["sid"] = id_text(kLimit, limit.id);
  out["unique_name"] = json_text(limit.content, "unique_name").value_or("");
  out["description"] = json_text(limit.content, "description").value_or("");
  out["url"] = url;
  out["links"] = {{"buckets", url + "/Buckets"}};
  return canonical_json(out);
}

std::string bucket_json(const Twilio& twilio, const Call& call, const verify_api::Resource& bucket) {
  json::object out = head_of(call, bucket);
  const std::string sid = id_text(kBucket, bucket.id);
  out["sid"] = sid;
  out["rate_limit_sid"] = id_text(kLimit, bucket.parent);
  out["max"] = json_integer(bucket.content, "max").value_or(0);
  out["interval"] = json_integer(bucket.content, "interval").value_or(0);
  out["url"] = fmt::format("{}/Buckets/{}", limit_url(twilio, call, bucket.parent), sid);
  return canonical_json(out);
}

bool is_unique_name(std::string_view name) {
  return !name.empty() && name.size() <= 64 &&
         std::ranges::all_of(name, [](char c) { return is_letter_or_digit(c) || c == '.' || c == '_' || c == '-'; });
}

Verdict<Answered> create_rate_limit(const Twilio& twilio, const usecase::Work& work, const Call& call) {
  const auto service = owned_service(work, call);
  if (!service) return refuse(ErrorCode::kNotFound);
  Params params(call.form);
  const std::string name = params.required("UniqueName", 1000);
  const std::string description = params.text("Description", 255).value_or("");
  if (params.refusal()) return countersign::fail(*params.refusal());
  if (!is_unique_name(name)) return refuse(ErrorCode::kRateLimitName);
  return verify_api::add_to(work, verify_api::kRateLimits, service->id, name,
                            {{"unique_name", name}, {"description", description}})
      .transform([&](const verify_api::Resource& limit) { return Answered{201, limit_json(twilio, call, limit)}; });
}

Verdict<Answered> show_rate_limit(const Twilio& twilio, const usecase::Work& work, const Call& call) {
  return limit_in(work, call).transform([&](const verify_api::Resource& limit) {
    return Answered{200, limit_json(twilio, call, limit)};
  });
}

Verdict<Answered> update_rate_limit(const Twilio& twilio, const usecase::Work& work, const Call& call) {
  const auto limit = limit_in(work, call);
  if (!limit) return countersign::fail(limit.error());
  Params params(call.form);
  json::object changes;
  if (const auto description = params.text("Description", 255)) changes["description"] = *description;
  if (params.refusal()) return countersign::fail(*params.refusal());
  return verify_api::change_in(work, verify_api::kRateLimits, limit->parent, limit->id, changes)
      .transform([&](const verify_api::Resource& changed) { return Answered{200, limit_json(twilio, call, changed)}; });
}

Verdict<Answered> remove_rate_limit(const Twilio&, const usecase::Work& work, const Call& call) {
  const auto limit = limit_in(work, call);
  if (!limit) return countersign::fail(limit.error());
  return verify_api::remove_rate_limit(work, limit->parent, limit->id).transform([](Done) { return Answered{204}; });
}

Verdict<Answered> list_rate_limits(const Twilio& twilio, const usecase::Work& work, const Call& call) {
  const auto service = owned_service(work, call);
  if (!service) return refuse(ErrorCode::kNotFound);
  return list_collection(twilio, work, call, {verify_api::kRateLimits, service->id, "rate_limits", limit_json});
}

Verdict<Answered> create_bucket(const Twilio& twilio, const usecase::Work& work, const Call& call) {
  const auto limit = limit_in(work, call);
  if (!limit) return countersign::fail(limit.error());
  Params params(call.form);
  const auto max = params.integer("Max", 0, 1'000'000'000);
  const auto interval = params.integer("Interval", 1, 365L * 24 * 60 * 60);
  if (!max) params.refuse("Max");
  if (!interval) params.refuse("Interval");
  if (params.refusal()) return countersign::fail(*params.refusal());
  return verify_api::add_bucket(work, limit->id, *max, *interval).transform([&](const verify_api::Resource& bucket) {
    return Answered{201, bucket_json(twilio, call, bucket)};
  });
}

Verdict<verify_api::Resource> bucket_in(const usecase::Work& work, const Call& call) {
  const auto limit = limit_in(work, call);
  const auto id = parse_id(kBucket, call.request.params.at(2));
  if (!limit || !id) return refuse(ErrorCode::kNotFound);
  return verify_api::show_in(work, verify_api::kBuckets, limit->id, *id);
}

Verdict<Answered> show_bucket(const Twilio& twilio, const usecase::Work& work, const Call& call) {
  return bucket_in(work, call).transform([&](const verify_api::Resource& bucket) {
    return Answered{200, bucket_json(twilio, call, bucket)};
  });
}

Verdict<Answered> update_bucket(const Twilio& twilio, const usecase::Work& work, const Call& call) {
  const auto bucket = bucket_in(work, call);
  if (!bucket) return countersign::fail(bucket.error());
  Params params(call.form);
  const auto max = params.integer("Max", 0, 1'000'000'000);
  const auto interval = params.integer("Interval", 1, 365L * 24 * 60 * 60);
  if (params.refusal()) return countersign::fail(*params.refusal());
  return verify_api::change_bucket(work, bucket->parent, bucket->id, {max, interval})
      .transform(
          [&](const verify_api::Resource& changed) { return Answered{200, bucket_json(twilio, call, changed)}; });
}

Verdict<Answered> remove_bucket(const Twilio&, const usecase::Work& work, const Call& call) {
  const auto bucket = bucket_in(work, call);
  if (!bucket) return countersign::fail(bucket.error());
  return verify_api::remove_from(work, verify_api::kBuckets, bucket->parent, bucket->id).transform([](Done) {
    return Answered{204};
  });
}

Verdict<Answered> list_buckets(const Twilio& twilio, const usecase::Work& work, const Call& call) {
  const auto limit = limit_in(work, call);
  if (!limit) return countersign::fail(limit.error());
  return list_collection(twilio, work, call, {verify_api::kBuckets, limit->id, "buckets", bucket_json});
}

}  // namespace

void add_rate_limit_routes(http::Router& router, const Twilio& twilio) {
  const Routes routes{router, twilio};
  routes.collection("/v2/Services/{service}/RateLimits", "verify_rate_limit", create_rate_limit, list_rate_limits);
  routes.member("/v2/Services/{service}/RateLimits/{sid}", "verify_rate_limit", show_rate_limit, update_rate_limit,
                remove_rate_limit);
  routes.collection("/v2/Services/{service}/RateLimits/{sid}/Buckets", "verify_bucket", create_bucket, list_buckets);
  routes.member("/v2/Services/{service}/RateLimits/{sid}/Buckets/{bucket}", "verify_bucket", show_bucket, update_bucket,
                remove_bucket);
}

}  // namespace countersign::api::twilio
