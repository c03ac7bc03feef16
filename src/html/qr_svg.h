#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace countersign::html {

/// `text` (any bytes) as a QR code, error correction M, as one self-contained SVG element for a page. [URI-2]
///
/// Always black on white, because many readers refuse inverted codes; includes the quiet zone of four modules. No size
/// is set: one unit is one module, and the page scales it. `title` is for screen readers. Deterministic. Nothing if the
/// text is empty or longer than a QR code holds (2331 bytes). A picture of a secret is a secret.
[[nodiscard]] std::optional<std::string> qr_svg(std::string_view text, std::string_view title);

}  // namespace countersign::html
