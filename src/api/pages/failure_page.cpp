#include "api/pages/failure_page.h"

#include <fmt/format.h>

#include <exception>

#include "api/pages/answer.h"
#include "api/template_files.h"
#include "base/check.h"
#include "base/html_text.h"
#include "html/escape.h"

namespace countersign::api::pages {

namespace {

std::string_view kind_of(int status) {
  if (status >= 500) return "broken";
  return status == 404 || status == 410 ? "unavailable" : "refused";
}

/// For a broken template: the same text, with nothing that can fail again.
std::string plain_page(const html::Language& language, std::string_view kind, const Failed& failed) {
  std::string page;
  const auto text = [&](std::string_view key) {
    append_html_escaped(page, language.text(fmt::format("{}.{}", kind, key)));
  };
  page += fmt::format(
      "<!doctype html>\n<html lang=\"{}\">\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>",
      language.tag());
  text("title");
  page += "</title>\n<h1>";
  text("title");
  page += "</h1>\n<p>";
  text("text");
  page += "</p>\n<p>";
  append_html_escaped(page, failed.request_id);
  page += "</p>\n";
  if (failed.back_url.empty() || !html::is_safe_link(failed.back_url)) return page;
  page += "<p><a href=\"";
  append_html_escaped(page, failed.back_url);
  page += "\">";
  append_html_escaped(page, failed.back_label);
  return page + "</a></p>\n";
}

std::string rendered(const FailureLook& look, std::string_view kind, const Failed& failed) {
  html::Object values = look.frame;
  values.emplace("acted", false);
  values.insert_or_assign("page", kind);
  values.insert_or_assign("page_title", look.language.text(fmt::format("{}.title", kind)));
  values.insert_or_assign("headline", look.language.text(fmt::format("{}.title", kind)));
  values.insert_or_assign("explanation", look.language.text(fmt::format("{}.text", kind)));
  values.insert_or_assign("request", failed.request_id);
  values.insert_or_assign("back_url", failed.back_url);
  values.insert_or_assign("back_label", failed.back_label);
  return look.templates.render("unavailable", values, look.language);
}

}  // namespace

http::Response failure_page(const FailureLook& look, const Failed& failed) {
  const auto kind = kind_of(failed.status);
  try {
    return html_response(look.https, failed.status, rendered(look, kind, failed));
  } catch (const std::exception&) {
    return html_response(look.https, failed.status, plain_page(look.language, kind, failed));
  }
}

}  // namespace countersign::api::pages

namespace countersign::api {

namespace {

html::Templates parsed_page_templates() {
  auto templates = html::Templates::parse(pages::template_files(), html::built_in_catalogue());
  CS_CHECK(templates.has_value());
  return *std::move(templates);
}

bool is_at_or_below(std::string_view path, std::string_view place) {
  return path == place || (path.starts_with(place) && path[place.size()] == '/');
}

/// Replaces an error response by a page.
class PageSink final : public http::ReplySink {
 public:
  PageSink(const FailurePages& pages, const http::Request& request, http::Reply reply)
      : pages_(pages),
        path_(request.path),
        id_(request.id),
        accept_(request.header("accept").value_or("")),
        language_(request.header("accept-language").value_or("")),
        reply_(std::move(reply)) {}

  void answer(std::uint64_t, http::Response response) override {
    if (response.content_type != "application/problem+json") return reply_.send(std::move(response));
    auto page = pages_.page({response.status, response.code, path_, id_, accept_, language_});
    page.code = response.code;
    for (auto& header : response.headers) page.headers.push_back(std::move(header));
    reply_.send(std::move(page));
  }
  void abandon(std::uint64_t) override {
    const http::Reply left = std::move(reply_);  // Its destructor sends the response.
  }
  Executor& executor() override { return reply_.executor(); }
  void say_object(std::uint64_t, std::string id) override { reply_.say_object(std::move(id)); }
  void say_account(std::uint64_t, std::string id) override { reply_.say_account(std::move(id)); }

 private:
  const FailurePages& pages_;
  const std::string path_;
  const std::string id_;
  const std::string accept_;
  const std::string language_;
  http::Reply reply_;
};

}  // namespace

FailurePages::FailurePages(std::string_view public_url, bool development, const Clock& clock)
    : host_(public_url.substr(public_url.find("://") == std::string_view::npos ? 0 : public_url.find("://") + 3)),
      https_(public_url.starts_with("https://")),
      development_(development),
      clock_(clock),
      catalogue_(html::built_in_catalogue()),
      templates_(parsed_page_templates()) {}

bool FailurePages::takes(std::string_view path, std::string_view accept) const {
  if (accept.find("text/html") == std::string_view::npos) return false;
  if (is_at_or_below(path, "/verify") || is_at_or_below(path, "/approve")) return true;
  return development_ && (path == "/" || is_at_or_below(path, "/docs") || is_at_or_below(path, "/dev/inbox"));
}

bool FailurePages::takes(const http::Request& request) const {
  return takes(request.path, request.header("accept").value_or(""));
}

http::Response FailurePages::page(const http::Failure& failure) const {
  const auto* wished = catalogue_.negotiate(failure.accept_language);
  const html::Language& language = wished != nullptr ? *wished : *catalogue_.find("en");
  const auto frame = pages::frame_values(host_, language, {"Countersign", "", {}, "", "", {}}, nullptr, clock_.now());
  pages::Failed failed{failure.status, std::string(failure.request_id)};
  // For a person the way back is the application, unknown here; for a developer it is the home page.
  if (development_ && !is_at_or_below(failure.path, "/verify") && failure.path != "/") {
    failed.back_url = "/";
    failed.back_label = language.text("back", {{"brand", "Countersign"}});
  }
  auto response = pages::failure_page({templates_, language, frame, https_}, failed);
  response.code = failure.code;
  return response;
}

http::Response FailurePages::page(const http::Request& request, int status, std::string_view code) const {
  return page({status, code, request.path, request.id, request.header("accept").value_or(""),
               request.header("accept-language").value_or("")});
}

http::Handler FailurePages::for_browsers(http::Handler handler) const {
  return [this, handler = std::move(handler)](http::Request request, http::Reply reply) {
    if (!takes(request)) return handler(std::move(request), std::move(reply));
    auto sink = std::make_shared<PageSink>(*this, request, std::move(reply));
    handler(std::move(request), http::Reply(std::move(sink), 1));
  };
}

}  // namespace countersign::api
