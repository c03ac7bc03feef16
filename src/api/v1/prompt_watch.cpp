#include "api/v1/prompt_watch.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "api/run.h"
#include "base/json.h"

namespace countersign::api {

namespace {

constexpr auto kBetweenLooks = std::chrono::seconds(1);
/// Well below the time after which proxies close an idle response.
constexpr int kLooksMax = 20;

http::Response prompt_events(std::string text) {
  return {200, "text/event-stream", std::move(text), {{"Cache-Control", "no-store"}}};
}

http::Response no_prompt_news() { return prompt_events("retry: 200\n: no news\n\n"); }

/// What an application sees change.
std::string event_id(const json::object& prompt) {
  return fmt::format("{}-{}", json_text_or_empty(prompt, "status"), json_integer(prompt, "numbers_left").value_or(0));
}

}  // namespace

PromptWatch::PromptWatch(const Api& api) : api_(api), ticker_(kBetweenLooks, [this] { look_at_all(); }) {}

std::shared_ptr<PromptWatch> PromptWatch::make(const Api& api) {
  std::shared_ptr<PromptWatch> made(new PromptWatch(api));
  made->ticker_.start();
  return made;
}

PromptWatch::~PromptWatch() { stop(); }

void PromptWatch::stop() {
  std::vector<Waiting> all;
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    all.swap(waiting_);
  }
  ticker_.stop();
  for (auto& one : all) one.reply.send(no_prompt_news());
}

void PromptWatch::wait(v1::Call call, http::Reply reply, v1::Read read) {
  std::string seen(call.request.header("last-event-id").value_or(""));
  look({std::move(call), std::move(read), std::move(seen), 0, std::move(reply)});
}

void PromptWatch::look(Waiting waiting) {
  const auto shared = std::make_shared<Waiting>(std::move(waiting));
  auto reply = std::move(shared->reply);
  run_on_snapshot(
      api_, std::move(reply),
      [this, self = shared_from_this(), shared](store::Tx& tx) {
        Moment moment = api_.moment(tx, shared->call.caller.account);
        return shared->read({tx, api_.context, shared->call.caller, moment}, shared->call);
      },
      [self = shared_from_this(), shared](const Result<usecase::Answer<std::string>, store::StoreError>& result,
                                          http::Reply to) {
        if (!result) return to.send(problem_response(result.error()));
        if (!*result) return to.send(problem_response((*result).error()));
        const auto prompt = parse_json(**result);
        const std::string now = event_id(prompt->as_object());
        if (now != shared->seen)
          return to.send(prompt_events(fmt::format("retry: 200\nid: {}\ndata: {}\n\n", now, **result)));
        // It stays as it is: an EventSource that is answered so does not come back.
        if (!now.starts_with("open")) return to.send({204, {}, {}, {}});
        if (++shared->looks >= kLooksMax) return to.send(no_prompt_news());
        shared->reply = std::move(to);
        self->keep(std::move(*shared));
      });
}

void PromptWatch::keep(Waiting waiting) {
  std::vector<Waiting> answered;
  {
    const std::lock_guard lock(mutex_);
    if (stopped_) {
      answered.push_back(std::move(waiting));
    } else {
      const AccountId account = waiting.call.caller.account;
      const auto of_account = [&](const Waiting& one) { return one.call.caller.account == account; };
      const bool full =
          std::ranges::count_if(waiting_, of_account) >= static_cast<std::ptrdiff_t>(kWaitingOfAccountMax);
      auto oldest = full                             ? std::ranges::find_if(waiting_, of_account)
                    : waiting_.size() >= kWaitingMax ? waiting_.begin()
                                                     : waiting_.end();
      if (oldest != waiting_.end()) {
        answered.push_back(std::move(*oldest));
        waiting_.erase(oldest);
      }
      waiting_.push_back(std::move(waiting));
    }
  }
  for (auto& one : answered) one.reply.send(no_prompt_news());
}

void PromptWatch::look_at_all() {
  std::vector<Waiting> all;
  {
    const std::lock_guard lock(mutex_);
    all.swap(waiting_);
  }
  for (auto& one : all) look(std::move(one));
}

}  // namespace countersign::api
