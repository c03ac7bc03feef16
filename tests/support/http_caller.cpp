#include "support/http_caller.h"
#include "base/ascii.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "base/check.h"

namespace countersign::testing {

std::optional<std::string> HttpAnswer::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (key == name) return value;
  }
  return std::nullopt;
}

json::object HttpAnswer::json() const {
  auto value = parse_json(body);
  return value && value->is_object() ? value->get_object() : json::object();
}

std::string HttpAnswer::text(std::string_view name) const {
  return std::string(json_text(json(), name).value_or(std::string_view()));
}

HttpCaller::HttpCaller(std::string_view url, std::string bearer) : bearer_(std::move(bearer)) {
  constexpr std::string_view kScheme = "http://";
  CS_CHECK(url.starts_with(kScheme));
  url.remove_prefix(kScheme.size());
  const std::size_t colon = url.find(':');
  CS_CHECK(colon != std::string_view::npos);
  address_ = url.substr(0, colon);
  port_ = std::atoi(std::string(url.substr(colon + 1)).c_str());
}

HttpCaller::~HttpCaller() { close(); }

void HttpCaller::close() {
  if (socket_ >= 0) ::close(socket_);
  socket_ = -1;
  received_.clear();
}

bool HttpCaller::connect() {
  if (socket_ >= 0) return true;
  socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in peer{};
  peer.sin_family = AF_INET;
  peer.sin_port = htons(static_cast<std::uint16_t>(port_));
  CS_CHECK(::inet_pton(AF_INET, address_.c_str(), &peer.sin_addr) == 1);
  const int on = 1;
  ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  const timeval patience{300, 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  if (::connect(socket_, reinterpret_cast<const sockaddr*>(&peer), sizeof peer) == 0) return true;
  close();
  return false;
}

bool HttpCaller::send_all(std::string_view text) const {
  while (!text.empty()) {
    const auto sent = ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

bool HttpCaller::receive() {
  std::array<char, 16'384> buffer;
  const auto got = ::recv(socket_, buffer.data(), buffer.size(), 0);
  if (got <= 0) return false;
  received_.append(buffer.data(), static_cast<std::size_t>(got));
  return true;
}

HttpAnswer HttpCaller::call(std::string_view method, std::string_view path, std::string_view body,
                            const Headers& headers) {
  std::string request(method);
  request.append(" ").append(path).append(" HTTP/1.1\r\n");
  const bool names_host = std::ranges::any_of(headers, [](const auto& header) { return header.first == "Host"; });
  if (!names_host) request.append("Host: ").append(address_).append("\r\n");
  if (!bearer_.empty()) request.append("Authorization: Bearer ").append(bearer_).append("\r\n");
  for (const auto& [name, value] : headers) request.append(name).append(": ").append(value).append("\r\n");
  if (!body.empty()) request.append("Content-Type: application/json\r\n");
  if (!body.empty() || method != "GET") request += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  request.append("\r\n").append(body);
  if (!connect() || !send_all(request)) {
    close();
    return {};
  }
  HttpAnswer answer = read_answer();
  if (answer.status == 0 || answer.header("connection") == "close") close();
  return answer;
}

HttpAnswer HttpCaller::read_answer() {
  HttpAnswer answer;
  std::size_t head_end = std::string::npos;
  while ((head_end = received_.find("\r\n\r\n")) == std::string::npos) {
    if (!receive()) return {};
  }
  std::size_t length = 0;
  std::string_view head = std::string_view(received_).substr(0, head_end + 2);
  answer.status = std::atoi(std::string(head.substr(9, 3)).c_str());
  head.remove_prefix(head.find("\r\n") + 2);
  while (!head.empty()) {
    const std::string_view line = head.substr(0, head.find("\r\n"));
    head.remove_prefix(line.size() + 2);
    const std::size_t colon = line.find(':');
    CS_CHECK(colon != std::string_view::npos);
    std::string name = lower_case(line.substr(0, colon));
    std::string value(line.substr(std::min(line.find_first_not_of(' ', colon + 1), line.size())));
    if (name == "content-length") length = static_cast<std::size_t>(std::atoll(value.c_str()));
    answer.headers.emplace_back(std::move(name), std::move(value));
  }
  const std::size_t begin = head_end + 4;
  while (received_.size() < begin + length) {
    if (!receive()) return {};
  }
  answer.body = received_.substr(begin, length);
  received_.erase(0, begin + length);
  return answer;
}

}  // namespace countersign::testing
