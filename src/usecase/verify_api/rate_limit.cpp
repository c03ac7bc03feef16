#include "usecase/verify_api/rate_limit.h"

#include <string>

#include "base/json.h"

namespace countersign::usecase::verify_api {

namespace {

/// The unique name of a bucket within its limit.
std::string name_of_interval(std::int64_t interval) { return std::to_string(interval); }

}  // namespace

Verdict<Resource> add_bucket(const Work& work, const Id& limit, std::int64_t max, std::int64_t interval) {
  return add_to(work, kBuckets, limit, name_of_interval(interval), {{"max", max}, {"interval", interval}});
}

Verdict<Resource> change_bucket(const Work& work, const Id& limit, const Id& id, const BucketChange& change) {
  auto row = store::find_resource(work.tx, work.context.vault, work.caller.account, kBuckets.kind, limit, id);
  if (!row) return refuse(ErrorCode::kNotFound);
  if (change.max || change.interval) {
    if (change.max) row->content["max"] = *change.max;
    if (change.interval) row->content["interval"] = *change.interval;
    row->unique_name = name_of_interval(json_integer(row->content, "interval").value_or(0));
    row->updated_at = work.moment.now;
    // Deleted and inserted again: save_resource does not change the name, which depends on the interval.
    static_cast<void>(store::delete_resource(work.tx, work.caller.account, kBuckets.kind, limit, id));
    if (!store::insert_resource(work.tx, work.context.vault, *row, work.moment.random))
      return refuse(kBuckets.duplicate);
    note_change(work, kBuckets, "updated", id);
  }
  return Resource{row->id, row->parent, std::move(row->content), row->created_at, row->updated_at};
}

Verdict<Done> remove_rate_limit(const Work& work, const Id& service, const Id& id) {
  for (const auto& bucket : list_in(work, kBuckets, id, {.limit = kBuckets.max})) {
    if (auto removed = remove_from(work, kBuckets, id, bucket.id); !removed) return removed;
  }
  return remove_from(work, kRateLimits, service, id);
}

}  // namespace countersign::usecase::verify_api
