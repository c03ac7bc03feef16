#include <gtest/gtest.h>
#include <sqlite3.h>

#include <algorithm>
#include <cstdint>
#include <random>
#include <string_view>
#include <thread>
#include <vector>

#include "store/sqlite/connection.h"

// The memory that SQLite gets (store/sqlite/memory.h).
namespace countersign::store {
namespace {

/// Before any other test uses SQLite.
[[maybe_unused]] const bool kConfigured = (sqlite::configure_sqlite(), true);

struct Block {
  void* memory;
  std::size_t size;
  char filled_with;
};

bool is_as_it_was(const Block& block, std::size_t size) {
  const std::string_view bytes(static_cast<const char*>(block.memory), size);
  return std::ranges::all_of(bytes, [&](char byte) { return byte == block.filled_with; });
}

Block filled(Block block) {
  EXPECT_GE(sqlite3_msize(block.memory), block.size);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(block.memory) % 8, 0U);
  std::fill_n(static_cast<char*>(block.memory), block.size, block.filled_with);
  return block;
}

/// Takes, enlarges, cuts and gives back blocks of all sizes; answers those that are left.
std::vector<Block> many_steps(unsigned seed) {
  std::mt19937 random(seed);
  std::vector<Block> blocks;
  char fill = 0;
  for (int step = 0; step < 5'000; ++step) {
    const std::size_t size = random() % (step % 10 == 0 ? 10'000 : 700) + 1;
    if (random() % 2 == 0 || blocks.empty()) {
      blocks.push_back(filled({sqlite3_malloc64(size), size, ++fill}));
    } else {
      Block& block = blocks[random() % blocks.size()];
      EXPECT_TRUE(is_as_it_was(block, block.size));
      if (random() % 3 == 0) {
        block.memory = sqlite3_realloc64(block.memory, size);
        EXPECT_TRUE(is_as_it_was(block, std::min(size, block.size)));
        block.size = size;
        block = filled(block);
      } else {
        sqlite3_free(block.memory);
        block = blocks.back();
        blocks.pop_back();
      }
    }
  }
  return blocks;
}

TEST(SqliteMemory, KeepsBlocksApart) {
  for (const Block& block : many_steps(1)) {
    EXPECT_TRUE(is_as_it_was(block, block.size));
    sqlite3_free(block.memory);
  }
}

// As when a store is closed by another thread than the one that wrote.
TEST(SqliteMemory, GoesBackInAnotherThread) {
  std::vector<Block> of_a;
  std::vector<Block> of_b;
  std::thread a([&] { of_a = many_steps(2); });
  std::thread b([&] { of_b = many_steps(3); });
  a.join();
  b.join();
  std::thread([&] {
    for (const auto* blocks : {&of_a, &of_b}) {
      for (const Block& block : *blocks) {
        EXPECT_TRUE(is_as_it_was(block, block.size));
        sqlite3_free(block.memory);
      }
    }
  }).join();
}

#if !defined(__SANITIZE_ADDRESS__)
// Else SQLite was used before its settings were made, which costs a tenth of the writer's work.
TEST(SqliteMemory, IsWhatTheSettingsSay) {
  void* const memory = sqlite3_malloc(1);
  EXPECT_EQ(sqlite3_msize(memory), 32U);
  sqlite3_free(memory);
  sqlite3_int64 used = 0;
  sqlite3_int64 most = 0;
  sqlite3_status64(SQLITE_STATUS_MEMORY_USED, &used, &most, 0);
  EXPECT_EQ(used, 0) << "it counts its memory";
}
#endif

}  // namespace
}  // namespace countersign::store
