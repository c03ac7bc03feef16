#pragma once

#include <sys/socket.h>
#include <sys/un.h>

#include <cstring>
#include <filesystem>

#include "base/check.h"

namespace countersign::testing {

/// Of a socket in the file system; the path must be short enough for one.
[[nodiscard]] inline sockaddr_un address_of_socket(const std::filesystem::path& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  CS_CHECK(path.string().size() < sizeof address.sun_path);
  std::strcpy(address.sun_path, path.c_str());
  return address;
}

}  // namespace countersign::testing
