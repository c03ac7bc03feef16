#include "main/config/files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace countersign::main {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kSizeMax = 1 << 20;

std::string words_of(int error) { return std::generic_category().message(error); }

class File {
 public:
  File(const fs::path& path, int flags, mode_t mode = 0) : fd_(::open(path.c_str(), flags | O_CLOEXEC, mode)) {}
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() {
    if (fd_ >= 0) ::close(fd_);
  }
  [[nodiscard]] bool is_open() const { return fd_ >= 0; }
  [[nodiscard]] int fd() const { return fd_; }

 private:
  int fd_;
};

Result<SecretString, std::string> read_all(const File& file) {
  SecretString text;
  text.expose_for_writing().reserve(kSizeMax);  // One allocation, so that no copies remain from growing.
  std::array<char, 4096> chunk{};
  for (;;) {
    const ssize_t count = ::read(file.fd(), chunk.data(), chunk.size());
    if (count < 0) {
      if (errno == EINTR) continue;
      return fail(fmt::format("cannot be read: {}", words_of(errno)));
    }
    if (count == 0) break;
    if (text.expose().size() + static_cast<std::size_t>(count) > kSizeMax) {
      return fail(std::string("cannot be read: it is larger than 1 MiB"));
    }
    text.expose_for_writing().append(chunk.data(), static_cast<std::size_t>(count));
  }
  wipe(chunk.data(), chunk.size());
  return text;
}

bool write_all(const File& file, std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = ::write(file.fd(), text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  return ::fsync(file.fd()) == 0;
}

/// A new name is durable once its directory is.
bool sync_directory_of(const fs::path& path) {
  const auto parent = path.parent_path();
  const File directory(parent.empty() ? fs::path(".") : parent, O_RDONLY | O_DIRECTORY);
  return directory.is_open() && ::fsync(directory.fd()) == 0;
}

}  // namespace

bool is_our_group(unsigned group) {
  if (group == ::getegid()) return true;
  std::vector<gid_t> groups(static_cast<std::size_t>(std::max(0, ::getgroups(0, nullptr))));
  const int count = ::getgroups(static_cast<int>(groups.size()), groups.data());
  return count > 0 && std::ranges::find(groups, group) != groups.end();
}

Result<SecretString, std::string> read_small_file(const fs::path& path) {
  const File file(path, O_RDONLY);
  if (!file.is_open()) return fail(fmt::format("cannot be read: {}", words_of(errno)));
  return read_all(file);
}

Result<SecretString, std::string> read_private_file(const fs::path& path) {
  const File file(path, O_RDONLY | O_NONBLOCK);  // A pipe with that name must not block the start.
  if (!file.is_open()) return fail(fmt::format("cannot be read: {}", words_of(errno)));
  struct stat status{};
  if (::fstat(file.fd(), &status) != 0) return fail(fmt::format("cannot be read: {}", words_of(errno)));
  if (!S_ISREG(status.st_mode)) return fail(std::string("is not a regular file"));
  if (status.st_uid != ::geteuid() && status.st_uid != 0) {
    return fail(
        fmt::format("belongs to user {}; make its owner the user that runs the server, or root", status.st_uid));
  }
  // A process that is not root could only read the file as a member of the group; root, which keeps the file for a
  // server, need not be one.
  const bool for_one_group = status.st_uid == 0 && (status.st_mode & 037U) == 0;
  if ((status.st_mode & 077U) != 0 && !for_one_group) {
    return fail(
        fmt::format("can be read by others (mode {:04o}); run: chmod 600 {}", status.st_mode & 07777U, path.string()));
  }
  return read_all(file);
}

Result<Done, std::string> write_new_file(const fs::path& path, std::string_view text, Visibility visibility) {
  const File file(path, O_WRONLY | O_CREAT | O_EXCL, visibility == Visibility::kPrivate ? 0600 : 0644);
  if (!file.is_open()) {
    return fail(errno == EEXIST ? std::string("is there already and is left as it is")
                                : fmt::format("cannot be written: {}", words_of(errno)));
  }
  if (!write_all(file, text) || !sync_directory_of(path)) {
    const int error = errno;
    ::unlink(path.c_str());
    return fail(fmt::format("cannot be written: {}", words_of(error)));
  }
  return Done{};
}

Result<std::string, std::string> read_public_file(const fs::path& path, std::size_t size_max) {
  // Without waiting for the other end of a pipe.
  const File file(path, O_RDONLY | O_NONBLOCK);
  struct stat status{};
  if (!file.is_open() || ::fstat(file.fd(), &status) != 0)
    return fail(fmt::format("cannot be read: {}", words_of(errno)));
  if (!S_ISREG(status.st_mode)) return fail(std::string("is not a regular file"));
  if (static_cast<std::uint64_t>(status.st_size) > size_max)
    return fail(fmt::format("is larger than {} MiB", size_max / 1024 / 1024));
  std::string text(static_cast<std::size_t>(status.st_size), '\0');
  std::size_t done = 0;
  while (done < text.size()) {
    const ssize_t count = ::read(file.fd(), text.data() + done, text.size() - done);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return fail(fmt::format("cannot be read: {}", words_of(errno)));
    if (count == 0) break;
    done += static_cast<std::size_t>(count);
  }
  text.resize(done);
  return text;
}

Result<Done, std::string> replace_private_file(const fs::path& path, std::string_view text) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) return fail(fmt::format("cannot be read: {}", words_of(errno)));
  const fs::path next = path.string() + ".new";
  ::unlink(next.c_str());  // A leftover of a crash.
  if (auto written = write_new_file(next, text, Visibility::kPrivate); !written) return fail(written.error());
  const bool same_owner = status.st_uid == ::geteuid() && status.st_gid == ::getegid();
  const bool replaced = (same_owner || ::chown(next.c_str(), status.st_uid, status.st_gid) == 0) &&
                        ::chmod(next.c_str(), status.st_mode & 0640U) == 0 &&
                        ::rename(next.c_str(), path.c_str()) == 0 && sync_directory_of(path);
  if (!replaced) {
    const int error = errno;
    ::unlink(next.c_str());
    return fail(fmt::format("cannot be replaced: {}", words_of(error)));
  }
  return Done{};
}

}  // namespace countersign::main
