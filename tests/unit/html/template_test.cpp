#include "html/template.h"

#include <gtest/gtest.h>

#include <array>

namespace countersign::html {
namespace {

const Catalogue& catalogue() {
  static const std::array<EmbeddedFile, 2> files{{
      {"en.json", "{\"hello\": \"Hello, {name} & all\", \"left\": {\"one\": \"1 left\", \"other\": \"{n} left\"}}"},
      {"es.json", "{\"hello\": \"Hola, {name} & todos\", \"left\": {\"one\": \"Queda 1\", \"other\": \"Quedan {n}\"}}"},
  }};
  static const Catalogue loaded = *Catalogue::load(files);
  return loaded;
}

Result<Templates, TemplateError> parse(std::string_view text) {
  const std::array<EmbeddedFile, 2> files{{{"page.html", text}, {"part.html", "<i>{{name}}</i>"}}};
  return Templates::parse(files, catalogue());
}

std::string render(std::string_view text, const Object& values, std::string_view language = "en") {
  const auto templates = parse(text);
  EXPECT_TRUE(templates) << templates.error().sentence;
  return templates ? templates->render("page", values, *catalogue().find(language)) : "";
}

std::string fault(std::string_view text) {
  const auto templates = parse(text);
  return templates ? "" : templates.error().sentence;
}

TEST(Template, ValuesAreEscapedInContentAndAttributes) {
  EXPECT_EQ(render("<p title=\"{{name}}\">{{name}}</p>", {{"name", "<\"b\">"}}),
            "<p title=\"&lt;&quot;b&quot;&gt;\">&lt;&quot;b&quot;&gt;</p>");
}

TEST(Template, MarkupOnlyFromTheTypeAndOnlyInContent) {
  EXPECT_EQ(render("<p>{{name}}</p>", {{"name", Html("<svg/>")}}), "<p><svg/></p>");
  EXPECT_THROW(render("<p title=\"{{name}}\"></p>", {{"name", Html("x")}}), std::logic_error);
}

TEST(Template, SectionsListsAndInversion) {
  const Object one{{"name", "a"}};
  const Object two{{"name", "b"}};
  EXPECT_EQ(render("{{#all}}<li>{{name}}{{mark}}</li>{{/all}}{{^all}}none{{/all}}",
                   {{"all", List{one, two}}, {"mark", "!"}, {"name", "outer"}}),
            "<li>a!</li><li>b!</li>");
  EXPECT_EQ(render("{{#all}}x{{/all}}{{^all}}none{{/all}}", {{"all", List{}}}), "none");
  EXPECT_EQ(render("{{#yes}}1{{/yes}}{{#no}}2{{/no}}{{^gone}}3{{/gone}}{{#text}}4{{/text}}{{#zero}}5{{/zero}}",
                   {{"yes", true}, {"no", false}, {"text", ""}, {"zero", 0}}),
            "135");
  EXPECT_EQ(render("{{#inner}}{{name}}{{/inner}}{{name}}", {{"inner", Object{{"name", "in"}}}, {"name", "out"}}),
            "inout");
}

TEST(Template, SectionsOfAttributes) {
  const std::string_view text = "<input {{#a}} checked{{/a}}{{#b}} value=\"{{b}}\"{{/b}}>";
  EXPECT_EQ(render(text, {{"a", true}, {"b", "x"}}), "<input  checked value=\"x\">");
  EXPECT_EQ(render(text, {}), "<input >");
  EXPECT_NE(fault("<p {{#a}} title{{/a}}=\"{{name}}\"></p>"), "");
  EXPECT_NE(fault("<p {{#a}} on{{/a}}click=\"{{name}}\"></p>"), "");
}

TEST(Template, PartialsAndTexts) {
  const Object values{{"name", "<Ana>"}, {"n", 1}};
  EXPECT_EQ(render("{{>part}}", values), "<i>&lt;Ana&gt;</i>");
  EXPECT_EQ(render("{{@hello}}", values), "Hello, &lt;Ana&gt; &amp; all");
  EXPECT_EQ(render("{{@hello}}", values, "es"), "Hola, &lt;Ana&gt; &amp; todos");
  EXPECT_EQ(render("{{@left}}", values), "1 left");
  EXPECT_EQ(render("{{@left}}", {{"n", 2}}, "es"), "Quedan 2");
}

TEST(Template, ALinkLeadsNowhereUnlessItIsSafe) {
  EXPECT_EQ(render("<a href=\"{{to}}\">x</a>", {{"to", "javascript:alert(1)"}}), "<a href=\"#\">x</a>");
  EXPECT_EQ(render("<a href=\"{{to}}\">x</a>", {{"to", "https://a.example/?a=1&b=2"}}),
            "<a href=\"https://a.example/?a=1&amp;b=2\">x</a>");
  EXPECT_EQ(render("<a href=\"/x?{{to}}\">x</a>", {{"to", "y:z"}}), "<a href=\"/x?y:z\">x</a>");
  EXPECT_EQ(render("<a {{#to}}href=\"{{to}}\"{{/to}}>x</a>", {{"to", "//evil.example"}}), "<a href=\"#\">x</a>");
}

TEST(Template, ValuesWhereTheyCouldRunAreRefused) {
  for (const char* text : {
           "<p title={{name}}></p>",
           "<p title='{{name}}'></p>",
           "<p {{name}}></p>",
           "<{{name}}></p>",
           "<p onclick=\"{{name}}\"></p>",
           "<p STYLE=\"{{name}}\"></p>",
           "<img srcset=\"{{name}}\">",
           "<script>{{name}}</script>",
           "<style>{{name}}</style>",
           "<!-- {{name}} -->",
           "<p title=\"x\" {{>part}}></p>",
       }) {
    EXPECT_NE(fault(text), "") << text;
  }
}

TEST(Template, WhatIsMalformedIsRefusedWithItsLine) {
  EXPECT_EQ(fault("a\nb {{name"), "page.html:2: {{ is never closed");
  EXPECT_NE(fault("{{#a}}x"), "");
  EXPECT_NE(fault("{{/a}}"), "");
  EXPECT_NE(fault("{{#a}}{{#b}}{{/a}}{{/b}}"), "");
  EXPECT_NE(fault("{{>gone}}"), "");
  EXPECT_NE(fault("{{@gone}}"), "");
  EXPECT_NE(fault("{{Name}}"), "");
  EXPECT_NE(fault("<p"), "");
  EXPECT_NE(fault("<p {{#a}}title=\"{{/a}}x\">"), "");  // Ends inside of an attribute.
}

TEST(Template, AMissingValueIsABug) { EXPECT_THROW(render("{{name}}", {}), std::logic_error); }

}  // namespace
}  // namespace countersign::html
