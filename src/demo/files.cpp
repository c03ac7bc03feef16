#include "demo/files.h"

#include <algorithm>

#include "base/check.h"
#include "demo/demo_files.h"
#include "demo/demo_locales.h"
#include "demo/demo_templates.h"

namespace countersign::demo {

std::string_view file(std::string_view name) {
  const auto files = embedded_files();
  const auto found = std::find_if(files.begin(), files.end(), [&](const EmbeddedFile& f) { return f.name == name; });
  CS_CHECK(found != files.end());
  return found->bytes;
}

std::span<const EmbeddedFile> locales() { return locale_files(); }
std::span<const EmbeddedFile> templates() { return template_files(); }

}  // namespace countersign::demo
