#include "demo/brazil/document.h"

#include <gtest/gtest.h>

namespace countersign::demo {
namespace {

TEST(Document, TakesWhatIsRight) {
  for (const auto* typed : {"529.982.247-25", "52998224725", " 529 982 247 25 ", "111.444.777-35", "123.456.789-09",
                            "390.533.447-05", "000.000.001-91"}) {
    const auto document = parse_document(typed);
    ASSERT_TRUE(document) << typed;
    EXPECT_EQ(document->kind, Document::Kind::kCpf);
  }
  for (const auto* typed : {"12.ABC.345/01DE-35", "12abc34501de35", "11.222.333/0001-81", "00.000.000/0001-91",
                            "13.45C.3A5/0001-06", "AB.12C.D34/0001-84", "A1.B2C.3D4/0001-93", "B4.R7K.9P2/0001-60",
                            "12.LBC.345/01DE-35"}) {  // A and L are equal by 11, so only the name tells.
    const auto document = parse_document(typed);
    ASSERT_TRUE(document) << typed;
    EXPECT_EQ(document->kind, Document::Kind::kCnpj);
  }
}

TEST(Document, SaysWhatIsWrong) {
  const std::pair<const char*, DocumentFault> rows[] = {
      {"", DocumentFault::kEmpty},
      {" .-/", DocumentFault::kEmpty},
      {"5299822472", DocumentFault::kLength},
      {"529982247255", DocumentFault::kLength},
      {"529.982.247-52", DocumentFault::kCpfDigits},
      {"123.456.789-00", DocumentFault::kCpfDigits},
      {"12.ABC.345/01DE-36", DocumentFault::kCnpjLetters},
      {"12.ABC.345/O1DE-35", DocumentFault::kCnpjLetters},  // The letter O.
      {"12.ABC.345/01DE-3A", DocumentFault::kCnpjEnd},
      {"00.000.000/0000-00", DocumentFault::kCnpjDigits},
      {"529.982.247-2X", DocumentFault::kCharacters},
      {"五二九九八二二四七二五", DocumentFault::kCharacters},
  };
  for (const auto& [typed, fault] : rows) {
    const auto document = parse_document(typed);
    ASSERT_FALSE(document) << typed;
    EXPECT_EQ(document.error(), fault) << typed;
  }
  for (char digit = '0'; digit <= '9'; ++digit) EXPECT_FALSE(parse_document(std::string(11, digit))) << digit;
}

TEST(Document, IsShownGroupedAndMasked) {
  EXPECT_EQ(format_document(*parse_document("52998224725")), "529.982.247-25");
  EXPECT_EQ(mask_document(*parse_document("52998224725")), "***.982.247-**");
  EXPECT_EQ(format_document(*parse_document("12abc34501de35")), "12.ABC.345/01DE-35");
  EXPECT_EQ(mask_document(*parse_document("12abc34501de35")), "12.ABC.345/01DE-35");
}

}  // namespace
}  // namespace countersign::demo
