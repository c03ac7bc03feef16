#include "http/io_loop.h"

#include <gtest/gtest.h>

#include <future>

namespace countersign::http {
namespace {

TEST(IoLoop, WhatIsPutOffRunsBehindAllThatWasPostedTogether) {
  IoLoop loop;
  loop.start(std::chrono::seconds(1), [] {}, [](std::string_view) {});
  std::string order;
  std::promise<void> ended;
  std::vector<Task> tasks;
  tasks.emplace_back([&] {
    order += "answer ";
    loop.after_posted([&] {
      order += loop.runs_posted() ? "still an answer " : "read ";
      ended.set_value();
    });
  });
  tasks.emplace_back([&] { order += "another answer "; });
  loop.post_all(std::move(tasks));
  ended.get_future().wait();
  loop.stop([] {});
  EXPECT_EQ(order, "answer another answer read ");
}

}  // namespace
}  // namespace countersign::http
