#include "demo/brazil/pix_key.h"

#include <gtest/gtest.h>

namespace countersign::demo {
namespace {

struct Right {
  PixKind kind;
  std::string typed;
  std::string key;
  std::string masked;
};

TEST(PixKey, IsPutIntoTheDirectorysForm) {
  const Right rows[] = {
      {PixKind::kDocument, "529.982.247-25", "52998224725", "***.982.247-**"},
      {PixKind::kDocument, "12abc34501de35", "12ABC34501DE35", "12.ABC.345/01DE-35"},
      {PixKind::kPhone, "11987654321", "+5511987654321", "(11) •••••-4321"},
      {PixKind::kEmail, " Pix@BCB.gov.br ", "pix@bcb.gov.br", "p•••@bcb.gov.br"},
      {PixKind::kEmail, std::string(66, 'a') + "@bcb.gov.br", std::string(66, 'a') + "@bcb.gov.br", "a•••@bcb.gov.br"},
      {PixKind::kRandom, "123E4567-e89b-12d3-a456-426655440000", "123e4567-e89b-12d3-a456-426655440000", "123e…0000"},
      {PixKind::kRandom, "123e4567e89b12d3a456426655440000", "123e4567-e89b-12d3-a456-426655440000", "123e…0000"},
      // Both a valid CPF and a mobile of São Paulo: the kind decides.
      {PixKind::kDocument, "11987654374", "11987654374", "***.876.543-**"},
      {PixKind::kPhone, "11987654374", "+5511987654374", "(11) •••••-4374"},
  };
  for (const auto& row : rows) {
    const auto key = parse_pix_key(row.kind, row.typed);
    ASSERT_TRUE(key) << row.typed;
    EXPECT_EQ(key->value, row.key);
    EXPECT_EQ(mask_pix_key(*key), row.masked);
  }
}

TEST(PixKey, SaysWhatIsWrong) {
  const std::tuple<PixKind, std::string, PixFault> rows[] = {
      {PixKind::kDocument, "52998224752", PixFault::kDocument},
      {PixKind::kPhone, "+55 (11) 9876", PixFault::kPhone},
      {PixKind::kEmail, "pix.bcb.gov.br", PixFault::kEmail},
      {PixKind::kEmail, "pix@bcb", PixFault::kEmail},
      {PixKind::kEmail, "pi x@bcb.gov.br", PixFault::kEmail},
      {PixKind::kEmail, "pix@bcb..br", PixFault::kEmail},
      {PixKind::kEmail, std::string(67, 'a') + "@bcb.gov.br", PixFault::kEmailTooLong},
      {PixKind::kRandom, "123e4567-e89b-12d3-a456-42665544000", PixFault::kRandom},
      {PixKind::kRandom, "123e4567-e89b-12d3-a456-42665544000g", PixFault::kRandom},
      {PixKind::kEmail, "  ", PixFault::kEmpty},
  };
  for (const auto& [kind, typed, fault] : rows) {
    const auto key = parse_pix_key(kind, typed);
    ASSERT_FALSE(key) << typed;
    EXPECT_EQ(key.error(), fault) << typed;
  }
}

TEST(PixKey, KindsHaveNames) {
  for (const auto kind : {PixKind::kDocument, PixKind::kPhone, PixKind::kEmail, PixKind::kRandom})
    EXPECT_EQ(pix_kind_of(pix_kind_name(kind)), kind);
  EXPECT_FALSE(pix_kind_of("cpf"));
}

}  // namespace
}  // namespace countersign::demo
