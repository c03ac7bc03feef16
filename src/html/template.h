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

/// Templates with next to no logic, a part of Mustache:
///
///   {{name}}             the value's text, escaped; markup only where the value is an Html and stands in element
///   content
///   {{#name}}…{{/name}}  once if the value counts as yes, for each object of a list, inside of an object
///   {{^name}}…{{/name}}  if it counts as no, or is not there
///   {{>name}}            another template, in place
///   {{@key}}             the catalogue's text; its {parameters} are values of those names
///   {{! …}}              nothing
///
/// Names are looked up from the innermost section outwards. A name that is nowhere is a bug of the page: rendering
/// throws std::logic_error, except in sections, where it counts as no.
///
/// Where a value stands is looked at when the template is read. It may stand in element content, and between the double
/// quotes of an attribute; a value that begins href, src or action is also checked to be a safe link (else `#`). A
/// template with a value anywhere else (in a tag, an unquoted attribute, an attribute that runs code or styles, a
/// script or a comment) is refused, as is one whose sections end in another place than they began in.
struct TemplateError {
  std::string sentence;  ///< Template, line, what is wrong.
};

/// All templates of a site, read once. Immutable; thread-safe.
class Templates {
 public:
  /// Files named `page.html` are the template `page`. Every partial and every text key must exist.
  [[nodiscard]] static Result<Templates, TemplateError> parse(std::span<const EmbeddedFile> files,
                                                              const Catalogue& catalogue);
  Templates(Templates&&) noexcept;
  Templates& operator=(Templates&&) noexcept;
  ~Templates();

  [[nodiscard]] std::string render(std::string_view name, const Object& values, const Language& language) const;

  /// Every text key that a template names: what is in the catalogue besides is used by code, or by nobody.
  [[nodiscard]] std::vector<std::string> text_keys() const;

  struct Node;

 private:
  Templates();
  std::map<std::string, std::vector<Node>, std::less<>> all_;
};

}  // namespace countersign::html
