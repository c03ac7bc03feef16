#include "base/check.h"
#include "html/catalogue.h"
#include "html/locale_files.h"

namespace countersign::html {

const Catalogue& built_in_catalogue() {
  static const Catalogue catalogue = [] {
    auto loaded = Catalogue::load(locale_files());
    CS_CHECK(loaded.has_value());
    return *std::move(loaded);
  }();
  return catalogue;
}

}  // namespace countersign::html
