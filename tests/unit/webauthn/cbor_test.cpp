#include "webauthn/cbor.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>

#include "base/encoding.h"

namespace countersign::webauthn {
namespace {

std::optional<CborError> cbor_error(std::string_view hex) {
  const std::string bytes = from_hex(hex).value();
  const auto item = parse_cbor(bytes);
  return item ? std::nullopt : std::optional(item.error());
}

std::int64_t cbor_integer(std::string_view hex) {
  const std::string bytes = from_hex(hex).value();
  return parse_cbor(bytes).value().integer().value();
}

// RFC 8949, appendix A.
TEST(Cbor, Integers) {
  EXPECT_EQ(cbor_integer("00"), 0);
  EXPECT_EQ(cbor_integer("17"), 23);
  EXPECT_EQ(cbor_integer("1818"), 24);
  EXPECT_EQ(cbor_integer("1903e8"), 1000);
  EXPECT_EQ(cbor_integer("1a000f4240"), 1000000);
  EXPECT_EQ(cbor_integer("1b000000e8d4a51000"), 1000000000000);
  EXPECT_EQ(cbor_integer("20"), -1);
  EXPECT_EQ(cbor_integer("3863"), -100);
  EXPECT_EQ(cbor_integer("390100"), -257);
  EXPECT_EQ(cbor_integer("1b7fffffffffffffff"), INT64_MAX);
  EXPECT_EQ(cbor_integer("3b7fffffffffffffff"), INT64_MIN);
  EXPECT_EQ(cbor_error("1b8000000000000000"), CborError::kTooLarge);
  EXPECT_EQ(cbor_error("3bffffffffffffffff"), CborError::kTooLarge);
}

TEST(Cbor, StringsArraysAndMaps) {
  const std::string bytes = from_hex("a26161016162820243030405").value();
  const auto map = parse_cbor(bytes);
  ASSERT_TRUE(map && map->is_map());
  EXPECT_EQ(map->integer_at("a"), 1);
  const CborItem* const list = map->find("b");
  ASSERT_TRUE(list != nullptr && list->is_array());
  ASSERT_EQ(list->array().size(), 2U);
  EXPECT_EQ(list->array()[0].integer(), 2);
  EXPECT_EQ(list->array()[1].bytes(), "\x03\x04\x05");
  EXPECT_EQ(list->array()[1].text(), std::nullopt);
  EXPECT_EQ(map->find("c"), nullptr);
  EXPECT_EQ(map->find(1), nullptr);
  EXPECT_EQ(list->find("a"), nullptr);
}

TEST(Cbor, OtherValuesHaveTheirLength) {
  for (const char* hex : {"f4", "f5", "f6", "f7", "f97e00", "fa47c35000", "fb3ff199999999999a"}) {
    const std::string bytes = from_hex(hex).value();
    const auto item = parse_cbor(bytes);
    ASSERT_TRUE(item) << hex;
    EXPECT_EQ(item->kind(), CborItem::Kind::kOther) << hex;
  }
  EXPECT_EQ(cbor_error("f0"), CborError::kMalformed);    // simple(16), not assigned
  EXPECT_EQ(cbor_error("f8ff"), CborError::kMalformed);  // simple(255)
}

// Numbers and lengths have one spelling.
TEST(Cbor, OnlyTheShortestForm) {
  for (const char* hex : {"1817", "190017", "1900ff", "1a0000ffff", "1b00000000ffffffff", "3817", "580100", "780161",
                          "980100", "b8010001"}) {
    EXPECT_EQ(cbor_error(hex), CborError::kNotShortest) << hex;
  }
}

TEST(Cbor, RefusesWhatCtap2DoesNotWrite) {
  EXPECT_EQ(cbor_error("5f4100ff"), CborError::kMalformed);  // indefinite lengths
  EXPECT_EQ(cbor_error("7f6161ff"), CborError::kMalformed);
  EXPECT_EQ(cbor_error("9f01ff"), CborError::kMalformed);
  EXPECT_EQ(cbor_error("bf0101ff"), CborError::kMalformed);
  EXPECT_EQ(cbor_error("ff"), CborError::kMalformed);
  EXPECT_EQ(cbor_error("1c"), CborError::kMalformed);        // reserved
  EXPECT_EQ(cbor_error("c001"), CborError::kMalformed);      // a tag
  EXPECT_EQ(cbor_error("62c328"), CborError::kMalformed);    // not UTF-8
  EXPECT_EQ(cbor_error("a1410001"), CborError::kMalformed);  // a key that is bytes
  EXPECT_EQ(cbor_error("a1f401"), CborError::kMalformed);    // a key that is false
  EXPECT_EQ(cbor_error("a201010102"), CborError::kDuplicateKey);
  EXPECT_EQ(cbor_error("a2616101616102"), CborError::kDuplicateKey);
  EXPECT_EQ(cbor_error("a22001200a"), CborError::kDuplicateKey);
  EXPECT_EQ(cbor_error("0000"), CborError::kTrailing);
  EXPECT_EQ(cbor_error(""), CborError::kTruncated);
}

// A length that the input cannot hold costs nothing: it is refused before anything is allocated.
TEST(Cbor, LengthsBeyondTheInput) {
  EXPECT_EQ(cbor_error("5b7fffffffffffffff00"), CborError::kTruncated);
  EXPECT_EQ(cbor_error("9bffffffffffffffff00"), CborError::kTruncated);
  EXPECT_EQ(cbor_error("bbffffffffffffffff00"), CborError::kTruncated);
  EXPECT_EQ(cbor_error("4201"), CborError::kTruncated);
  EXPECT_EQ(cbor_error("8301"), CborError::kTruncated);
  EXPECT_EQ(cbor_error("1901"), CborError::kTruncated);
}

TEST(Cbor, Depth) {
  std::string bytes(kCborDepthMax, '\x81');
  EXPECT_TRUE(parse_cbor(bytes + '\x01'));
  EXPECT_EQ(parse_cbor("\x81" + bytes + '\x01').error(), CborError::kTooDeep);
  EXPECT_EQ(parse_cbor(std::string(100'000, '\x81')).error(), CborError::kTooDeep);
}

TEST(Cbor, MembersAndItems) {
  EXPECT_TRUE(parse_cbor("\x98\x40" + std::string(kCborMembersMax, '\0')));
  EXPECT_EQ(parse_cbor("\x98\x41" + std::string(kCborMembersMax + 1, '\0')).error(), CborError::kTooLarge);
  // 17 arrays of 60: within the members, beyond the items.
  std::string bytes = "\x91";
  for (int i = 0; i < 17; ++i) bytes += "\x98\x3c" + std::string(60, '\0');
  EXPECT_EQ(parse_cbor(bytes).error(), CborError::kTooLarge);
}

TEST(Cbor, TakesOneItemAndLeavesTheRest) {
  const std::string bytes = from_hex("a10102f5").value();
  std::string_view rest = bytes;
  EXPECT_TRUE(take_cbor(rest)->is_map());
  EXPECT_EQ(rest, "\xf5");
  const std::string broken = from_hex("a10118").value();
  rest = broken;
  EXPECT_EQ(take_cbor(rest).error(), CborError::kTruncated);
  EXPECT_EQ(rest, broken);
}

/// The shortest head.
std::string cbor_head(unsigned major, std::uint64_t argument) {
  std::string out;
  const auto first = [&](unsigned information) { out.push_back(static_cast<char>(major << 5 | information)); };
  int size = 0;
  if (argument < 24) {
    first(static_cast<unsigned>(argument));
  } else {
    const unsigned log = argument <= 0xFF ? 0 : argument <= 0xFFFF ? 1 : argument <= 0xFFFFFFFF ? 2 : 3;
    first(24 + log);
    size = 1 << log;
  }
  for (int shift = (size - 1) * 8; shift >= 0; shift -= 8) out.push_back(static_cast<char>(argument >> shift & 0xFF));
  return out;
}

RC_GTEST_PROP(CborProperties, WhatIsWrittenIsRead, ()) {
  const auto number = *rc::gen::arbitrary<std::int64_t>();
  const auto text = *rc::gen::string<std::string>();
  const auto major = number < 0 ? 1U : 0U;
  const auto argument = static_cast<std::uint64_t>(number < 0 ? -1 - number : number);
  const std::string bytes = cbor_head(5, 2) + cbor_head(0, 1) + cbor_head(major, argument) + cbor_head(0, 2) +
                            cbor_head(2, text.size()) + text;
  const auto map = parse_cbor(bytes);
  RC_ASSERT(map.has_value());
  RC_ASSERT(map->integer_at(1) == number);
  RC_ASSERT(map->bytes_at(2) == std::string_view(text));
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    RC_ASSERT(parse_cbor(std::string_view(bytes).substr(0, size)).error() == CborError::kTruncated);
  }
}

}  // namespace
}  // namespace countersign::webauthn
