#include "http/reply.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <utility>
#include <vector>

namespace countersign::http {
namespace {

class Recorder final : public ReplySink, public Executor {
 public:
  void answer(std::uint64_t ticket, Response response) override { answers.emplace_back(ticket, response.status); }
  void abandon(std::uint64_t ticket) override { answers.emplace_back(ticket, 500); }
  Executor& executor() override { return *this; }
  void post(Task task) override { task(); }
  void post_all(std::vector<Task> tasks) override {
    for (auto& task : tasks) task();
  }

  std::vector<std::pair<std::uint64_t, int>> answers;
};

using Answers = std::vector<std::pair<std::uint64_t, int>>;

TEST(Reply, AnswersOnce) {
  const auto sink = std::make_shared<Recorder>();
  {
    Reply reply(sink, 7);
    Reply moved = std::move(reply);
    moved.send({.status = 201});
  }
  EXPECT_EQ(sink->answers, (Answers{{7, 201}}));
}

TEST(Reply, AnswersWhenNobodyDoes) {
  const auto sink = std::make_shared<Recorder>();
  {
    const Reply reply(sink, 7);
  }
  try {
    const Reply reply(sink, 8);
    throw std::runtime_error("handler");
  } catch (const std::runtime_error&) {
  }
  Reply replaced(sink, 9);
  replaced = Reply(sink, 10);
  replaced.send({});
  EXPECT_EQ(sink->answers, (Answers{{7, 500}, {8, 500}, {9, 500}, {10, 200}}));
}

TEST(ReplyDeathTest, TwiceIsABug) {
  Reply reply(std::make_shared<Recorder>(), 7);
  reply.send({});
  EXPECT_DEATH(reply.send({}), "sink_");
}

}  // namespace
}  // namespace countersign::http
