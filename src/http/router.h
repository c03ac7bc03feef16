#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "http/reply.h"

namespace countersign::http {

/// Maps method and path to a handler. Filled at start, then read by all I/O threads.
///
/// A pattern is a path whose segments are literals or captures: `/v1/transactions/{id}/claim`. A capture takes one
/// whole non-empty segment; `{rest*}`, only at the end, takes the rest, including slashes. Literals win over captures.
/// Literals are compared with the path as received: an escaped spelling is a different path, as in the access rules of
/// a proxy in front. Trailing slashes matter. HEAD uses GET's handler if it has none.
class Router {
 public:
  Router();
  Router(Router&&) noexcept;
  Router& operator=(Router&&) noexcept;
  ~Router();

  /// `name` is for metrics and logs (few, fixed words: paths may contain secrets). Two routes for the same method and
  /// path, or a malformed pattern, are bugs and end the process. The value of a capture `{id}` or `{sid}` becomes
  /// request.object(), which is logged if it has the form of an id: never use these names for secrets or people's
  /// names.
  void add(Method method, std::string_view pattern, std::string_view name, Handler handler);

  /// Handler for unknown paths. Default: plain_problem(404, "not_found").
  void on_not_found(Handler handler);
  /// Handler for a known path with another method; `allow` is the value of the Allow header, which the handler sets.
  /// Default: plain_problem(405, "method_not_allowed") with Allow.
  using MethodNotAllowed = std::function<void(Request, Reply, std::string allow)>;
  void on_method_not_allowed(MethodNotAllowed handler);

  /// Finds the route and sets request.params, .route and .object_at; call() then runs its handler.
  struct Route;
  struct Match {
    const Route* route = nullptr;
    std::string allow{};  ///< Without a route: the methods that the path allows; empty for an unknown path.
  };
  [[nodiscard]] Match match(Request& request) const;
  void call(Match match, Request request, Reply reply) const;

  /// Finds and calls.
  void dispatch(Request request, Reply reply) const;

 private:
  struct Node;
  std::unique_ptr<Node> root_;
  Handler not_found_;
  MethodNotAllowed method_not_allowed_;
};

}  // namespace countersign::http
