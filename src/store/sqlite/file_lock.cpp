#include "store/sqlite/file_lock.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>

#include "store/error.h"

namespace countersign::store::sqlite {

namespace {

[[noreturn]] void cannot_lock(std::string sentence, StoreError::Code code = StoreError::Code::kUnavailable) {
  throw StoreFailure({code, std::move(sentence)});
}

std::string holder_of(int descriptor) {
  std::array<char, 32> text{};
  const ssize_t size = ::pread(descriptor, text.data(), text.size(), 0);
  std::string_view pid(text.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
  pid = pid.substr(0, pid.find('\n'));
  return pid.empty() ? "another process" : fmt::format("process {}", pid);
}

}  // namespace

FileLock::FileLock(const std::filesystem::path& database) {
  const std::string path = database.string() + ".lock";
  descriptor_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor_ < 0) cannot_lock(fmt::format("cannot open {}: {}", path, std::strerror(errno)));
  if (::flock(descriptor_, LOCK_EX | LOCK_NB) == 0) {
    // Who holds it is told to the next one who tries; the lock does not depend on it.
    const std::string pid = fmt::format("{}\n", ::getpid());
    if (::ftruncate(descriptor_, 0) != 0 || ::pwrite(descriptor_, pid.data(), pid.size(), 0) < 0) errno = 0;
    return;
  }
  const int error = errno;
  const std::string holder = holder_of(descriptor_);
  ::close(descriptor_);
  if (error != EWOULDBLOCK) cannot_lock(fmt::format("cannot lock {}: {}", path, std::strerror(error)));
  cannot_lock(
      fmt::format("the database {} is in use by {}; only one server can use it at a time", database.string(), holder),
      StoreError::Code::kInUse);
}

FileLock::~FileLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace countersign::store::sqlite
