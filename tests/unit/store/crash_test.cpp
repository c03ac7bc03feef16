// A process that dies at any instant has lost nothing that it had answered.

#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdint>
#include <set>

#include "ledger.h"
#include "scratch_folder.h"
#include "store/sqlite/sqlite_store.h"
#include "support/fake_time.h"

extern char** environ;

namespace countersign::store {
namespace {

struct Victim {
  pid_t process;
  int answers;
};

Victim start(const std::filesystem::path& file) {
  std::array<int, 2> ends{};
  EXPECT_EQ(::pipe(ends.data()), 0);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  ::posix_spawn_file_actions_addclose(&actions, ends[0]);
  std::string program = CS_CRASH_CHILD;
  std::string path = file.string();
  std::array<char*, 3> arguments{program.data(), path.data(), nullptr};
  Victim victim{0, ends[0]};
  EXPECT_EQ(::posix_spawn(&victim.process, program.c_str(), &actions, nullptr, arguments.data(), environ), 0);
  ::posix_spawn_file_actions_destroy(&actions);
  ::close(ends[1]);
  return victim;
}

/// Reads up to `count` answers; fewer only when the victim has died.
std::size_t read_answers(const Victim& victim, std::size_t count, std::set<std::int64_t>& answered) {
  for (std::size_t i = 0; i < count; ++i) {
    std::int64_t number = 0;
    std::size_t have = 0;
    while (have < sizeof number) {
      const ssize_t got = ::read(victim.answers, reinterpret_cast<char*>(&number) + have, sizeof number - have);
      if (got <= 0) return i;
      have += static_cast<std::size_t>(got);
    }
    answered.insert(number);
  }
  return count;
}

TEST(Crash, NothingAnsweredIsLostByKilling) {
  constexpr int kKills = 40;
  const ScratchFolder folder;
  const auto file = folder.path() / "store.db";
  testing::SeededRandom random(1);
  std::set<std::int64_t> answered;
  for (int kill = 0; kill < kKills; ++kill) {
    const Victim victim = start(file);
    const std::size_t count = 1 + random.below(200);
    ASSERT_EQ(read_answers(victim, count, answered), count) << "the victim ended by itself";
    ASSERT_EQ(::kill(victim.process, SIGKILL), 0);
    int status = 0;
    ASSERT_EQ(::waitpid(victim.process, &status, 0), victim.process);
    EXPECT_TRUE(WIFSIGNALED(status));
    read_answers(victim, SIZE_MAX, answered);  // What was answered between the last one read and the end.
    ::close(victim.answers);

    const auto store = open_sqlite({.file = file});
    ASSERT_TRUE(store) << store.error().detail;
    const auto kept = (*store)->read_now([](Tx& tx) {
      static const Sql kSelect{"SELECT number FROM entry"};
      std::set<std::int64_t> numbers;
      tx.all(kSelect, {}, [&](const Row& row) { numbers.insert(row.integer(0)); });
      return std::pair(numbers, read_ledger(tx));
    });
    ASSERT_TRUE(kept) << kept.error().detail;
    for (const auto number : answered) ASSERT_TRUE(kept->first.contains(number)) << number << " after kill " << kill;
    // Units are whole: each entry has moved the counter.
    EXPECT_EQ(kept->second.entries, kept->second.counter);
  }
}

}  // namespace
}  // namespace countersign::store
