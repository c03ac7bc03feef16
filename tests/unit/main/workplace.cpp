#include "unit/main/workplace.h"

#include <sys/stat.h>

#include <cstdlib>
#include <fstream>

#include "main/config/init.h"
#include "support/fake_time.h"
#include "support/vectors.h"

namespace countersign::main {

namespace fs = std::filesystem;

const std::string_view kGoodConfig = R"(mode = "production"
public_url = "https://verify.example.com"
[providers.hook]
type = "http_hook"
url = "https://messages.example.com/"
[policies.payout]
any_of = ["sms", "totp"]
[[services]]
name = "default"
policies = ["payout"]
[services.channels]
sms = "hook"
[notices]
objection = "support"
)";

Workplace::Workplace() {
  std::string name = (fs::temp_directory_path() / "countersign-XXXXXX").string();
  CS_CHECK(::mkdtemp(name.data()) != nullptr);
  dir_ = name;
}

Workplace::~Workplace() {
  std::error_code ignored;
  fs::remove_all(dir_, ignored);
}

fs::path Workplace::write(std::string_view name, std::string_view text, int mode) const {
  const auto path = dir_ / name;
  std::ofstream(path, std::ios::binary) << text;
  CS_CHECK(::chmod(path.c_str(), static_cast<mode_t>(mode)) == 0);
  return path;
}

std::string Workplace::read(std::string_view name) const { return testing::read_file(dir_ / name); }

void Workplace::write_secrets() const {
  testing::SeededRandom random;
  write("countersign.secrets.toml",
        fresh_secrets(random).expose() + "[providers.hook]\nsecret = \"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\"\n");
}

ConfigSources Workplace::production(std::string_view config_text) const {
  ConfigSources sources;
  sources.config_file = write("countersign.toml", config_text, 0644);
  return sources;
}

ConfigSources Workplace::development() const {
  ConfigSources sources;
  sources.development = true;
  sources.flags["data_dir"] = dir_.string();
  return sources;
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const auto at = text.find(from);
  CS_CHECK(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

std::string sentence_of(const ConfigSources& sources) {
  const auto config = load_config(sources);
  return config ? std::string() : config.error().sentence;
}

}  // namespace countersign::main
