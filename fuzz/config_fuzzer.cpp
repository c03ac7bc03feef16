// Links: cs_configuration
// The text of a configuration file: any bytes end in a configuration or in one sentence.
#include <stdlib.h>
#include <unistd.h>

#include <cstdint>
#include <fstream>

#include "base/check.h"
#include "main/config.h"

namespace {

/// One folder for the whole run; the operating system's memory is fast enough for it.
const std::filesystem::path& folder() {
  static const std::filesystem::path made = [] {
    std::string name = (std::filesystem::temp_directory_path() / "countersign-fuzz-XXXXXX").string();
    CS_CHECK(::mkdtemp(name.data()) != nullptr);
    return std::filesystem::path(name);
  }();
  return made;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  countersign::app::ConfigSources sources;
  // The same bytes as main file and as secrets file, so that keys are reached, too.
  sources.config_file = folder() / "countersign.toml";
  sources.secrets_file = folder() / "secrets.toml";
  for (const auto& path : {*sources.config_file, *sources.secrets_file}) {
    std::ofstream(path, std::ios::binary)
        .write(reinterpret_cast<const char*>(data), static_cast<std::streamsize>(size));
    std::filesystem::permissions(path, std::filesystem::perms(0600));
  }
  const auto config = countersign::app::load_config(sources);
  CS_CHECK(config.has_value() || config.error().sentence.find('\n') == std::string::npos);
  return 0;
}
