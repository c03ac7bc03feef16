#include "usecase/development/kept_pushes.h"

#include <utility>

#include "base/json.h"
#include "delivery/push_endpoint.h"

namespace countersign::usecase {

namespace {

std::string host_of(const QueuedPush& push) {
  const std::string origin = delivery::origin_of_endpoint(push.to.endpoint);
  return origin.substr(origin.find("://") + 3);
}

}  // namespace

KeptPushes::KeptPushes(PushOutbox& next, const Clock& clock, Leaves leaves, std::function<void()> announce)
    : next_(next), clock_(clock), leaves_(std::move(leaves)), announce_(std::move(announce)) {}

void KeptPushes::send(std::vector<QueuedPush> pushes) {
  {
    const std::lock_guard lock(mutex_);
    for (const auto& push : pushes) {
      const auto text = parse_json(push.text);
      const auto* shown = text && text->is_object() ? text->get_object().if_contains("notification") : nullptr;
      if (shown == nullptr || !shown->is_object()) continue;
      const auto& fields = shown->get_object();
      kept_.push_front({push.factor.text(), json_text_or_empty(fields, "title"), json_text_or_empty(fields, "body"),
                        json_text_or_empty(fields, "navigate"), leaves_(push.to.endpoint) ? "" : host_of(push),
                        clock_.now(), push.until});
      if (kept_.size() > kKept) kept_.pop_back();
    }
  }
  announce_();
  std::erase_if(pushes, [&](const QueuedPush& push) { return !leaves_(push.to.endpoint); });
  if (!pushes.empty()) next_.send(std::move(pushes));
}

std::vector<KeptPush> KeptPushes::all() const {
  const std::lock_guard lock(mutex_);
  return {kept_.begin(), kept_.end()};
}

}  // namespace countersign::usecase
