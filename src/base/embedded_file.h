#pragma once

#include <string_view>

namespace countersign {

/** A file that was put into the program when it was built (cmake/embed.cmake); both views live as long as the program.
 */
struct EmbeddedFile {
  std::string_view name;  ///< Path relative to the embedded folder, such as "pt-BR.json".
  std::string_view bytes;
};

}  // namespace countersign
