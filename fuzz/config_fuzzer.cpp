// Links: cs_configuration
// A configuration file: any bytes give a configuration or an error of one sentence.
#include <stdlib.h>
#include <unistd.h>

#include <cstdint>
#include <fstream>

#include "base/check.h"
#include "main/config/config.h"

namespace {

/// One folder for the whole run; the page cache makes it fast enough.
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
  countersign::main::ConfigSources sources;
  // Use the same bytes as main file and as secrets file, to reach keys too.
  sources.config_file = folder() / "countersign.toml";
  sources.secrets_file = folder() / "secrets.toml";
  for (const auto& path : {*sources.config_file, *sources.secrets_file}) {
    std::ofstream(path, std::ios::binary)
        .write(reinterpret_cast<const char*>(data), static_cast<std::streamsize>(size));
    std::filesystem::permissions(path, std::filesystem::perms(0600));
  }
  const auto config = countersign::main::load_config(sources);
  CS_CHECK(config.has_value() || config.error().sentence.find('\n') == std::string::npos);
  return 0;
}
