#include "api/assets/assets.h"

#include <fmt/format.h>

#include "api/assets/encoding.h"
#include "api/problem.h"
#include "assets/assets.h"

namespace countersign::api {

namespace {

/// All fields of a repeatable header, joined as one list.
std::string list_of(const http::Request& request, std::string_view name) {
  std::string list;
  for (const auto value : request.header_values(name)) list.append(list.empty() ? "" : ",").append(value);
  return list;
}

struct Form {
  std::string_view bytes;
  std::string_view coding;
};

Form form_of(const assets::Asset& asset, ContentCoding coding) {
  switch (coding) {
    case ContentCoding::kBrotli:
      return {asset.brotli, "br"};
    case ContentCoding::kGzip:
      return {asset.gzip, "gzip"};
    case ContentCoding::kIdentity:
      break;
  }
  return {asset.plain, ""};
}

http::Response answer(const assets::Asset& asset, const http::Request& request) {
  const auto [bytes, coding] = form_of(asset, choose_coding(list_of(request, "accept-encoding")));
  // Each coding has different bytes, so it needs a different tag (RFC 9110 section 8.8.3.3).
  const auto etag = fmt::format("\"{}{}{}\"", asset.digest, coding.empty() ? "" : "-", coding);
  http::Response response{200, std::string(asset.content_type), std::string(bytes), {}};
  if (matches_etag(list_of(request, "if-none-match"), etag)) response = {304, {}, {}, {}};
  response.headers = {{"Cache-Control", "public, max-age=31536000, immutable"},
                      {"ETag", etag},
                      {"Vary", "Accept-Encoding"},
                      {"Cross-Origin-Resource-Policy", "same-origin"}};
  if (response.status == 200 && !coding.empty()) response.headers.emplace_back("Content-Encoding", coding);
  return response;
}

}  // namespace

void add_asset_routes(http::Router& router) {
  router.add(http::Method::kGet, "/favicon.ico", "asset", [](const http::Request&, http::Reply reply) {
    const auto* icon = assets::find(assets::url("icon.svg").substr(std::string_view("/assets/").size()));
    reply.send({200,
                std::string(icon->content_type),
                std::string(icon->plain),
                {{"Cache-Control", "public, max-age=86400"}, {"Cross-Origin-Resource-Policy", "same-origin"}}});
  });
  router.add(http::Method::kGet, "/assets/{name}", "asset", [](http::Request request, http::Reply reply) {
    const auto* asset = assets::find(request.params.at(0));
    if (asset == nullptr) return reply.send(problem_response(404, "not_found", "there is nothing at this path"));
    reply.send(answer(*asset, request));
  });
}

}  // namespace countersign::api
