#include "api/json_writer.h"

#include <gtest/gtest.h>

#include "base/id.h"

namespace countersign::api {
namespace {

TEST(JsonWriter, AMemberIsWrittenAsWhatItIs) {
  const auto id = *TransactionId::parse("TX00000000000000000000000000000001");
  JsonWriter json;
  json.open_object().member("literal", "a\"b").member("text", std::string("x")).member("view", std::string_view("y"));
  json.member("number", 7).member("big", std::int64_t{1} << 40).member("yes", true).member("no", false);
  json.member("time", from_micros(1'700'000'000'000'000)).member("id", id).member("null", nullptr);
  json.raw_member("raw", R"({"a":1})").close_object();
  EXPECT_EQ(
      json.take(),
      R"({"literal":"a\"b","text":"x","view":"y","number":7,"big":1099511627776,"yes":true,"no":false,)"
      R"("time":"2023-11-14T22:13:20.000Z","id":"TX00000000000000000000000000000001","null":null,"raw":{"a":1}})");
}

TEST(JsonWriter, AMemberThatIsAbsentIsNull) {
  JsonWriter json;
  json.open_object().member("text", std::optional<std::string>()).member("time", std::optional<WallTime>());
  json.member("id", std::optional<TransactionId>()).member("number", std::optional<int>());
  json.member("there", std::optional<std::string>("")).member("false", std::optional(false));
  json.member("empty", unless_empty("")).member("full", unless_empty("z")).close_object();
  EXPECT_EQ(json.take(), R"({"text":null,"time":null,"id":null,"number":null,"there":"","false":false,)"
                         R"("empty":null,"full":"z"})");
}

}  // namespace

}  // namespace countersign::api
