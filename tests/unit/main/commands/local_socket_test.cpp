// Who may talk to the server by its socket, and whom a command believes.

#include "main/commands/local_socket.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <functional>

#include "support/socket_address.h"
#include "unit/main/workplace.h"

namespace countersign::main {
namespace {

constexpr uid_t kSomebody = 54321;

mode_t socket_mode_of(const std::filesystem::path& path) {
  struct stat status{};
  return ::lstat(path.c_str(), &status) == 0 ? status.st_mode & 07777U : 0;
}

/// The error of connecting; 0 for none. `connection` is left open.
int connect_plainly(const std::filesystem::path& path, int& connection) {
  const auto address = testing::address_of_socket(path);
  connection = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  return ::connect(connection, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 ? 0 : errno;
}

/// Runs it in a process of another user, and answers what it answers.
int as_somebody(const std::function<int()>& what) {
  const pid_t child = ::fork();
  if (child == 0) {
    if (::setgid(kSomebody) != 0 || ::setuid(kSomebody) != 0) ::_exit(250);
    ::_exit(what());
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

class LocalSocketTest : public ::testing::Test {
 protected:
  [[nodiscard]] std::filesystem::path path() const { return place_.dir() / "c.db.admin"; }
  [[nodiscard]] std::string refusal() const {
    const auto made = LocalSocket::listen(path());
    return made ? "" : made.error();
  }
  Workplace place_;
};

TEST_F(LocalSocketTest, IsForItsOwnUserAloneAndGoesWithTheServer) {
  const mode_t before = ::umask(0);
  {
    const auto made = LocalSocket::listen(path());
    ::umask(before);
    ASSERT_TRUE(made) << made.error();
    EXPECT_EQ(socket_mode_of(path()), 0600U);
    const auto connection = connect_to_socket(path());
    ASSERT_TRUE(connection) << connection.error();
    EXPECT_TRUE(connection->has_value());
  }
  EXPECT_FALSE(std::filesystem::exists(std::filesystem::symlink_status(path())));
  const auto nobody = connect_to_socket(path());
  ASSERT_TRUE(nobody);
  EXPECT_FALSE(nobody->has_value());
}

TEST_F(LocalSocketTest, OneThatADeadServerLeftIsNobodyAndIsReplaced) {
  const int dead = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const auto address = testing::address_of_socket(path());
  ASSERT_EQ(::bind(dead, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  ::close(dead);
  const auto nobody = connect_to_socket(path());
  ASSERT_TRUE(nobody) << nobody.error();
  EXPECT_FALSE(nobody->has_value());

  const auto made = LocalSocket::listen(path());
  ASSERT_TRUE(made) << made.error();
  const auto connection = connect_to_socket(path());
  ASSERT_TRUE(connection);
  EXPECT_TRUE(connection->has_value());
}

TEST_F(LocalSocketTest, WhatAnotherMadeInItsPlaceStaysWhenTheServerEnds) {
  {
    const auto made = LocalSocket::listen(path());
    ASSERT_TRUE(made);
    std::filesystem::remove(path());
    place_.write("c.db.admin", "somebody's");
  }
  EXPECT_EQ(place_.read("c.db.admin"), "somebody's");
}

TEST_F(LocalSocketTest, ALinkOrAFileInItsPlaceIsNeitherFollowedNorRemoved) {
  const auto target = place_.write("precious", "kept");
  std::filesystem::create_symlink(target, path());
  EXPECT_NE(refusal().find("is no socket"), std::string::npos) << refusal();
  EXPECT_EQ(place_.read("precious"), "kept");
  std::filesystem::remove(path());

  // Not even where it leads to a socket that answers.
  const auto elsewhere = LocalSocket::listen(place_.dir() / "elsewhere");
  ASSERT_TRUE(elsewhere);
  std::filesystem::create_symlink(place_.dir() / "elsewhere", path());
  EXPECT_NE(refusal().find("is no socket"), std::string::npos) << refusal();
  const auto led = connect_to_socket(path());
  ASSERT_FALSE(led);
  EXPECT_NE(led.error().find("is no socket"), std::string::npos) << led.error();
}

TEST_F(LocalSocketTest, IsNotMadeWhereOthersCouldReplaceIt) {
  for (const mode_t mode : {0777U, 01777U, 0702U}) {
    ASSERT_EQ(::chmod(place_.dir().c_str(), mode), 0);
    EXPECT_NE(refusal().find("others may write"), std::string::npos) << std::oct << mode << refusal();
  }
  ASSERT_EQ(::chmod(place_.dir().c_str(), 0770), 0);
  EXPECT_EQ(refusal(), "") << "its own group, as Kubernetes gives a volume with fsGroup";
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give folders to others";
  ASSERT_EQ(::chown(place_.dir().c_str(), 0, kSomebody), 0);
  EXPECT_NE(refusal().find("others may write"), std::string::npos) << "a group that is not ours";
  ASSERT_EQ(::chmod(place_.dir().c_str(), 0755), 0);
  EXPECT_EQ(refusal(), "");
  ASSERT_EQ(::chown(place_.dir().c_str(), kSomebody, 0), 0);
  EXPECT_NE(refusal().find("belongs to user 54321"), std::string::npos) << refusal();
}

TEST_F(LocalSocketTest, APathWithoutRoomIsNamedWithItsSize) {
  const auto longest = place_.dir() / std::string(107 - place_.dir().native().size() - 1, 'a');
  EXPECT_TRUE(LocalSocket::listen(longest)) << LocalSocket::listen(longest).error();
  const auto made = LocalSocket::listen(longest.string() + "b");
  ASSERT_FALSE(made);
  EXPECT_NE(made.error().find("has 108 bytes, and a socket's may have 107"), std::string::npos) << made.error();
  const auto nobody = connect_to_socket(longest.string() + "b");
  ASSERT_TRUE(nobody);
  EXPECT_FALSE(nobody->has_value());
}

TEST_F(LocalSocketTest, AnotherUserGetsNoConnectionAndIsNotTrusted) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can become another user";
  ASSERT_EQ(::chmod(place_.dir().c_str(), 0755), 0);
  auto made = LocalSocket::listen(path());
  ASSERT_TRUE(made) << made.error();
  const auto connect = [&] {
    int connection = -1;
    return connect_plainly(path(), connection);
  };
  EXPECT_EQ(as_somebody(connect), EACCES);

  // Even where somebody has opened the file's mode.
  ASSERT_EQ(::chmod(path().c_str(), 0666), 0);
  EXPECT_EQ(as_somebody(connect), 0);
  const int listening = made->take();
  const int theirs = ::accept(listening, nullptr, nullptr);
  ASSERT_GE(theirs, 0);
  EXPECT_EQ(trusted_peer(theirs), std::nullopt);
  int own = -1;
  ASSERT_EQ(connect_plainly(path(), own), 0);
  const int ours = ::accept(listening, nullptr, nullptr);
  EXPECT_EQ(trusted_peer(ours), "user 0");
  for (const int descriptor : {listening, theirs, own, ours}) ::close(descriptor);
}

TEST_F(LocalSocketTest, ACommandDoesNotBelieveWhoeverElseListensThere) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can become another user";
  ASSERT_EQ(::chmod(place_.dir().c_str(), 01777), 0);
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    if (::setgid(kSomebody) != 0 || ::setuid(kSomebody) != 0) ::_exit(250);
    const int listening = ::socket(AF_UNIX, SOCK_STREAM, 0);
    const auto address = testing::address_of_socket(path());
    if (::bind(listening, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) ::_exit(251);
    if (::listen(listening, 4) != 0 || ::write(ends[1], "x", 1) != 1) ::_exit(252);
    ::pause();
    ::_exit(0);
  }
  char ready = 0;
  ASSERT_EQ(::read(ends[0], &ready, 1), 1);
  const auto connection = connect_to_socket(path());
  // Whom the folder belongs to could do what it wants with the database, too.
  ASSERT_EQ(::chmod(place_.dir().c_str(), 0755), 0);
  ASSERT_EQ(::chown(place_.dir().c_str(), kSomebody, kSomebody), 0);
  const auto owners = connect_to_socket(path());
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  for (const int end : ends) ::close(end);
  ASSERT_FALSE(connection);
  EXPECT_NE(connection.error().find("user 54321 listens at"), std::string::npos) << connection.error();
  ASSERT_TRUE(owners) << owners.error();
  EXPECT_TRUE(owners->has_value());
}

}  // namespace
}  // namespace countersign::main
