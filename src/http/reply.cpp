#include "http/reply.h"

#include <utility>

#include "base/check.h"

namespace countersign::http {

Reply& Reply::operator=(Reply&& other) noexcept {
  if (this != &other) {
    if (sink_) std::exchange(sink_, nullptr)->abandon(ticket_);
    sink_ = std::move(other.sink_);
    ticket_ = other.ticket_;
  }
  return *this;
}

Reply::~Reply() {
  if (sink_) sink_->abandon(ticket_);
}

void Reply::send(Response response) {
  CS_CHECK(sink_ != nullptr);
  std::exchange(sink_, nullptr)->answer(ticket_, std::move(response));
}

void Reply::say_object(std::string id) const {
  CS_CHECK(sink_ != nullptr);
  sink_->say_object(ticket_, std::move(id));
}

void Reply::say_account(std::string id) const {
  CS_CHECK(sink_ != nullptr);
  sink_->say_account(ticket_, std::move(id));
}

Executor& Reply::executor() const {
  CS_CHECK(sink_ != nullptr);
  return sink_->executor();
}

}  // namespace countersign::http
