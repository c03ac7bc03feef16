#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/embedded_file.h"
#include "base/result.h"
#include "html/catalogue.h"
#include "html/value.h"

namespace countersign::html {

/// Templates with minimal logic, a subset of Mustache:
///
///   {{name}}             the value's text, escaped; an Html value in element content is inserted as markup
///   {{#name}}…{{/name}}  once if the value counts as "yes"; for each object of a list; inside an object
///   {{^name}}…{{/name}}  if it counts as "no", or is absent
///   {{>name}}            another template
///   {{@key}}             the catalogue's text; its {parameters} are the values with those names
///   {{! …}}              a comment
///
/// Names are looked up from the innermost section outwards. An unknown name is a bug of the page: rendering throws
/// std::logic_error, except in sections, where it counts as "no".
///
/// The context of each value is checked when the template is parsed. Values are allowed in element content, and in
/// double-quoted attributes; a value at the start of href, src or action must also be a safe link (else `#`). A
/// template is refused if a value appears anywhere else (in a tag, an unquoted attribute, an attribute that runs code
/// or styles, a script or a comment), or if a section ends in another context than it began in.
struct TemplateError {
  std::string sentence;  ///< Template, line, what is wrong.
};

/// All templates of a site, parsed once. Immutable; thread-safe.
class Templates {
 public:
  /// The file `page.html` is the template `page`. Every partial and every text key must exist.
  [[nodiscard]] static Result<Templates, TemplateError> parse(std::span<const EmbeddedFile> files,
                                                              const Catalogue& catalogue);
  Templates(Templates&&) noexcept;
  Templates& operator=(Templates&&) noexcept;
  ~Templates();

  [[nodiscard]] std::string render(std::string_view name, const Object& values, const Language& language) const;

  /// Every text key in the templates: other keys of the catalogue are used by code, or unused.
  [[nodiscard]] std::vector<std::string> text_keys() const;

  struct Node;

 private:
  Templates();
  std::map<std::string, std::vector<Node>, std::less<>> all_;
};

}  // namespace countersign::html
