#include "main/config/tls_files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "http/tls_context.h"

namespace countersign::main {

namespace {

constexpr std::string_view kNotAllowed =
    "this user may not read it. Under systemd hand it over as a credential (LoadCredential=tls.key:{0} and tls.key = "
    "\"/run/credentials/countersign.service/tls.key\"), or let a group read it and add SupplementaryGroups= to the "
    "unit";

std::optional<ConfigError> unreadable(std::string_view key, const std::filesystem::path& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  const int error = errno;
  if (fd >= 0) {
    ::close(fd);
    return std::nullopt;
  }
  const bool not_allowed = error == EACCES || error == EPERM;
  return ConfigError{fmt::format("{} is {}: {}.", key, path.string(),
                                 not_allowed
                                     ? fmt::format(kNotAllowed, path.string())
                                     : fmt::format("it cannot be read ({})", std::generic_category().message(error)))};
}

}  // namespace

Result<Done, ConfigError> check_tls_files(const Config& config) {
  if (!config.tls) return Done{};
  if (auto error = unreadable("tls.certificate", config.tls->certificate)) return fail(*std::move(error));
  if (auto error = unreadable("tls.key", config.tls->key)) return fail(*std::move(error));
  http::TlsContext context(config.tls->certificate.string(), config.tls->key.string());
  return context.load().transform_error([](const std::string& why) { return ConfigError{"tls: " + why + "."}; });
}

}  // namespace countersign::main
