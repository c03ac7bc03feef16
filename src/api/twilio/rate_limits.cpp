#include <fmt/format.h>

#include <algorithm>

#include "api/twilio/paging.h"
#include "api/twilio/params.h"
#include "api/twilio/render.h"
#include "api/twilio/routes.h"
#include "base/ascii.h"
#include "usecase/verify/collection.h"

namespace countersign::api::twilio {

namespace {

namespace verify = usecase::verify;

constexpr std::string_view kLimit = "RK";
constexpr std::string_view kBucket = "BL";

/// The rate limit that the path names, and that it is this service's.
Verdict<store::Resource> limit_in(const Twilio& twilio, store::Tx& tx, const Call& call) {
  const auto service = owned_service(twilio, tx, call);
  const auto id = parse_id(kLimit, call.request.params.at(1));
  if (!service || !id) return refuse(Fault::kNotFound);
  return verify::show_in(tx, twilio.api.context, call.caller, verify::kRateLimits, service->id, *id);
}

json::object head_of(const Call& call, const store::Resource& resource) {
  return {{"account_sid", call.caller.account.text()},
          {"service_sid", call.request.params.at(0)},
          {"date_created", date_text(resource.created_at)},
          {"date_updated", date_text(resource.updated_at)}};
}

std::string limit_url(const Twilio& twilio, const Call& call, const Id& id) {
  return fmt::format("{}/v2/Services/{}/RateLimits/{}", twilio.api.context.settings.public_url,
                     call.request.params.at(0), id_text(kLimit, id));
}

std::string limit_json(const Twilio& twilio, const Call& call, const store::Resource& limit) {
  json::object out = head_of(call, limit);
  const std::string url = limit_url(twilio, call, limit.id);
  out["sid"] = id_text(kLimit, limit.id);
  out["unique_name"] = json_text(limit.content, "unique_name").value_or("");
  out["description"] = json_text(limit.content, "description").value_or("");
  out["url"] = url;
  out["links"] = {{"buckets", url + "/Buckets"}};
  return canonical_json(out);
}

std::string bucket_json(const Twilio& twilio, const Call& call, const store::Resource& bucket) {
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
  return !name.empty() && name.size() <= 64 && std::ranges::all_of(name, [](char c) {
    return is_digit(c) || is_letter(c) || c == '.' || c == '_' || c == '-';
  });
}

Verdict<Answered> create_rate_limit(const Twilio& twilio, store::Tx& tx, const Call& call, Moment& moment) {
  const auto service = owned_service(twilio, tx, call);
  if (!service) return refuse(Fault::kNotFound);
  Params params(call.form);
  const std::string name = params.required("UniqueName", 1000);
  const std::string description = params.text("Description", 255).value_or("");
  if (params.refusal()) return countersign::fail(*params.refusal());
  if (!is_unique_name(name)) return refuse(Fault::kRateLimitName);
  return verify::add_to(tx, twilio.api.context, call.caller, verify::kRateLimits, service->id, name,
                        {{"unique_name", name}, {"description", description}}, moment)
      .transform([&](const store::Resource& limit) { return Answered{201, limit_json(twilio, call, limit)}; });
}

Verdict<Answered> show_rate_limit(const Twilio& twilio, store::Tx& tx, const Call& call, Moment&) {
  return limit_in(twilio, tx, call).transform([&](const store::Resource& limit) {
    return Answered{200, limit_json(twilio, call, limit)};
  });
}

Verdict<Answered> update_rate_limit(const Twilio& twilio, store::Tx& tx, const Call& call, Moment& moment) {
  const auto limit = limit_in(twilio, tx, call);
  if (!limit) return countersign::fail(limit.error());
  Params params(call.form);
  json::object changes;
  if (const auto description = params.text("Description", 255)) changes["description"] = *description;
  if (params.refusal()) return countersign::fail(*params.refusal());
  return verify::change_in(tx, twilio.api.context, call.caller, verify::kRateLimits, limit->parent, limit->id, changes,
                           moment)
      .transform([&](const store::Resource& changed) { return Answered{200, limit_json(twilio, call, changed)}; });
}

Verdict<Answered> remove_rate_limit(const Twilio& twilio, store::Tx& tx, const Call& call, Moment& moment) {
  const auto limit = limit_in(twilio, tx, call);
  if (!limit) return countersign::fail(limit.error());
  store::delete_children(tx, call.caller.account, verify::kBuckets.kind, limit->id);
  return verify::remove_from(tx, twilio.api.context, call.caller, verify::kRateLimits, limit->parent, limit->id, moment)
      .transform([](Done) { return Answered{204}; });
}

Verdict<Answered> list_rate_limits(const Twilio& twilio, store::Tx& tx, const Call& call, Moment&) {
  const auto service = owned_service(twilio, tx, call);
  if (!service) return refuse(Fault::kNotFound);
  return list_collection(twilio, tx, call, verify::kRateLimits.kind, service->id, "rate_limits", limit_json);
}

Verdict<Answered> create_bucket(const Twilio& twilio, store::Tx& tx, const Call& call, Moment& moment) {
  const auto limit = limit_in(twilio, tx, call);
  if (!limit) return countersign::fail(limit.error());
  Params params(call.form);
  const auto max = params.integer("Max", 0, 1'000'000'000);
  const auto interval = params.integer("Interval", 1, 365L * 24 * 60 * 60);
  if (!max) params.refuse("Max");
  if (!interval) params.refuse("Interval");
  if (params.refusal()) return countersign::fail(*params.refusal());
  return verify::add_to(tx, twilio.api.context, call.caller, verify::kBuckets, limit->id, std::to_string(*interval),
                        {{"max", *max}, {"interval", *interval}}, moment)
      .transform([&](const store::Resource& bucket) { return Answered{201, bucket_json(twilio, call, bucket)}; });
}

Verdict<store::Resource> bucket_in(const Twilio& twilio, store::Tx& tx, const Call& call) {
  const auto limit = limit_in(twilio, tx, call);
  const auto id = parse_id(kBucket, call.request.params.at(2));
  if (!limit || !id) return refuse(Fault::kNotFound);
  return verify::show_in(tx, twilio.api.context, call.caller, verify::kBuckets, limit->id, *id);
}

Verdict<Answered> show_bucket(const Twilio& twilio, store::Tx& tx, const Call& call, Moment&) {
  return bucket_in(twilio, tx, call).transform([&](const store::Resource& bucket) {
    return Answered{200, bucket_json(twilio, call, bucket)};
  });
}

/// With another interval it becomes another bucket under the same SID, so the name under which it is unique changes.
Verdict<Answered> update_bucket(const Twilio& twilio, store::Tx& tx, const Call& call, Moment& moment) {
  auto bucket = bucket_in(twilio, tx, call);
  if (!bucket) return countersign::fail(bucket.error());
  Params params(call.form);
  const auto max = params.integer("Max", 0, 1'000'000'000);
  const auto interval = params.integer("Interval", 1, 365L * 24 * 60 * 60);
  if (params.refusal()) return countersign::fail(*params.refusal());
  if (max) bucket->content["max"] = *max;
  if (interval) bucket->content["interval"] = *interval;
  bucket->unique_name = std::to_string(json_integer(bucket->content, "interval").value_or(0));
  bucket->updated_at = moment.now;
  static_cast<void>(store::delete_resource(tx, call.caller.account, bucket->kind, bucket->parent, bucket->id));
  if (!store::insert_resource(tx, twilio.api.context.vault, *bucket, moment.random))
    return refuse(Fault::kBucketExists);
  return Answered{200, bucket_json(twilio, call, *bucket)};
}

Verdict<Answered> remove_bucket(const Twilio& twilio, store::Tx& tx, const Call& call, Moment& moment) {
  const auto bucket = bucket_in(twilio, tx, call);
  if (!bucket) return countersign::fail(bucket.error());
  return verify::remove_from(tx, twilio.api.context, call.caller, verify::kBuckets, bucket->parent, bucket->id, moment)
      .transform([](Done) { return Answered{204}; });
}

Verdict<Answered> list_buckets(const Twilio& twilio, store::Tx& tx, const Call& call, Moment&) {
  const auto limit = limit_in(twilio, tx, call);
  if (!limit) return countersign::fail(limit.error());
  return list_collection(twilio, tx, call, verify::kBuckets.kind, limit->id, "buckets", bucket_json);
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
