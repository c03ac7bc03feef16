#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace countersign::api {

/// `text` (any bytes) as a QR code, error correction M, in one self-contained SVG element to put into a page. [URI-2]
///
/// Black on white in every colour scheme, because many readers refuse inverted codes; the quiet zone of four modules
/// is part of the picture. No size is set: one unit is one module and the page decides. `title` is what a screen reader
/// says. The same input always gives the same bytes.
/// Nothing when the text is empty or longer than a QR code holds (2331 bytes). The picture of a secret is a secret.
[[nodiscard]] std::optional<std::string> qr_svg(std::string_view text, std::string_view title);

}  // namespace countersign::api
