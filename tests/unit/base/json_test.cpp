#include "base/json.h"

#include "base/json_memory.h"

#include <gtest/gtest.h>

namespace countersign {
namespace {

std::string canonical(std::string_view text) {
  const auto value = parse_json(text);
  return value ? canonical_json(*value) : "refused";
}

TEST(CanonicalJson, SortsNamesByUtf16AndWritesShortestNumbers) {
  // RFC 8785, section 3.2.2 and 3.2.3.
  EXPECT_EQ(
      canonical(
          R"({"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],"literals":[null,true,false]})"),
      R"({"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27]})");
  EXPECT_EQ(
      canonical("{\"\\u20ac\":1,\"\\r\":2,\"\\ufb33\":3,\"1\":4,\"\\ud83d\\ude00\":5,\"\\u0080\":6,\"\\u00f6\":7}"),
      "{\"\\r\":2,\"1\":4,\"\xC2\x80\":6,\"\xC3\xB6\":7,\"\xE2\x82\xAC\":1,\"\xF0\x9F\x98\x80\":5,\"\xEF\xAC\xB3\":3}");
}

TEST(CanonicalJson, EscapesWhatMustBeAndKeepsWhatStandsAround) {
  EXPECT_EQ(canonical(R"(["","\u0041b\"c\\","\u0001\b\f\n\r\t\u001f/\u007f","x\ny","\u00e7\"\u00e7"])"),
            "[\"\",\"Ab\\\"c\\\\\",\"\\u0001\\b\\f\\n\\r\\t\\u001f/\x7F\",\"x\\ny\",\"\xC3\xA7\\\"\xC3\xA7\"]");
  EXPECT_EQ(canonical(R"({"ab":1,"a":2,"":3,"a\"":4})"), R"({"":3,"a":2,"a\"":4,"ab":1})");
}

TEST(ParseJson, ReadsIntoMemoryThatItIsGiven) {
  std::string lines = "[";  // More than the memory has room for on the stack.
  for (int i = 0; i < 200; ++i) lines += R"({"label":"a line of a display","value":"and what it says"},)";
  lines.back() = ']';
  for (const std::string& text : {std::string(R"({"a":["longer than a short text",1]})"), lines}) {
    json::value copy;
    {
      JsonMemory memory;
      const auto value = parse_json(text, memory);
      ASSERT_TRUE(value.has_value());
      EXPECT_EQ(canonical_json(*value), text);
      copy = *value;
    }
    EXPECT_EQ(canonical_json(copy), text) << "a copy outlives the memory";
  }
  JsonMemory memory;
  EXPECT_EQ(parse_json(R"({"a":1,"a":2})", memory).error().code, JsonError::Code::kDuplicateName);
  EXPECT_EQ(parse_json("[[]]", memory, {.depth = 1}).error().code, JsonError::Code::kTooDeep);
}

TEST(ParseJson, RefusesWhatReceiversWouldReadDifferently) {
  EXPECT_EQ(parse_json(R"({"a":1,"a":2})").error().code, JsonError::Code::kDuplicateName);
  EXPECT_EQ(parse_json("9007199254740992").error().code, JsonError::Code::kNumberOutOfRange);
  EXPECT_EQ(parse_json("[123456789012345678901234567890]").error().code, JsonError::Code::kNumberOutOfRange);
  // Its canonical form would be 66666666666666670, an integer beyond 2^53. Found by the fuzzer.
  EXPECT_EQ(parse_json("66666666666666666.7").error().code, JsonError::Code::kNumberOutOfRange);
  EXPECT_TRUE(parse_json("1e21").has_value());
  EXPECT_EQ(parse_json("1e400").error().code, JsonError::Code::kNumberOutOfRange);
  EXPECT_EQ(parse_json(std::string(40, '[')).error().code, JsonError::Code::kTooDeep);
  EXPECT_EQ(parse_json("{} x").error().code, JsonError::Code::kSyntax);
  EXPECT_EQ(parse_json("").error().code, JsonError::Code::kSyntax);
  EXPECT_EQ(parse_json("\"\xC0\xAF\"").error().code, JsonError::Code::kSyntax);
}

}  // namespace
}  // namespace countersign
