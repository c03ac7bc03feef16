#include "api/run.h"

#include <condition_variable>
#include <stdexcept>

#include "unit/api/browser.h"

// Where the two halves of a request run, and that it is answered whatever happens.
namespace countersign::testing {
namespace {

/// A connection whose I/O thread is the test's: what is posted there runs in turn().
class Connection final : public http::ReplySink, public Executor {
 public:
  void answer(std::uint64_t, http::Response response) override { answers.push_back(response.status); }
  void abandon(std::uint64_t) override { answers.push_back(500); }
  Executor& executor() override { return *this; }
  void post(Task task) override {
    const std::lock_guard lock(mutex_);
    tasks_.push_back(std::move(task));
    arrived_.notify_one();
  }
  void post_all(std::vector<Task> tasks) override {
    for (auto& task : tasks) post(std::move(task));
  }
  /// Runs the next task, on the thread that calls.
  void turn() {
    std::unique_lock lock(mutex_);
    ASSERT_TRUE(arrived_.wait_for(lock, std::chrono::minutes(5), [&] { return !tasks_.empty(); }));
    Task task = std::move(tasks_.front());
    tasks_.pop_front();
    lock.unlock();
    task();
  }

  std::vector<int> answers;

 private:
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::deque<Task> tasks_;
};

class Run : public ::testing::Test {
 protected:
  [[nodiscard]] http::Reply reply() const { return {connection_, 1}; }
  [[nodiscard]] const std::vector<int>& answers() const { return connection_->answers; }

  PageHouse pages_;
  std::shared_ptr<Connection> connection_ = std::make_shared<Connection>();
};

TEST_F(Run, RendersOnTheThreadOfTheReplyAndNotInsideTheCall) {
  int rendered = 0;
  const auto render = [&](const Result<std::string, store::StoreError>& worked) -> http::Response {
    EXPECT_EQ(*worked, "done");
    ++rendered;
    return {200, "", "", {}};
  };
  const auto work = [](store::Tx&) { return std::string("done"); };
  api::run(pages_.the_api(), reply(), work, render);
  api::run_on_snapshot(pages_.the_api(), reply(), work, render);
  EXPECT_EQ(rendered, 0);
  connection_->turn();
  EXPECT_EQ(rendered, 1);
  connection_->turn();
  EXPECT_EQ(answers(), (std::vector{200, 200}));
}

TEST_F(Run, AUnitForACallerIsGivenItsWork) {
  const usecase::Caller caller{pages_.fixture().account(), "api:SK01", "request-1", std::nullopt};
  api::run_for(
      pages_.the_api(), caller, reply(),
      [&](const usecase::Work& work) {
        EXPECT_EQ(&work.context, &pages_.the_api().context);
        EXPECT_EQ(work.moment.now, pages_.fixture().now());
        return work.caller.actor + " of " + work.caller.account.text();
      },
      [&](const Result<std::string, store::StoreError>& worked) -> http::Response {
        EXPECT_EQ(*worked, "api:SK01 of " + pages_.fixture().account().text());
        return {200, "", "", {}};
      });
  connection_->turn();
  EXPECT_EQ(answers(), std::vector{200});
}

TEST_F(Run, ARenderingMayAnswerLater) {
  std::optional<http::Reply> kept;
  api::run(
      pages_.the_api(), reply(), [](store::Tx&) { return 1; },
      [&](const Result<int, store::StoreError>&, http::Reply to) { kept = std::move(to); });
  connection_->turn();
  EXPECT_TRUE(answers().empty());
  kept->send({202, "", "", {}});
  EXPECT_EQ(answers(), std::vector{202});
}

TEST_F(Run, AWorkThatThrowsIsRenderedAsAFailureOfTheStore) {
  api::run(
      pages_.the_api(), reply(), [](store::Tx&) -> int { throw std::runtime_error("a bug"); },
      [](const Result<int, store::StoreError>& result) -> http::Response {
        EXPECT_EQ(result.error().code, store::StoreError::Code::kFailed);
        return {503, "", "", {}};
      });
  connection_->turn();
  EXPECT_EQ(answers(), std::vector{503});
}

TEST_F(Run, ARenderingThatThrowsIsAnsweredAllTheSame) {
  api::run(
      pages_.the_api(), reply(), [](store::Tx&) { return 1; },
      [](const Result<int, store::StoreError>&) -> http::Response { throw std::runtime_error("a bug"); });
  EXPECT_THROW(connection_->turn(), std::runtime_error);
  EXPECT_EQ(answers(), std::vector{500});
}

TEST_F(Run, AProviderIsAskedOutsideOfTheTransactionThatConcludes) {
  usecase::AskProvider asked{};
  asked.provider = "verifier";
  asked.check.code = SecretString(std::string("424242"));
  api::ask_provider(
      pages_.the_api(), {}, asked, reply(),
      [](const usecase::Work&, const api::ProviderVerdict& verdict) { return verdict; },
      [](const Result<api::ProviderVerdict, store::StoreError>& concluded) -> http::Response {
        EXPECT_EQ(**concluded, delivery::VerifierVerdict::kApproved);
        return {200, "", "", {}};
      });
  connection_->turn();
  EXPECT_EQ(answers(), std::vector{200});
}

}  // namespace

}  // namespace countersign::testing
