#include "store/sqlite/memory.h"

#include <sqlite3.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace countersign::store::sqlite {

namespace {

constexpr std::size_t kStep = 32;  ///< Blocks have a multiple of it.
constexpr std::size_t kLists = 2048 / kStep;
constexpr std::uint32_t kKeptMax = 64;  ///< In one list.

/// In front of what SQLite gets, which is then at a multiple of eight, as it asks.
struct Head {
  std::uint64_t bytes;  ///< That SQLite may use.
};
struct FreeBlock {
  Head head;
  FreeBlock* next;
};

struct FreeBlocks {
  std::array<FreeBlock*, kLists> first{};
  std::array<std::uint32_t, kLists> count{};
  bool closed = false;  ///< The thread ends.
};
constinit thread_local FreeBlocks free_blocks;

/// Returns what the thread has kept, when it ends.
struct AtEnd {
  AtEnd() = default;
  ~AtEnd() {
    free_blocks.closed = true;
    for (FreeBlock* block : free_blocks.first) {
      while (block != nullptr) std::free(std::exchange(block, block->next));
    }
    free_blocks.first = {};
    free_blocks.count = {};
  }
  AtEnd(const AtEnd&) = delete;
  AtEnd& operator=(const AtEnd&) = delete;
};

Head* head_of(void* memory) { return static_cast<Head*>(memory) - 1; }

/// In which list a block of so many bytes is; kLists or more: in none.
std::size_t list_of(std::uint64_t bytes) { return bytes / kStep - 1; }

int rounded_up(int bytes) { return static_cast<int>((static_cast<std::size_t>(bytes) + kStep - 1) / kStep * kStep); }

/// `bytes` is above zero.
void* take(int bytes) {
  const auto size = static_cast<std::uint64_t>(rounded_up(bytes));
  const std::size_t list = list_of(size);
  if (list < kLists && free_blocks.first[list] != nullptr) {
    FreeBlock* const block = std::exchange(free_blocks.first[list], free_blocks.first[list]->next);
    --free_blocks.count[list];
    return &block->head + 1;
  }
  auto* const head = static_cast<Head*>(std::malloc(sizeof(Head) + size));
  if (head == nullptr) return nullptr;
  head->bytes = size;
  return head + 1;
}

void give_back(void* memory) {
  Head* const head = head_of(memory);
  const std::size_t list = list_of(head->bytes);
  if (list >= kLists || free_blocks.closed || free_blocks.count[list] == kKeptMax) return std::free(head);
  if (free_blocks.count[list] == 0) {
    thread_local const AtEnd at_end;
    static_cast<void>(at_end);
  }
  auto* const block = reinterpret_cast<FreeBlock*>(head);
  block->next = std::exchange(free_blocks.first[list], block);
  ++free_blocks.count[list];
}

int size_of(void* memory) { return memory == nullptr ? 0 : static_cast<int>(head_of(memory)->bytes); }

void* taken_anew(void* memory, int bytes) {
  if (bytes <= size_of(memory)) return memory;
  void* const larger = take(bytes);
  if (larger == nullptr) return nullptr;
  std::memcpy(larger, memory, head_of(memory)->bytes);
  give_back(memory);
  return larger;
}

int begin(void*) { return SQLITE_OK; }
void end(void*) {}

}  // namespace

void keep_free_blocks() {
  // An address sanitizer sees more in memory that is malloc's.
#if !defined(__SANITIZE_ADDRESS__)
  static const sqlite3_mem_methods kMethods{take, give_back, taken_anew, size_of, rounded_up, begin, end, nullptr};
  sqlite3_config(SQLITE_CONFIG_MALLOC, &kMethods);
#endif
}

}  // namespace countersign::store::sqlite
