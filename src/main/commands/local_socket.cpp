#include "main/commands/local_socket.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>

#include "main/config/files.h"

namespace countersign::main {

namespace {

constexpr int kBacklog = 16;
constexpr timeval kConnectPatience{5, 0};
constexpr mode_t kOfOthers = S_IRWXG | S_IRWXO;

std::string socket_words(int error) { return std::generic_category().message(error); }

sockaddr_un address_at(const std::filesystem::path& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string& text = path.native();
  std::memcpy(address.sun_path, text.data(), std::min(text.size(), sizeof address.sun_path - 1));
  return address;
}

/// Anybody who can write to the folder could replace our socket.
std::optional<std::string> folder_is_open(const std::filesystem::path& folder) {
  struct stat status{};
  if (::stat(folder.c_str(), &status) != 0) {
    return fmt::format("the folder {} cannot be looked at: {}", folder.string(), socket_words(errno));
  }
  if (status.st_uid != 0 && status.st_uid != ::geteuid()) {
    return fmt::format("the folder {} belongs to user {}, and not to the server's own user or root", folder.string(),
                       status.st_uid);
  }
  const bool group_may_write = (status.st_mode & S_IWGRP) != 0 && !is_our_group(status.st_gid);
  if (group_may_write || (status.st_mode & S_IWOTH) != 0) {
    return fmt::format("others may write to the folder {} (mode {:04o}); run: chmod go-w {}", folder.string(),
                       status.st_mode & 07777U, folder.string());
  }
  return std::nullopt;
}

std::optional<ucred> credentials_of(int connection) {
  ucred peer{};
  socklen_t size = sizeof peer;
  if (::getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return std::nullopt;
  return peer;
}

}  // namespace

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  if (this != &other) {
    if (number_ >= 0) ::close(number_);
    number_ = other.release();
  }
  return *this;
}

Descriptor::~Descriptor() {
  if (number_ >= 0) ::close(number_);
}

LocalSocket::LocalSocket(std::filesystem::path path, Descriptor listening)
    : path_(std::move(path)), listening_(std::move(listening)) {
  struct stat status{};
  if (::lstat(path_.c_str(), &status) == 0) file_ = {status.st_dev, status.st_ino};
}

LocalSocket::LocalSocket(LocalSocket&& other) noexcept
    : path_(std::exchange(other.path_, {})), listening_(std::move(other.listening_)), file_(other.file_) {}

LocalSocket::~LocalSocket() {
  struct stat status{};
  if (path_.empty() || ::lstat(path_.c_str(), &status) != 0) return;
  if (file_ == std::pair<std::uint64_t, std::uint64_t>{status.st_dev, status.st_ino}) ::unlink(path_.c_str());
}

Result<LocalSocket, std::string> LocalSocket::listen(const std::filesystem::path& path) {
  if (auto too_long = too_long_for_a_socket(path)) return fail(*std::move(too_long));
  if (auto open = folder_is_open(path.parent_path())) return fail(*std::move(open));
  const auto failed = [&](std::string_view what) {
    return fail(fmt::format("cannot {} {}: {}", what, path.string(), socket_words(errno)));
  };
  struct stat status{};
  if (::lstat(path.c_str(), &status) == 0) {
    if (!S_ISSOCK(status.st_mode)) {
      return fail(fmt::format("{} is no socket, and in the place of one; remove it", path.string()));
    }
    if (::unlink(path.c_str()) != 0) return failed("remove the old socket");
  }
  Descriptor listening(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (listening.number() < 0) return failed("make a socket for");
  const auto address = address_at(path);
  if (::bind(listening.number(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return failed("make the socket");
  }
  LocalSocket made(path, std::move(listening));
  // Nobody can connect before listen().
  if (::chmod(path.c_str(), S_IRUSR | S_IWUSR) != 0) return failed("protect the socket");
  if (::lstat(path.c_str(), &status) != 0 || !S_ISSOCK(status.st_mode) || (status.st_mode & kOfOthers) != 0) {
    return fail(fmt::format("the socket {} cannot be kept from others", path.string()));
  }
  if (::listen(made.listening_.number(), kBacklog) != 0) return failed("listen on");
  return made;
}

std::optional<std::string> trusted_peer(int connection) {
  const auto peer = credentials_of(connection);
  if (!peer || (peer->uid != 0 && peer->uid != ::geteuid())) return std::nullopt;
  return fmt::format("user {}", peer->uid);
}

std::optional<std::string> too_long_for_a_socket(const std::filesystem::path& path) {
  constexpr std::size_t kMost = sizeof(sockaddr_un::sun_path) - 1;
  const std::size_t size = path.native().size();
  if (size <= kMost) return std::nullopt;
  return fmt::format("the path {} has {} bytes, and a socket's may have {}; choose a shorter data_dir", path.string(),
                     size, kMost);
}

Result<std::optional<Descriptor>, std::string> connect_to_socket(const std::filesystem::path& path) {
  struct stat status{};
  if (too_long_for_a_socket(path) || ::lstat(path.c_str(), &status) != 0) return std::optional<Descriptor>();
  if (!S_ISSOCK(status.st_mode)) {
    return fail(fmt::format("{} is no socket, and in the place of the server's; remove it", path.string()));
  }
  struct stat folder{};
  if (::stat(path.parent_path().c_str(), &folder) != 0) return std::optional<Descriptor>();
  Descriptor connection(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  // The timeout of connect(), which may wait for a busy server.
  ::setsockopt(connection.number(), SOL_SOCKET, SO_SNDTIMEO, &kConnectPatience, sizeof kConnectPatience);
  const auto address = address_at(path);
  if (::connect(connection.number(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    if (errno == ECONNREFUSED || errno == ENOENT) return std::optional<Descriptor>();  // The server is gone.
    const bool forbidden = errno == EACCES || errno == EPERM;
    return fail(fmt::format("the server's socket {} cannot be used: {}{}", path.string(), socket_words(errno),
                            forbidden ? "; run this command as root or as the server's user" : ""));
  }
  const auto peer = credentials_of(connection.number());
  if (!peer || (peer->uid != 0 && peer->uid != ::geteuid() && peer->uid != folder.st_uid)) {
    return fail(
        fmt::format("user {} listens at {}, who is neither root nor you nor the owner of the folder; if that is "
                    "the server's user, run this command as that user",
                    peer ? peer->uid : -1U, path.string()));
  }
  return std::optional(std::move(connection));
}

}  // namespace countersign::main
