#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"

namespace countersign::main {

/// Owns an open file descriptor.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(other.release()) {}
  Descriptor& operator=(Descriptor&& other) noexcept;
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor();
  [[nodiscard]] int number() const { return number_; }
  [[nodiscard]] int release() { return std::exchange(number_, -1); }

 private:
  int number_;
};

/// A local socket on which root and the server's own user can reach the server. Its file has mode 0600, and is removed
/// with this object.
class LocalSocket {
 public:
  /// Creates the file and listens. Precondition: no other server may use this path; the socket of a dead one is
  /// replaced. Refuses, in one sentence: a path that is too long, a folder in which another user could replace the
  /// socket, and anything at the path that is not a socket.
  [[nodiscard]] static Result<LocalSocket, std::string> listen(const std::filesystem::path& path);
  LocalSocket(LocalSocket&& other) noexcept;
  LocalSocket(const LocalSocket&) = delete;
  ~LocalSocket();

  /// The listening descriptor, once; the caller takes ownership.
  [[nodiscard]] int take() { return listening_.release(); }

 private:
  LocalSocket(std::filesystem::path path, Descriptor listening);
  std::filesystem::path path_;
  Descriptor listening_;
  std::pair<std::uint64_t, std::uint64_t> file_;  ///< Device and inode.
};

/// The peer's name for logs, if it is root or this process's own user.
[[nodiscard]] std::optional<std::string> trusted_peer(int connection);

/// An error with advice, if the path does not fit into a socket address.
[[nodiscard]] std::optional<std::string> too_long_for_a_socket(const std::filesystem::path& path);

/// A connection to the server that listens at `path`; nothing if there is none. The peer must be root, this user, or
/// the folder's owner: any other could send forged answers.
[[nodiscard]] Result<std::optional<Descriptor>, std::string> connect_to_socket(const std::filesystem::path& path);

}  // namespace countersign::main
