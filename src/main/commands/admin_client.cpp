#include "main/commands/admin_client.h"

#include <fmt/format.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

namespace countersign::main {

namespace {

namespace beast = boost::beast;
using boost::system::error_code;

constexpr auto kAnswerWithin = std::chrono::seconds(20);  // Longer than the timeout of the server's store.

AdminAnswer read_answer(unsigned status, std::string_view text) {
  auto value = parse_json(text);
  const bool readable = value && value->is_object();
  if (status == 200 && readable) return std::move(value->get_object());
  const auto said = readable ? json_text(value->get_object(), "error") : std::nullopt;
  if (said) return fail(std::string(*said));
  return fail(fmt::format("the server answered {}; its log may say more", status));
}

}  // namespace

AdminAnswer ask_server(Descriptor connection, const AdminCall& call) {
  beast::http::request<beast::http::string_body> request(beast::http::verb::post, admin_path(call.operation), 11);
  request.set(beast::http::field::host, "localhost");
  request.set(beast::http::field::content_type, "application/json");
  request.body() = canonical_json(call.arguments);
  request.prepare_payload();
  beast::http::response_parser<beast::http::string_body> answer;
  answer.body_limit(kAdminAnswerMax);

  boost::asio::io_context context;
  beast::basic_stream<boost::asio::local::stream_protocol> stream(context);
  beast::flat_buffer buffer;
  error_code error;
  stream.socket().assign(boost::asio::local::stream_protocol(), connection.release(), error);
  stream.expires_after(kAnswerWithin);
  const auto on_read = [&](const error_code& failed, std::size_t) { error = failed; };
  const auto on_written = [&](const error_code& failed, std::size_t) {
    error = failed;
    if (!failed) beast::http::async_read(stream, buffer, answer, on_read);
  };
  if (!error) beast::http::async_write(stream, request, on_written);
  context.run();
  if (error || !answer.is_done()) {
    return fail(fmt::format("the server has not answered ({}); it may have done it: look before you repeat it",
                            error.message()));
  }
  return read_answer(answer.get().result_int(), answer.get().body());
}

}  // namespace countersign::main
