#include "api/inbox/calls.h"

namespace countersign::api {

namespace {

/// A link holds a secret, so it stays a placeholder.
std::string path_of(const http::AccessRecord& record) {
  std::string path(record.pattern);
  if (record.object.empty()) return path;
  for (const std::string_view place : {"{id}", "{sid}"}) {
    const auto at = path.rfind(place);
    if (at != std::string::npos) return path.replace(at, place.size(), record.object);
  }
  return path;
}

}  // namespace

bool CallLog::note(const http::AccessRecord& record) {
  const bool by_person = record.pattern.starts_with("/verify/");
  const bool api = record.pattern.starts_with("/v1/") || record.pattern.starts_with("/v2/");
  if (!api && (!by_person || record.route == "page_state")) return false;
  SeenCall call{clock_.now() - record.duration,
                record.method,
                path_of(record),
                record.status,
                std::string(record.code),
                std::string(record.request_id),
                std::string(record.object),
                by_person};
  const std::lock_guard lock(mutex_);
  calls_.push_back(std::move(call));
  if (calls_.size() > kKept) calls_.pop_front();
  return true;
}

std::vector<SeenCall> CallLog::all() const {
  const std::lock_guard lock(mutex_);
  return {calls_.begin(), calls_.end()};
}

}  // namespace countersign::api
