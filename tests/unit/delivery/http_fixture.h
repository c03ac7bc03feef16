#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <utility>

#include "delivery/http_client.h"
#include "support/doubles/http_server.h"

namespace countersign::delivery::testing {

using namespace std::chrono_literals;

/// Long enough for a slow machine under a sanitizer; nothing waits for it to pass.
inline constexpr auto kPatience = 300s;

/// Waits for an answer that comes on another thread.
template <class T>
T wait_for(std::future<T>& future) {
  if (future.wait_for(kPatience) != std::future_status::ready) {
    ADD_FAILURE() << "no answer came";
    std::abort();
  }
  return future.get();
}

/// A callback and the future that it fulfils.
template <class T>
std::pair<std::move_only_function<void(T)>, std::future<T>> promised() {
  std::promise<T> promise;
  auto future = promise.get_future();
  return {[promise = std::move(promise)](T value) mutable { promise.set_value(std::move(value)); }, std::move(future)};
}

/// Sends and waits.
inline HttpResult fetch(HttpClient& client, HttpCall call) {
  auto [done, answer] = promised<HttpResult>();
  client.send(std::move(call), std::move(done));
  return wait_for(answer);
}

/// A call to a server on loopback.
inline HttpCall local_call(std::string url, std::string method = "GET", std::string body = "") {
  HttpCall call;
  call.method = std::move(method);
  call.url = std::move(url);
  call.body = std::move(body);
  call.addresses = AddressPolicy::kAny;
  call.plain_http = PlainHttp::kAllowed;
  call.connect_timeout = kPatience;
  call.total_timeout = kPatience;
  call.slot_timeout = kPatience;
  return call;
}

}  // namespace countersign::delivery::testing
