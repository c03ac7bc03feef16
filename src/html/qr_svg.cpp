#include "html/qr_svg.h"

#include <qrencode.h>

#include <memory>

#include "base/html_text.h"
#include "base/number.h"
#include "base/wipes_frees.h"

namespace countersign::html {

namespace {

constexpr int kQuietZone = 4;           // ISO/IEC 18004, section 5.3.8
constexpr std::size_t kTextMax = 2331;  // Version 40 at level M in byte mode.

struct FreeCode {
  void operator()(QRcode* code) const { QRcode_free(code); }
};

/// One rectangle per run of dark modules in a row.
void append_path(std::string& out, const QRcode& code) {
  const int width = code.width;
  for (int y = 0; y < width; ++y) {
    const unsigned char* row = code.data + static_cast<std::ptrdiff_t>(y) * width;
    for (int x = 0; x < width;) {
      if ((row[x] & 1) == 0) {
        ++x;
        continue;
      }
      int end = x + 1;
      while (end < width && (row[end] & 1) != 0) ++end;
      out += 'M';
      append_number(out, x + kQuietZone);
      out += ' ';
      append_number(out, y + kQuietZone);
      out += 'h';
      append_number(out, end - x);
      out += "v1h-";
      append_number(out, end - x);
      out += 'z';
      x = end;
    }
  }
}

}  // namespace

std::optional<std::string> qr_svg(std::string_view text, std::string_view title) {
  if (text.empty() || text.size() > kTextMax) return std::nullopt;
  const WipesFrees wipes;  // The text holds a key, and libqrencode copies it.
  const std::unique_ptr<QRcode, FreeCode> code(QRcode_encodeData(
      static_cast<int>(text.size()), reinterpret_cast<const unsigned char*>(text.data()), 0, QR_ECLEVEL_M));
  if (!code) return std::nullopt;

  const int side = code->width + 2 * kQuietZone;
  std::string out;
  out.reserve(static_cast<std::size_t>(code->width) * static_cast<std::size_t>(code->width) * 5 + title.size() + 512);
  out += R"(<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 )";
  append_number(out, side);
  out += ' ';
  append_number(out, side);
  out += R"(" shape-rendering="crispEdges"><title>)";
  append_html_escaped(out, title);
  out += R"(</title><rect width="100%" height="100%" fill="#fff"/><path fill="#000" d=")";
  append_path(out, *code);
  out += R"("/></svg>)";
  return out;
}

}  // namespace countersign::html
