#include "main/wipe_freed.h"

#include <curl/curl.h>
#include <malloc.h>
#include <openssl/crypto.h>

#include <cstdlib>
#include <cstring>
#include <new>

#include "base/secret.h"
#include "base/wipes_frees.h"

extern "C" void __libc_free(void* memory) noexcept;  // NOLINT(bugprone-reserved-identifier): of the C library.

// A payload is copied many times: parser buffer, JSON tree, canonical form, answer, connection. Each copy is
// overwritten when it is freed: one place, which covers later copies too. It costs about 4 % of the processor time of a
// request. Long-lived buffers of connections are wiped where they are emptied.

namespace countersign::main {
namespace {

void free_wiped(void* memory) noexcept {
  if (memory == nullptr) return;
  wipe(memory, malloc_usable_size(memory));
  std::free(memory);
}

void* grow_wiped(void* memory, std::size_t size) noexcept {
  if (memory == nullptr) return std::malloc(size);
  const std::size_t had = malloc_usable_size(memory);
  if (size != 0 && size <= had) return memory;
  void* const larger = size == 0 ? nullptr : std::malloc(size);
  if (larger != nullptr) std::memcpy(larger, memory, had);
  if (larger != nullptr || size == 0) free_wiped(memory);
  return larger;
}

void* openssl_malloc(std::size_t size, const char*, int) { return size == 0 ? nullptr : std::malloc(size); }
void* openssl_realloc(void* memory, std::size_t size, const char*, int) { return grow_wiped(memory, size); }
void openssl_free(void* memory, const char*, int) { free_wiped(memory); }

}  // namespace

void wipe_freed_memory() {
  // Refused once OpenSSL has allocated anything: then freed memory is not wiped.
  static_cast<void>(CRYPTO_set_mem_functions(openssl_malloc, openssl_realloc, openssl_free));
  static_cast<void>(
      curl_global_init_mem(CURL_GLOBAL_DEFAULT, std::malloc, free_wiped, grow_wiped, ::strdup, std::calloc));
}

}  // namespace countersign::main

#ifndef CS_SANITIZED  // Sanitizers have their own allocator, which poisons freed memory.

// For libraries without hooks. Nearly always as in the C library: wiping everything is slow.
extern "C" void free(void* memory) noexcept {
  if (memory != nullptr && countersign::WipesFrees::now()) countersign::wipe(memory, malloc_usable_size(memory));
  __libc_free(memory);
}

// The other forms of both call these.

void* operator new(std::size_t size) {
  for (;;) {
    if (void* const memory = std::malloc(size == 0 ? 1 : size)) return memory;
    const auto handler = std::get_new_handler();
    if (handler == nullptr) throw std::bad_alloc();
    handler();
  }
}

void* operator new(std::size_t size, std::align_val_t alignment) {
  const auto step = static_cast<std::size_t>(alignment);
  for (;;) {
    if (void* const memory = std::aligned_alloc(step, (size + step - 1) / step * step)) return memory;
    const auto handler = std::get_new_handler();
    if (handler == nullptr) throw std::bad_alloc();
    handler();
  }
}

// The analyser takes what is given back here for memory that was freed before.
// NOLINTBEGIN(clang-analyzer-cplusplus.NewDelete)
void operator delete(void* memory) noexcept { countersign::main::free_wiped(memory); }
void operator delete(void* memory, std::size_t) noexcept { countersign::main::free_wiped(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { countersign::main::free_wiped(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { countersign::main::free_wiped(memory); }
// NOLINTEND(clang-analyzer-cplusplus.NewDelete)

#endif
