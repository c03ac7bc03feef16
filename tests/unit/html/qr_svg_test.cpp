#include "html/qr_svg.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "support/vectors.h"

namespace countersign::html {
namespace {

using countersign::testing::own_vectors;
using countersign::testing::read_file;

/// What an ordinary reader sees in the picture, drawn on a page of that colour.
std::string scanned(const std::string& svg, const std::string& page_colour) {
  const std::string folder = ::testing::TempDir();
  std::ofstream(folder + "qr.svg", std::ios::binary) << svg;
  const std::string command =
      "cd '" + folder + "' && rsvg-convert --width 600 --background-color '" + page_colour +
      "' qr.svg -o qr.png && zbarimg --nodbus --quiet --raw -Sbinary -Sdisable -Sqrcode.enable qr.png > qr.txt";
  EXPECT_EQ(std::system(command.c_str()), 0) << "needs librsvg2-bin and zbar-tools: " << command;
  return read_file(folder + "qr.txt");
}

int side_of(const std::string& svg) {
  int side = 0;
  EXPECT_EQ(std::sscanf(svg.c_str() + svg.find("viewBox=\"0 0 "), "viewBox=\"0 0 %d", &side), 1);
  return side;
}

TEST(QrSvg, ReadersSeeExactlyTheText) {
  int ran = 0;
  const auto vectors = own_vectors("qr.json");
  for (const auto& entry : vectors.at("cases").as_array()) {
    if (entry.at("ecc").as_string() != "M") continue;
    const std::string text(entry.at("text").as_string());
    const auto svg = qr_svg(text, "QR");
    ASSERT_TRUE(svg) << text;
    EXPECT_EQ(scanned(*svg, "white"), text);
    EXPECT_EQ(scanned(*svg, "black"), text) << "on a dark page";
    // Version v has 17 + 4v modules a side, and four of quiet zone on either end.
    EXPECT_LE((side_of(*svg) - 8 - 17) / 4, entry.at("max_version").as_int64()) << text;
    ++ran;
  }
  EXPECT_EQ(ran, 4);
}

TEST(QrSvg, KeepsBytesAsTheyAre) {
  const std::string text = "jo\u00E3o & <b> \u20AC 100% \u65E5\u672C";
  EXPECT_EQ(scanned(*qr_svg(text, "QR"), "white"), text);
  const std::string longest(2331, 'x');
  EXPECT_EQ(scanned(*qr_svg(longest, "QR"), "white"), longest);
}

TEST(QrSvg, RefusesWhatNoCodeHolds) {
  EXPECT_FALSE(qr_svg("", "QR"));
  EXPECT_FALSE(qr_svg(std::string(2332, 'x'), "QR"));
}

TEST(QrSvg, IsOneSelfContainedPicture) {
  const auto svg = *qr_svg("HELLO WORLD", "Key for <Palco> & co\x01\n");
  EXPECT_TRUE(svg.starts_with("<svg ") && svg.ends_with("</svg>"));
  EXPECT_NE(svg.find("role=\"img\""), std::string::npos);
  EXPECT_NE(svg.find("<title>Key for &lt;Palco&gt; &amp; co\xEF\xBF\xBD\n</title>"), std::string::npos);
  EXPECT_NE(svg.find("shape-rendering=\"crispEdges\""), std::string::npos);
  EXPECT_EQ(svg.find("<path"), svg.rfind("<path"));
  EXPECT_EQ(side_of(svg), 21 + 8);
  EXPECT_EQ(svg.find("M0 "), std::string::npos);
  EXPECT_EQ(svg, *qr_svg("HELLO WORLD", "Key for <Palco> & co\x01\n"));
}

}  // namespace
}  // namespace countersign::html
