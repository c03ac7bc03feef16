#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"

namespace countersign::app {

/// An open file descriptor, closed at the end.
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

/// A socket of this machine by which root and the server's own user talk to the server. Its file has mode 0600, and
/// goes with this object.
class LocalSocket {
 public:
  /// Makes the file and listens. The caller sees to it that no other server is to be at this path: the socket of one
  /// that died is replaced. Refused, in one sentence: a path that the system finds too long, a folder in which somebody
  /// else could put another socket in its place, and anything at the path that is no socket.
  [[nodiscard]] static Result<LocalSocket, std::string> listen(const std::filesystem::path& path);
  LocalSocket(LocalSocket&& other) noexcept;
  LocalSocket(const LocalSocket&) = delete;
  ~LocalSocket();

  /// The listening descriptor, once; whoever takes it closes it.
  [[nodiscard]] int take() { return listening_.release(); }

 private:
  LocalSocket(std::filesystem::path path, Descriptor listening);
  std::filesystem::path path_;
  Descriptor listening_;
  std::pair<std::uint64_t, std::uint64_t> file_;  ///< Device and inode.
};

/// What logs call the other end of a connection, if it is root or this process's own user.
[[nodiscard]] std::optional<std::string> trusted_peer(int connection);

/// The path has no room in a socket's address: that, with what to do.
[[nodiscard]] std::optional<std::string> too_long_for_a_socket(const std::filesystem::path& path);

/// A connection to the server that listens at `path`; nothing where none does. It must be of root, of this user, or of
/// whom the folder belongs to: whoever else put a socket there could answer anything.
[[nodiscard]] Result<std::optional<Descriptor>, std::string> connect_to_socket(const std::filesystem::path& path);

}  // namespace countersign::app
