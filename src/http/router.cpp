#include "http/router.h"

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <utility>

#include "base/check.h"
#include "base/encoding.h"
#include "base/id.h"

namespace countersign::http {
namespace {

constexpr std::array kRoutableMethods{Method::kGet,   Method::kHead,   Method::kPost,   Method::kPut,
                                      Method::kPatch, Method::kDelete, Method::kOptions};

/// More than any route has, so that a lookup needs no memory.
constexpr std::size_t kCapturesMax = 8;

/// The first segment, and the rest after its slash; the last segment has no rest.
struct Cut {
  std::string_view segment;
  std::optional<std::string_view> rest;
};

Cut cut(std::string_view path) {
  const auto slash = path.find('/');
  if (slash == std::string_view::npos) return {path, std::nullopt};
  return {path.substr(0, slash), path.substr(slash + 1)};
}

bool is_capture(std::string_view segment) { return segment.starts_with('{') && segment.ends_with('}'); }
bool is_rest(std::string_view segment) { return is_capture(segment) && segment.ends_with("*}"); }

}  // namespace

struct Router::Route {
  std::string name;
  std::string pattern;
  Handler handler;
  std::optional<std::size_t> object;  ///< The capture that identifies the route's object.
};

struct Router::Node {
  std::vector<std::pair<std::string, std::unique_ptr<Node>>> literals;
  std::unique_ptr<Node> capture;
  std::unique_ptr<Node> rest;
  std::array<std::unique_ptr<Route>, kRoutableMethods.size()> routes;

  Node& child(std::string_view segment) {
    if (is_capture(segment)) {
      auto& slot = is_rest(segment) ? rest : capture;
      if (!slot) slot = std::make_unique<Node>();
      return *slot;
    }
    CS_CHECK(segment.find_first_of("{}*") == std::string_view::npos);
    if (auto* const found = literal(segment)) return *found;
    return *literals.emplace_back(std::string(segment), std::make_unique<Node>()).second;
  }

  [[nodiscard]] Node* literal(std::string_view segment) const {
    const auto found =
        std::ranges::find(literals, segment, [](const auto& entry) -> std::string_view { return entry.first; });
    return found == literals.end() ? nullptr : found->second.get();
  }

  [[nodiscard]] const Route* route_for(Method method) const {
    if (method == Method::kOther) return nullptr;
    const auto& own = routes[static_cast<std::size_t>(method)];
    if (!own && method == Method::kHead) return routes[static_cast<std::size_t>(Method::kGet)].get();
    return own.get();
  }

  [[nodiscard]] bool allows(Method method) const { return route_for(method) != nullptr; }
};

namespace {

/// One lookup: walks the tree, literals first, and collects the allowed methods in case the method does not match.
class Search {
 public:
  explicit Search(Method method) : method_(method) {}

  template <class Node>
  [[nodiscard]] auto find(const Node& node, std::string_view path) -> decltype(node.route_for(Method::kGet)) {
    const auto [segment, rest] = cut(path);
    if (const auto* const next = node.literal(segment)) {
      if (const auto* const route = descend(*next, rest)) return route;
    }
    if (node.capture && !segment.empty()) {
      captures_[count_++] = segment;
      if (const auto* const route = descend(*node.capture, rest)) return route;
      --count_;
    }
    if (node.rest && !path.empty()) {
      captures_[count_++] = path;
      if (const auto* const route = arrive(*node.rest)) return route;
      --count_;
    }
    return nullptr;
  }

  [[nodiscard]] std::vector<std::string> params() const {
    std::vector<std::string> decoded;
    decoded.reserve(count_);
    for (const auto capture : std::span(captures_).first(count_)) {
      auto text = percent_decode(capture, Plus::kIsPlus);
      CS_CHECK(text.has_value());  // The parser rejects broken escapes.
      decoded.push_back(std::move(*text));
    }
    return decoded;
  }

  [[nodiscard]] std::string allow() const {
    std::string text;
    for (const auto method : kRoutableMethods) {
      if (!allowed_[static_cast<std::size_t>(method)]) continue;
      if (!text.empty()) text += ", ";
      text += method_name(method);
    }
    return text;
  }

 private:
  template <class Node>
  auto descend(const Node& node, std::optional<std::string_view> rest) -> decltype(node.route_for(Method::kGet)) {
    return rest ? find(node, *rest) : arrive(node);
  }

  template <class Node>
  auto arrive(const Node& node) -> decltype(node.route_for(Method::kGet)) {
    for (const auto method : kRoutableMethods) {
      if (node.allows(method)) allowed_[static_cast<std::size_t>(method)] = true;
    }
    return node.route_for(method_);
  }

  Method method_;
  std::array<std::string_view, kCapturesMax> captures_;
  std::size_t count_ = 0;
  std::array<bool, kRoutableMethods.size()> allowed_{};
};

}  // namespace

Router::Router()
    : root_(std::make_unique<Node>()),
      not_found_([](const Request&, Reply reply) { reply.send(plain_problem(404, "not_found")); }),
      method_not_allowed_([](const Request&, Reply reply, std::string allow) {
        auto response = plain_problem(405, "method_not_allowed");
        response.headers.emplace_back("Allow", std::move(allow));
        reply.send(std::move(response));
      }) {}

Router::Router(Router&&) noexcept = default;
Router& Router::operator=(Router&&) noexcept = default;
Router::~Router() = default;

void Router::add(Method method, std::string_view pattern, std::string_view name, Handler handler) {
  CS_CHECK(pattern.starts_with('/') && method != Method::kOther);
  Node* node = root_.get();
  std::optional<std::size_t> object;
  std::size_t captures = 0;
  std::optional<std::string_view> rest = pattern.substr(1);
  while (rest) {
    const auto [segment, next] = cut(*rest);
    CS_CHECK(!is_rest(segment) || !next);
    if (segment == "{id}" || segment == "{sid}") object = captures;
    if (is_capture(segment)) ++captures;
    CS_CHECK(captures <= kCapturesMax);
    node = &node->child(segment);
    rest = next;
  }
  auto& slot = node->routes[static_cast<std::size_t>(method)];
  CS_CHECK(slot == nullptr);
  slot = std::make_unique<Route>(Route{std::string(name), std::string(pattern), std::move(handler), object});
}

void Router::on_not_found(Handler handler) { not_found_ = std::move(handler); }
void Router::on_method_not_allowed(MethodNotAllowed handler) { method_not_allowed_ = std::move(handler); }

Router::Match Router::match(Request& request) const {
  if (!request.path.starts_with('/')) return {};  // OPTIONS *
  Search search(request.method);
  const Route* const route = search.find(*root_, std::string_view(request.path).substr(1));
  if (route == nullptr) return {nullptr, search.allow()};
  request.params = search.params();
  request.route = route->name;
  request.pattern = route->pattern;
  if (route->object && looks_like_id(request.params[*route->object])) request.object_at = route->object;
  return {route};
}

void Router::call(Match match, Request request, Reply reply) const {
  if (match.route != nullptr) {
    match.route->handler(std::move(request), std::move(reply));
  } else if (!match.allow.empty()) {
    method_not_allowed_(std::move(request), std::move(reply), std::move(match.allow));
  } else {
    not_found_(std::move(request), std::move(reply));
  }
}

void Router::dispatch(Request request, Reply reply) const {
  auto found = match(request);
  call(std::move(found), std::move(request), std::move(reply));
}

}  // namespace countersign::http
